import { creditTerm } from '../../decide/lots.ts';
import { idleSeats } from '../../engine/idle-seats.ts';
import { type Applied, hostId, lotQuestion, type Model } from '../../engine/model.ts';
import { explainLots } from '../../state/compile.ts';
import { ownerOf } from '../../state/quorum.ts';
import type { Member } from '../../state/roster.ts';
import { type LogId, seconds } from '../../units.ts';
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
      hosts: holdersOf(model, applied, feature, { context, moves, peers }),
      moves,
      explained: explainLots(applied.configuration, feature),
    };
  };
}

interface Around {
  readonly context: ReportContext;
  readonly moves: readonly SeatMoveReport[];
  readonly peers: ReadonlyMap<LogId, PeerState>;
}

function holdersOf(model: Model, applied: Applied, feature: string, around: Around): readonly SeatHolder[] {
  const lots = applied.configuration.lots.get(feature);
  const { members } = applied.version.roster;
  const holders = [...members.values()].filter(({ kind }) => kind === 'host');
  return holders
    .map((member) => holderOf(model, feature, member, lots?.get(member.id) ?? 0, around))
    .filter(({ came, leases, lot }) => lot > 0 || came > 0 || leases.length > 0);
}

function holderOf(model: Model, feature: string, member: Member, lot: number, around: Around): SeatHolder {
  const { context, moves, peers } = around;
  const log = member.logs[0]?.log;
  const open = moves.filter(({ state }) => state !== 'over');
  const sum = (of: readonly SeatMoveReport[]) => of.reduce((all, { seats }) => all + seats, 0);
  const moved = {
    came: sum(open.filter(({ state, to }) => to === member.id && state === 'here')),
    went: sum(open.filter(({ from }) => from === member.id)),
  };
  const named = { host: member.id, name: member.name, lot, ...moved };
  if (member.id === hostId(model)) return { ...named, ...own(model, feature), heard: 'here', lastSeen: null };
  const state = log === undefined ? undefined : peers.get(log);
  const lastSeen = log === undefined ? null : context.lastSeen(log);
  if (state === undefined) return { ...named, leases: [], free: null, heard: 'away', lastSeen };
  const leases = state.leases.filter((lease) => lease.feature === feature);
  const free = state.free[feature] ?? 0;
  return { ...named, leases: leases.map(unnamed), free, heard: 'present', lastSeen };
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
