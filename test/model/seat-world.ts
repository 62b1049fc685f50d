import { type Transfer, transfersTo, type Wish } from '../../core/engine/idle-seats.ts';
import { type Model, mayMove } from '../../core/engine/model.ts';
import { renew } from '../../core/engine/renewal.ts';
import { surrender } from '../../core/engine/seat-commands.ts';
import { acceptOffers } from '../../core/engine/seat-giving.ts';
import { addMove, emptySeatBook, type SeatBook, type SeatMove } from '../../core/state/seat-moves.ts';
import type { Version } from '../../core/state/versions.ts';
import { type Hash, type LogId, type Seconds, seconds } from '../../core/units.ts';
import { product } from './knowledge.ts';
import {
  FEATURE,
  instantOf,
  lends,
  modelOf,
  type SeatScenario,
  type Stand,
  seatsInForce,
  TERM,
} from './lender.ts';
import type { LendingRules } from './lending.ts';
import type { Actor } from './scenario.ts';
import { type Breach, type Machine, machine, type World } from './world.ts';

/** The rules of voting and of seats, each of which a mutant may answer wrongly. */
export interface SeatRules extends LendingRules {
  /** The book of seats, from all logs. */
  readonly fold: (logs: readonly (readonly SeatMove[])[], facts: Facts) => SeatBook;
  /** What a host sends to another that wishes for seats. */
  readonly gifts: (model: Model, to: LogId, wish: Wish) => readonly Transfer[];
  /** Whether a host whose disk was put back finds out. */
  readonly noticesRestore: boolean;
}

type Facts = Parameters<typeof addMove>[2];

/** How far seats float. */
export interface Floating {
  /** Those of the scenario's actors that lend. */
  readonly hosts: readonly string[];
  /** Moves in one log, at most. */
  readonly moves: number;
  /** What is signed at the start, as the voting machine describes it; with it, nothing more is. */
  readonly signed?: readonly string[];
  /** Whose disk may be put back as it was before anything moved. */
  readonly restored?: string;
}

/** The book as the core keeps it. */
export function realFold(logs: readonly (readonly SeatMove[])[], facts: Facts): SeatBook {
  const book = emptySeatBook();
  for (const log of logs) for (const move of log) addMove(book, move, facts);
  return book;
}

/** What a host has done, as it stands in a world. */
interface HostState {
  /** The version that it leases by. */
  readonly applied: Hash;
  readonly leases: number;
  readonly log: readonly SeatMove[];
  readonly restored: boolean;
}

interface Here {
  readonly voting: World;
  readonly term: number;
  readonly isCut: boolean;
  readonly hosts: readonly HostState[];
}

/**
 * The machine of voting together with hosts that lend, renew, give, accept and give back seats, apply versions and grow old
 * with the terms, each by what the engine says. Every host may know any part of what can be known.
 */
