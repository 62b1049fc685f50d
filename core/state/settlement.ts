import { type History, historiesTo } from '../ledger/histories.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Hash, LogId } from '../units.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import type { Configuration } from './compile.ts';
import { branchFold, type DraftFold } from './draft-fold.ts';
import { judge } from './judgement.ts';
import type { Membership } from './membership.ts';
import type { Version } from './versions.ts';

/** How far versions have been recompiled where logs that have two histories are in their frontiers. */
export interface Place {
  /** How many versions, the genesis included. */
  readonly settled: number;
  /** The draft document at the last one's frontier. */
  readonly base: DraftFold;
  /** The history that the last one was made of, up to its frontier, of each log that it has beyond the parting. */
  readonly histories: ReadonlyMap<LogId, History>;
  readonly configurations: ReadonlyMap<
    Hash,
    { readonly configuration: Configuration; readonly bytes: Uint8Array }
  >;
}

/** What settling needs of the state. */
interface Settling {
  readonly ledger: Ledger;
  readonly membership: Membership;
  readonly configurations: Place['configurations'];
}

/** Ways to put histories together that are tried for one version, and for all of them at one time. */
const MAX_WAYS = 64;
const MAX_TRIES = 256;

/** The first version that has more of a forked log than its histories share, or null. */
export function firstParted({ forks, versions }: Membership): number | null {
  const at = forks.size === 0 ? -1 : versions.findIndex((version) => partedIn(forks, version).length > 0);
  return at < 0 ? null : at;
}

function partedIn(forks: Membership['forks'], { frontier }: Version): readonly LogId[] {
  return [...forks].flatMap(([log, { seq }]) => ((frontier.get(log) ?? 0) > seq ? [log] : []));
}

/** What the choice among histories rests on; another text means that it has to be made again. */
export function partedText({ ledger, membership }: Pick<Settling, 'ledger' | 'membership'>): string {
  const { forks, versions } = membership;
  const lines: string[] = [];
  for (const [log, { seq }] of forks) {
    const most = versions.reduce((next, { frontier }) => Math.max(next, frontier.get(log) ?? 0), 0);
    if (most <= seq) continue;
    const held = Math.min(most, ledger.logs.get(log)?.length ?? 0);
    lines.push(`${log} ${seq} ${held} ${ledger.strays.get(log)?.size ?? 0}`);
  }
  return lines.join();
}

/**
 * Goes on from a place as far as versions recompile. Of the histories that fit a version the first one is taken, unless a
 * later version fits another one only: so all who know the same records end at the same place, whichever history they hold.
 */
export function settleFrom(state: Settling, from: Place): Place {
  const { versions } = state.membership;
  let tries = MAX_TRIES;
  return furthest(from);

  function furthest(place: Place): Place {
    const next = versions[place.settled];
    const parent = versions[place.settled - 1];
    if (next === undefined || parent === undefined) return place;
    let best = place;
    for (const way of waysTo(state, place, next)) {
      const there = tries-- > 0 ? stepTo(state, place, parent, next, way) : null;
      const end = there === null ? place : furthest(there);
      if (end.settled > best.settled) best = end;
      if (best.settled === versions.length) break;
    }
    return best;
  }
}

/** Whether the version after a place waits for records that no choice of histories can stand for. */
export function waitsForOthers({ ledger, membership }: Settling, { settled }: Place): boolean {
  const { forks, versions } = membership;
  const next = versions[settled];
  if (next === undefined) return false;
  const parted = new Set(partedIn(forks, next));
  return [...next.frontier].some(([log, to]) => !parted.has(log) && (ledger.logs.get(log)?.length ?? 0) < to);
}

/** Each combination of histories of the logs that a version has beyond their parting. */
function waysTo(
  { ledger, membership: { forks } }: Settling,
  { histories }: Place,
  next: Version,
): readonly ReadonlyMap<LogId, History>[] {
  let ways: readonly ReadonlyMap<LogId, History>[] = [new Map()];
  for (const log of partedIn(forks, next)) {
    const to = next.frontier.get(log) ?? 0;
    const before = histories.get(log) ?? [];
    const known = before.length >= to ? [before] : historiesTo(ledger, log, forks.get(log)?.seq ?? 0, to);
    // A version follows from its parent: what went into that stands.
    const following = known.filter((history) => history[before.length - 1]?.hash === before.at(-1)?.hash);
    ways = ways.flatMap((way) => following.map((history) => new Map([...way, [log, history] as const])));
    ways = ways.slice(0, MAX_WAYS);
  }
  return ways;
}

function stepTo(
  { configurations, ledger }: Settling,
  place: Place,
  parent: Version,
  next: Version,
  way: ReadonlyMap<LogId, History>,
): Place | null {
  const settled = place.settled + 1;
  if (next.content === null) return { ...place, settled };
  const base = branchFold(place.base);
  const before = (place.configurations.get(parent.id) ?? configurations.get(parent.id))?.configuration;
  const view: Ledger = { ...ledger, logs: new Map([...ledger.logs, ...[...way].map(copied)]) };
  // A quorum has decided: what one host happens to know of keys must not give it another configuration.
  const by = { knownKey: () => undefined, before };
  const verdict = judge(view, base, parent, { ...next, content: next.content }, by);
  if (verdict.kind !== 'good') return null;
  const { bytes, configuration } = verdict;
  const compiled = new Map([...place.configurations, [next.id, { bytes, configuration }] as const]);
  return { settled, base, histories: way, configurations: compiled };
}

function copied([log, history]: readonly [LogId, History]): [LogId, VerifiedRecord[]] {
  return [log, [...history]];
}
