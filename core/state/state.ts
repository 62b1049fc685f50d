import { emptyLedger, type Ledger } from '../ledger/ledger.ts';
import type { Hash, LogId } from '../units.ts';
import type { Verified, VerifiedRecord } from '../verify/record.ts';
import type { Configuration } from './compile.ts';
import { branchFold, type DraftFold, emptyFold, foldDrafts, isAt } from './draft-fold.ts';
import { endOfLog } from './evidence.ts';
import { editorLogs, type Judgement, judge, reach } from './judgement.ts';
import { emptyMembership, foldMembership, freeze, type Membership, newestOf } from './membership.ts';
import { proposalOf } from './proposals.ts';
import { keepBook, seatFacts } from './seat-keeping.ts';
import { addMove, emptySeatBook, isSeatMove, type SeatBook, versionKnown } from './seat-moves.ts';
import { firstParted, type Place, partedText, settleFrom, waitsForOthers } from './settlement.ts';
import type { Version } from './versions.ts';

/** What a host says of itself in its log. */
interface HostReport {
  readonly applied: Verified<'applied'> | null;
  readonly holding: Verified<'holding'> | null;
}

interface Parted {
  readonly trunk: Place;
  readonly place: Place;
  /** With what the version after `place` was found not to recompile. */
  readonly stuck: string;
}

/** What the ledger means to a host: membership, the registry as drafted, and the content of versions. `derive` changes it in place. */
export interface State {
  readonly ledger: Ledger;
  readonly membership: Membership;
  /** Versions whose drafts have been folded into `base`, the genesis first. */
  readonly settled: Version[];
  /** The draft document at the newest settled version's frontier. */
  base: DraftFold;
  /** The draft document with every admissible draft that is known. */
  live: DraftFold;
  /** Who may edit and how far, as `live` has it; null where it must be begun anew. */
  liveEnds: string | null;
  /** Where versions begin to have more of a forked log than its histories share, and how far they are settled from there. */
  parted: Parted | null;
  /** What the choice among histories rests on. */
  partedText: string;
  /** Final verdicts on candidates whose parent is the newest settled version. */
  readonly judgements: Map<Hash, Judgement>;
  /** Configurations by version id, as far as they have been compiled or loaded. */
  readonly configurations: Map<Hash, { readonly configuration: Configuration; readonly bytes: Uint8Array }>;
  readonly reports: Map<LogId, HostReport>;
  /** Records of use by log, as their hosts signed them. */
  readonly usage: Map<LogId, Verified<'usage'>[]>;
  /** Where seats have gone, and the ends of logs by which that was booked. */
  seats: SeatBook;
  bookedEnds: string;
}

/** The state of an empty ledger. */
export function emptyState(realm: Hash): State {
  return {
    ledger: emptyLedger(realm),
    membership: emptyMembership(realm),
    settled: [],
    base: emptyFold(),
    live: emptyFold(),
    liveEnds: null,
    parted: null,
    partedText: '',
    judgements: new Map(),
    configurations: new Map(),
    reports: new Map(),
    usage: new Map(),
    seats: emptySeatBook(),
    bookedEnds: '',
  };
}

/** Brings the state up to a record that has just been added to the ledger, and gives the versions that it certified. Any order of arrival ends in the same state. */
export function derive(state: State, record: VerifiedRecord): readonly Version[] {
  const certified = foldMembership(state.membership, record);
  noteReport(state, record);
  if (isSeatMove(record)) addMove(state.seats, record, seatFacts(state));
  if (state.membership.versions.length === 0) return certified;
  // Who may edit changes with a certificate, though what it certifies may wait for records long after.
  const changed = settle(state) || certified.length > 0 || RESTRICTING.has(record.type);
  if (changed) begunAnew(state);
  else if (record.type === 'draft') foldLive(state);
  return certified;
}

/** Brings the state up to records of other histories of forked logs, which count for nothing but what versions were made of. */
export function deriveHistories(state: State): void {
  if (state.membership.versions.length > 0 && settle(state)) begunAnew(state);
}

function begunAnew(state: State): void {
  keepBook(state);
  redraft(state);
}

/** Freezes a log at the place of a fork that was met; true if it was not frozen there before (DESIGN: records, forks). */
export function restrict(state: State, log: LogId, seq: number): boolean {
  const frozen = freeze(state.membership, log, seq);
  if (!frozen) return false;
  if (state.membership.versions.length > 0) {
    settle(state);
    redraft(state);
  }
  keepBook(state);
  return true;
}

const RESTRICTING: ReadonlySet<string> = new Set(['fork-proof', 'revoke', 'sign']);

// A restriction can take away drafts that were folded already: the live draft then starts again from the newest version.
function editorEnds({ membership }: State): string {
  const newest = membership.versions.at(-1);
  if (newest === undefined) return '';
  const { evidence, forks } = membership;
  return [...editorLogs(newest.roster)]
    .map((log) => `${log} ${endOfLog(evidence, forks, newest.roster, log)}`)
    .join();
}

function noteReport(state: State, record: VerifiedRecord): void {
  if (record.type === 'usage') noteUsage(state, record);
  if (record.type !== 'applied' && record.type !== 'holding') return;
  const known = state.reports.get(record.log) ?? { applied: null, holding: null };
  state.reports.set(record.log, { ...known, [record.type]: record });
}

function noteUsage({ usage }: State, record: Verified<'usage'>): void {
  const known = usage.get(record.log);
  if (known === undefined) usage.set(record.log, [record]);
  else known.push(record);
}