export function seatMachine(scenario: SeatScenario, floating: Floating, rules: SeatRules): Machine {
  const voting = machine(scenario, rules);
  const actors = floating.hosts.map((name) => {
    const actor = scenario.actors.find((each) => each.name === name);
    if (actor === undefined) throw new RangeError(`no host ${name}`);
    return actor;
  });
  const facts: Facts = {
    lotOf: (of, log) => {
      const version = [scenario.genesis, ...scenario.proposals].find(({ id }) => id === of);
      const members = [...(version?.roster.members.values() ?? [])];
      const owner = members.find(({ logs }) => logs.some((each) => each.log === log))?.id;
      return owner === undefined ? 0 : (scenario.shares[of]?.lots[owner] ?? 0);
    },
    endOf: () => null,
  };
  const first: HostState = { applied: scenario.genesis.id, leases: 0, log: [], restored: false };
  const start = encode({
    ...{ voting: (floating.signed ?? []).reduce(sign, voting.start), term: 0, isCut: false },
    hosts: actors.map(() => first),
  });
  return { start, successors, breach, describe };

  function sign(world: World, line: string): World {
    const next = voting.successors(world).find((each) => voting.describe(world, each) === line);
    if (next === undefined) throw new RangeError(`nobody may sign: ${line}`);
    return next;
  }

  function successors(world: World): readonly World[] {
    const here = decode(world);
    const next: World[] = [];
    if (floating.signed === undefined) {
      for (const voted of voting.successors(here.voting)) next.push(encode({ ...here, voting: voted }));
    }
    here.hosts.forEach((host, i) => {
      for (const { isCut, ...changed } of changesOf(here, host, i)) {
        const hosts = here.hosts.with(i, { ...host, ...changed });
        next.push(encode({ ...here, hosts, isCut: here.isCut || isCut === true }));
      }
    });
    if (here.term + 1 < scenario.terms) next.push(...nextTerm(here));
    return next;
  }

  function* changesOf(
    here: Here,
    host: HostState,
    i: number,
  ): Iterable<Partial<HostState> & { isCut?: boolean }> {
    const book = bookOf(here, host, i);
    if (host.leases > 0) yield { leases: host.leases - 1 };
    if (actors[i]?.name === floating.restored && !host.restored) yield { restored: true, leases: 0 };
    for (const chain of chainsOf(here, host)) {
      const newest = chain.at(-1) ?? scenario.genesis;
      if (host.leases === 0 && newest.id !== host.applied) yield { applied: newest.id };
      const stand = standOf(here, host, i, chain, book, 'early');
      const model = () => asked(stand);
      if (lends(model()) !== null) yield { leases: host.leases + 1 };
      if (host.log.length >= floating.moves || !mayMove(model())) continue;
      const sent = (bodies: readonly object[], type: 'transfer' | 'accept' | 'surrender') => ({
        log: [...host.log, ...bodies.map((body, n) => moveOf(i, host.log.length + n, type, body))],
      });
      for (const effect of [...acceptOffers(model()), ...givingBack(model())]) {
        if (effect.kind !== 'append') continue;
        const { body, type } = effect.record;
        if (type === 'accept' || type === 'surrender') yield sent([body], type);
      }
      for (const { isCut, transfers } of giftsOf(stand, i)) yield { ...sent(transfers, 'transfer'), isCut };
    }
  }

  function givingBack(model: Model) {
    return surrender(model, 1, { do: 'surrender', feature: FEATURE });
  }

  function asked(stand: Stand): Model {
    return rules.seen(modelOf(scenario, stand), stand);
  }

  // Somebody may wish for seats of this term, of the next, or of both.
  function* giftsOf(stand: Stand, giver: number) {
    const term = Math.floor(stand.now / TERM);
    const spans: [Seconds, Seconds][] = [
      [stand.now, instantOf(term, 'late')],
      [instantOf(term + 1, 'early'), instantOf(term + 1, 'late')],
      [stand.now, instantOf(term + 1, 'late')],
    ];
    for (const { log } of actors.filter((_, i) => i !== giver)) {
      for (const [from, until] of spans) {
        const wish = { feature: FEATURE, wanted: 1, from, until };
        const transfers = rules.gifts(asked(stand), log, wish);
        if (transfers.length === 0) continue;
        yield { transfers, isCut: cuts(stand, transfers, giver) };
      }
    }
  }

  // Whoever works here must not lose by a gift the seat with which they would have gone on.
  function cuts(stand: Stand, transfers: readonly Transfer[], giver: number): boolean {
    if (stand.leases === 0) return false;
    const before = renewed(stand);
    const moves = transfers.map((body, n) => moveOf(giver, 100 + n, 'transfer', body));
    const book = structuredClone(stand.book);
    for (const move of moves) addMove(book, move, facts);
    return renewed({ ...stand, book }) < before;
  }

  function renewed(stand: Stand): number {
    const term = Math.floor(stand.now / TERM);
    const model = asked({ ...stand, now: instantOf(term, 'late') });
    const held = [...model.leases.values()];
    return held.filter((each) => renew(model, each).length > 0).length;
  }

  // When a term ends, leases go on that the engine renews by what their host knows; the others are over.
  function* nextTerm(here: Here): Iterable<World> {
    const options = here.hosts.map((host, i) => {
      const counts = chainsOf(here, host).map((chain) =>
        host.leases === 0 ? 0 : renewed(standOf(here, host, i, chain, bookOf(here, host, i), 'late')),
      );
      return [...new Set([0, ...counts])];
    });
    for (const counts of product(options)) {
      const hosts = here.hosts.map((host, i) => ({ ...host, leases: counts[i] ?? 0 }));
      yield encode({ ...here, hosts, term: here.term + 1 });
    }
  }

  function chainsOf({ voting: signed }: Here, { applied }: HostState): readonly (readonly Version[])[] {
    const { chains } = voting.knowledge(signed);
    return chains.filter((chain) => chain.some(({ id }) => id === applied));
  }

  // Where a host must not know of its own moves any more, the disk that it was given is to blame.
  function bookOf({ hosts }: Here, host: HostState, i: number): SeatBook {
    const forgets = host.restored && !rules.noticesRestore;
    return rules.fold(
      hosts.map(({ log }, j) => (forgets && i === j ? [] : log)),
      facts,
    );
  }

  function standOf(
    here: Here,
    host: HostState,
    i: number,
    chain: readonly Version[],
    book: SeatBook,
    part: 'early' | 'late',
  ): Stand {
    const applied = chain.find(({ id }) => id === host.applied) ?? scenario.genesis;
    return {
      ...{ actor: actors[i] as Actor, chain, applied, book, leases: host.leases },
      ...{ openings: voting.openings(here.voting), now: instantOf(here.term, part) },
      stale: host.restored && rules.noticesRestore,
    };
  }

  function moveOf(i: number, seq: number, type: SeatMove['type'], body: object): SeatMove {
    const { log, name } = actors[i] as Actor;
    return { type, log, seq, hash: `${name}#${seq}`, proven: true, body } as unknown as SeatMove;
  }

  function breach(world: World): Breach | null {
    const { hosts, isCut, term, voting: signed } = decode(world);
    const seats = seatsInForce(scenario, voting.knowledge(signed).chains, term);
    if (hosts.reduce((sum, { leases }) => sum + leases, 0) > seats) return 'over-issued';
    return isCut ? 'lease-cut' : null;
  }

  function describe(world: World, next: World): string {
    const [was, is] = [decode(world), decode(next)];
    if (was.voting !== is.voting) return voting.describe(was.voting, is.voting);
    if (was.term !== is.term) return `term ${is.term} begins, with ${leasesIn(is)} in use`;
    const i = is.hosts.findIndex((host, at) => JSON.stringify(host) !== JSON.stringify(was.hosts[at]));
    const [before, after] = [was.hosts[i], is.hosts[i]];
    const name = actors[i]?.name;
    if (before === undefined || after === undefined) return 'nothing';
    if (after.restored !== before.restored) return `${name} is restored from a backup`;
    if (after.applied !== before.applied) return `${name} applies ${after.applied}`;
    if (after.leases !== before.leases) {
      return `${name} ${after.leases > before.leases ? 'lends' : 'takes back'} a seat, ${leasesIn(is)} in use`;
    }
    return after.log
      .slice(before.log.length)
      .map((move) => `${name} ${describeMove(move)}`)
      .join(', ');
  }

  function leasesIn({ hosts }: Here): string {
    return hosts.map(({ leases }, i) => `${leases} at ${actors[i]?.name}`).join(', ');
  }

  function describeMove(move: SeatMove): string {
    if (move.type === 'accept') return `accepts ${move.body.of}`;
    if (move.type === 'surrender') return `gives ${move.body.seats} of ${move.body.transfer} back`;
    const { of, seats, source, term, to } = move.body;
    const receiver = actors.find(({ log }) => log === to)?.name;
    const what = source === null ? `of its lot of ${of}` : `of ${source}`;
    return `sends ${seats} ${what} in term ${term} to ${receiver} (${move.hash})`;
  }
}

function encode({ hosts, isCut, term, voting }: Here): World {
  return `${voting}\uffff${JSON.stringify([term, isCut, hosts])}`;
}

const read = new Map<World, Here>();
const KEPT = 10_000;

function decode(world: World): Here {
  const known = read.get(world);
  if (known !== undefined) return known;
  const at = world.indexOf('\uffff');
  const [term, isCut, hosts] = JSON.parse(world.slice(at + 1)) as [number, boolean, HostState[]];
  const here = { voting: world.slice(0, at), term, isCut, hosts };
  if (read.size >= KEPT) read.clear();
  read.set(world, here);
  return here;
}

/** What gives nothing that is not idle. */
export function realGifts(model: Model, to: LogId, wish: Wish): readonly Transfer[] {
  return transfersTo(model, to, { ...wish, until: seconds(wish.until) }).transfers;
}
