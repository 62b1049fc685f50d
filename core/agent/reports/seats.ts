import { creditTerm, type LotQuestion, type LotView, lotsIn, lotsNow, termAt } from '../../decide/lots.ts';
import { idleSeats } from '../../engine/idle-seats.ts';
import { type Applied, hostId, lotQuestion, type Model } from '../../engine/model.ts';
import { explainLots } from '../../state/compile.ts';
import { ownerOf } from '../../state/quorum.ts';
import type { Member } from '../../state/roster.ts';
import { ownSource } from '../../state/seat-moves.ts';
import { type LogId, type Seconds, seconds } from '../../units.ts';
import type { Verified } from '../../verify/record.ts';
import type { PeerState } from '../peer-states.ts';
import type { Methods } from '../protocol.ts';
import type { SeatHolder, SeatMoveReport, SeatPortion, SeatReport } from '../seat-report.ts';
import type { ReportContext } from './context.ts';
import { seatPortion } from './seat-portions.ts';

/** Where the seats of each feature of the applied version are, or of one, by what the ledger and presence say: a portion, from a place on. */
export function reportSeats(
  model: Model,
  context: ReportContext,
  { after, feature: only }: Methods['seats']['params'] = {},
): SeatPortion {
  const { applied } = model;
  if (applied === null) return { features: [], next: null };
  const { features } = applied.configuration.registry;
  const ids = Object.keys(features)
    .filter((id) => (only === undefined || id === only) && (after === undefined || id >= after.feature))
    .sort();
  return seatPortion(ids, after, reporter(model, applied, context));
}

function reporter(model: Model, applied: Applied, context: ReportContext): (feature: string) => SeatReport {
  const peers = context.peers();
  return (feature) => {
    const moves = movesOf(model, applied, feature);
    const entry = applied.configuration.registry.features[feature];
    return {
      ...{ feature, name: entry?.name ?? feature },
      ...{ seats: entry?.seats ?? 0, overdraft: entry?.overdraft ?? 0 },
      hosts: holdersOf(model, applied, feature, { context, peers }),
      moves,
      explained: explainLots(applied.configuration, feature),
    };
  };
}

interface Around {
  readonly context: ReportContext;
  readonly peers: ReadonlyMap<LogId, PeerState>;
}

function holdersOf(model: Model, applied: Applied, feature: string, around: Around): readonly SeatHolder[] {
  const { members } = applied.version.roster;
  const holders = [...members.values()].filter(({ kind }) => kind === 'host');
  return holders
    .map((member) => holderOf(model, applied, feature, member, around))
    .filter(({ came, leases, lot, went, withheld }) => lot + came + went + withheld > 0 || leases.length > 0);
}

function holderOf(
  model: Model,
  applied: Applied,
  feature: string,
  member: Member,
  around: Around,
): SeatHolder {
  const { context, peers } = around;
  const log = member.logs[0]?.log;
  const given = applied.configuration.lots.get(feature)?.get(member.id) ?? 0;
  const named = { host: member.id, name: member.name, ...lotOf(model, feature, member, given) };
  if (member.id === hostId(model)) return { ...named, ...own(model, feature), heard: 'here', lastSeen: null };
  const state = log === undefined ? undefined : peers.get(log);
  const lastSeen = log === undefined ? null : context.lastSeen(log);
  if (state === undefined) return { ...named, leases: [], free: null, heard: 'away', lastSeen };
  const leases = state.leases.filter((lease) => lease.feature === feature);
  const free = state.free[feature] ?? 0;
  return { ...named, leases: leases.map(unnamed), free, heard: 'present', lastSeen };
}

type Lot = Pick<SeatHolder, 'now' | 'lot' | 'came' | 'went' | 'withheld' | 'withheldUntil' | 'none'>;

function lotOf(model: Model, feature: string, member: Member, given: number): Lot {
  const log = member.logs[0]?.log;
  const question = lotQuestion(model);
  const { lower } = model.time;
  const nothing = { now: 0, lot: 0, came: 0, went: 0, withheld: given, withheldUntil: null };
  if (question === null || log === undefined || lower === null) return { ...nothing, none: 'time-unknown' };
  const asked = { ...question, host: member.id, log };
  const view = member.id === hostId(model) ? lotsNow(asked, model.time) : lotsElsewhere(asked, member, lower);
  if (!view.ok) return { ...nothing, none: view.reason };
  const [own, ...credits] = view.spans(feature);
  const running = credits.filter(({ from, until }) => from <= lower && until > lower);
  const came = running.reduce((sum, { seats }) => sum + seats, 0);
  const source = ownSource(log, feature, member.class ?? '', view.term.index);
  const went = question.seats.left.get(source) ?? 0;
  const left = own?.seats ?? 0;
  const withheld = view.withheld(feature);
  return {
    ...{ now: Math.max(0, left + came), lot: left + went, came, went },
    ...{ withheld, withheldUntil: withheld > 0 ? view.withheldUntil(feature) : null, none: null },
  };
}

/** Of a host elsewhere only its own clock says more: by what is known here it is in the term that runs. */
function lotsElsewhere(question: LotQuestion, { class: name }: Member, lower: Seconds): LotView {
  const hostClass = name === null ? undefined : question.applied.roster.policy.classes.get(name);
  if (hostClass === undefined) return { ok: false, reason: 'unknown-class' };
  return lotsIn(question, termAt(hostClass, lower).index, lower);
}

function own(model: Model, feature: string): Pick<SeatHolder, 'leases' | 'free'> {
  const { lower } = model.time;
  const leases = [...model.leases.values()].filter(({ lease }) => lease.feature === feature);
  const idle = lower === null ? [] : idleSeats(model, { feature, from: lower, until: seconds(lower + 1) });
  return {
    leases: leases
      .filter(({ lease }) => lease.under === undefined)
      .map(({ lease: { end, process, since, user } }) => ({ user, tool: process.tool, since, end })),
    free: idle.reduce((sum, { seats }) => sum + seats, 0),
  };
}

function unnamed({ end, since, tool, user }: PeerState['leases'][number]) {
  return { user, tool, since, end };
}

function movesOf(model: Model, applied: Applied, feature: string): readonly SeatMoveReport[] {
  const { credits, moves, offered } = model.state.seats;
  const out: SeatMoveReport[] = [];
  for (const { owner, seats, transfer } of credits.values()) {
    if (seats > 0 && transfer.body.feature === feature)
      out.push(move(model, applied, transfer, owner, seats, 'here'));
  }
  for (const [to, hashes] of offered) {
    for (const hash of hashes) {
      const sent = moves.get(hash);
      if (sent?.type !== 'transfer' || sent.body.feature !== feature) continue;
      out.push(move(model, applied, sent, to, sent.body.seats, 'sent'));
    }
  }
  return out.sort((a, b) => (a.until ?? 0) - (b.until ?? 0) || (a.from < b.from ? -1 : 1));
}

function move(
  model: Model,
  { version }: Applied,
  transfer: Verified<'transfer'>,
  to: LogId,
  seats: number,
  state: 'here' | 'sent',
): SeatMoveReport {
  const question = lotQuestion(model);
  const term = question === null ? null : creditTerm(question, transfer);
  const { lower } = model.time;
  const isOver = term !== null && lower !== null && lower >= term.until;
  const nameOf = (log: LogId) => ownerOf(version.roster, log)?.id ?? `log ${log}`;
  return {
    ...{ from: nameOf(transfer.log), to: nameOf(to), seats },
    ...{ since: term?.from ?? null, until: term?.until ?? null },
    state: isOver ? 'over' : state,
  };
}