// Certificates can be known before the drafts that they cover: each version waits for its own.
function settle(state: State): boolean {
  const { versions } = state.membership;
  const { settled } = state;
  const newest = settled.at(-1);
  const begun = beginAgain(state);
  const [first] = versions;
  if (settled.length === 0 && first !== undefined) settled.push(first);
  const parting = firstParted(state.membership) ?? versions.length;
  while (settled.length < parting) {
    const parent = settled.at(-1);
    const next = versions[settled.length];
    if (parent === undefined || next === undefined || !settleOne(state, parent, next)) break;
    settled.push(next);
  }
  const chosen = settled.length >= parting && settled.length < versions.length && settleParted(state);
  const moved = begun || chosen || settled.at(-1) !== newest;
  if (moved) state.judgements.clear();
  return moved;
}

// What is settled stands until a recovery overrules it, or more is known of histories that it was made of.
function beginAgain(state: State): boolean {
  const { membership, parted, settled } = state;
  const overruled = settled.some((version, i) => version.id !== membership.versions[i]?.id);
  const text = partedText(state);
  if (!overruled && text === state.partedText) return false;
  state.partedText = text;
  state.liveEnds = null;
  const parting = firstParted(membership);
  if (!overruled && parted?.trunk.settled === parting) {
    settled.length = parted?.trunk.settled ?? 0;
    state.base = parted?.trunk.base ?? emptyFold();
    state.parted = null;
    return true;
  }
  if (!overruled && parted === null && (parting === null || parting >= settled.length)) return false;
  settled.length = 0;
  state.base = emptyFold();
  state.parted = null;
  return true;
}

function settleParted(state: State): boolean {
  const { membership, settled } = state;
  const begin = { base: state.base, configurations: new Map(), histories: new Map() };
  const { place, stuck, trunk } = state.parted ?? {
    ...{
      trunk: { ...begin, settled: settled.length },
      place: { ...begin, settled: settled.length },
      stuck: '',
    },
  };
  state.parted = { place, stuck, trunk };
  const tried = `${state.partedText} ${membership.versions[place.settled]?.id}`;
  if (tried === stuck || waitsForOthers(state, place)) return false;
  const onward = settleFrom(state, place);
  const isWhole = onward.settled === membership.versions.length || waitsForOthers(state, onward);
  const reached = isWhole ? onward : settleFrom(state, trunk);
  const next = `${state.partedText} ${membership.versions[reached.settled]?.id}`;
  state.parted = { place: reached, trunk, stuck: isWhole ? '' : next };
  state.base = reached.base;
  settled.push(...membership.versions.slice(settled.length, reached.settled));
  for (const [id, compiled] of reached.configurations) {
    if (state.configurations.has(id)) continue;
    state.configurations.set(id, compiled);
    versionKnown(state.seats, id, seatFacts(state));
  }
  return true;
}

function settleOne(state: State, parent: Version, next: Version): boolean {
  // A recovery changes the roster and leaves the registry as it stands (rule R9).
  if (next.content === null) return true;
  if (state.configurations.has(next.id)) {
    reach(state.base, state.ledger, next.frontier);
    return true;
  }
  const target = { ...next, content: next.content };
  const known = state.judgements.get(next.id);
  if (known?.kind === 'good') reach(state.base, state.ledger, next.frontier);
  // A quorum has decided: what one host happens to know of keys must not give it another configuration.
  const knownKey = () => undefined;
  const before = state.configurations.get(parent.id)?.configuration;
  const verdict =
    known?.kind === 'good' ? known : judge(state.ledger, state.base, parent, target, { knownKey, before });
  if (verdict.kind === 'waiting') return false;
  if (verdict.kind === 'good') {
    state.configurations.set(next.id, { configuration: verdict.configuration, bytes: verdict.bytes });
    versionKnown(state.seats, next.id, seatFacts(state));
  }
  return true;
}

// Begun anew only where that could make a difference: copying a document costs more than all else that a host does for a
// version.
function redraft(state: State): void {
  const ends = editorEnds(state);
  if (ends !== state.liveEnds || !contains(state.live, state.base)) state.live = branchFold(state.base);
  state.liveEnds = ends;
  foldLive(state);
}

function contains(live: DraftFold, base: DraftFold): boolean {
  return [...base.cursors].every(([log, next]) => (live.cursors.get(log) ?? 0) >= next);
}

function foldLive(state: State): void {
  const { evidence, forks } = state.membership;
  const { roster } = newestOf(state.membership);
  const limit = (log: LogId) => endOfLog(evidence, forks, roster, log) ?? Number.POSITIVE_INFINITY;
  foldDrafts(state.live, state.ledger, editorLogs(roster), limit);
}

/** This host's verdict on a candidate: recompiled against the newest version, or waiting for what is missing. Remembered once it is final. */
export function judgementOf(state: State, candidate: Hash): Judgement {
  const known = state.judgements.get(candidate);
  if (known !== undefined) return known;
  const parent = newestOf(state.membership);
  const proposal = proposalOf(state.membership, candidate, parent);
  if (proposal === null || state.settled.length < state.membership.versions.length) {
    return { kind: 'waiting', missing: [] };
  }
  const before = state.configurations.get(parent.id)?.configuration;
  // Mostly a version publishes all that has been drafted.
  const isLive = isAt(state.live, state.ledger, proposal.frontier);
  const fold = isLive ? state.live : branchFold(state.base);
  const verdict = judge(state.ledger, fold, parent, proposal, { before });
  if (verdict.kind !== 'waiting') state.judgements.set(candidate, verdict);
  return verdict;
}
