import { type SeatScenario, withSeats } from './lender.ts';
import { on, scenario } from './scenario.ts';
import type { Floating } from './seat-world.ts';

const RESTORED = new Map([['a', 'a+']]);
const EVEN = { seats: 2, lots: { a: 1, b: 1 } };
const MOVED = { seats: 2, lots: { a: 2 } };
const FEWER = { seats: 1, lots: { b: 1 } };
const MORE = { seats: 3, lots: { a: 1, b: 2 } };
const AROUND = { seats: 2, lots: { b: 1, c: 1 } };

const NEXT = [on('G1', 'X2', 'abc')];
const CHAIN = [on('G1', 'X2', 'abc'), on('X2', 'Z3', 'abc')];
const RIVALS = [on('G1', 'X2', 'abc'), on('G1', 'W2', 'abc'), on('G1', 'Y3', 'abc')];

/** Realms in which voters certify versions and open terms, and every host lends what it may. */
export const LENDING: readonly SeatScenario[] = [
  withSeats(scenario('seats moved to another host, two terms', 'abc', NEXT, { terms: 2 }), {
    ...{ G1: EVEN, X2: MOVED },
  }),
  withSeats(scenario('seats that grow', 'abc', NEXT, { terms: 2 }), { G1: EVEN, X2: MORE }),
  withSeats(scenario('seats that shrink', 'abc', NEXT, { terms: 2 }), { G1: MORE, X2: FEWER }),
  withSeats(scenario('seats that go round', 'abc', CHAIN, { terms: 1 }), { G1: EVEN, X2: MOVED, Z3: AROUND }),
  withSeats(scenario('seats that grow and shrink', 'abc', CHAIN, { terms: 1 }), {
    ...{ G1: EVEN, X2: MORE, Z3: FEWER },
  }),
  withSeats(scenario('rivals that share seats out differently', 'abc', RIVALS, { terms: 1 }), {
    ...{ G1: EVEN, X2: MOVED, W2: AROUND, Y3: MORE },
  }),
  withSeats(
    scenario('a voter replaced, and its seats', 'abc', [on('G1', 'X2', 'bcd'), on('X2', 'Z3', 'bcd')], {
      terms: 1,
    }),
    { G1: EVEN, X2: { seats: 2, lots: { b: 1, d: 1 } }, Z3: { seats: 2, lots: { d: 2 } } },
  ),
  withSeats(
    scenario('a host restored, named by its new log alone', 'abc', [on('G1', 'X2', 'a+bc')], {
      ...{ terms: 2, restored: RESTORED },
    }),
    { G1: EVEN, X2: EVEN },
  ),
];

/** What the check of rosters refuses: a host that is named by its old log and its new one. */
export const TWO_LOGS = withSeats(
  scenario('a host restored, kept with both logs', 'abc', [on('G1', 'X2', 'aa+bc')], {
    ...{ terms: 1, restored: RESTORED },
  }),
  { G1: EVEN, X2: MOVED },
);

/** Larger ones, for `MODEL=full`. */
export const LARGE_LENDING: readonly SeatScenario[] = [
  withSeats(scenario('seats that go round, two terms', 'abc', CHAIN, { terms: 2 }), {
    ...{ G1: EVEN, X2: MOVED, Z3: AROUND },
  }),
  withSeats(scenario('seats that grow and shrink, two terms', 'abc', CHAIN, { terms: 2 }), {
    ...{ G1: EVEN, X2: MORE, Z3: FEWER },
  }),
  withSeats(
    scenario('a voter lies and seats move', 'abcd', [on('G1', 'X2', 'abcd'), on('X2', 'Z3', 'abcd')], {
      ...{ liars: 'd', tolerated: 1, terms: 1 },
    }),
    { G1: EVEN, X2: MOVED, Z3: AROUND },
  ),
];

/** What two voters sign when one version follows another from term 1 on. */
const TAKEN_OVER = [
  'a opens term 0 for G1',
  'b opens term 0 for G1',
  'a acks X2 (parent G1), stating term 0',
  'b acks X2 (parent G1), stating term 0',
  'a opens term 1 for X2',
  'b opens term 1 for X2',
];

/** The same where nothing follows. */
const KEPT = [
  'a opens term 0 for G1',
  'b opens term 0 for G1',
  'a opens term 1 for G1',
  'b opens term 1 for G1',
];

/** Seats, and how far they float. */
export interface SeatRealm {
  readonly name: string;
  readonly scenario: SeatScenario;
  readonly floating: Floating;
}

const PAIR = scenario('two voters, two terms', 'ab', [on('G1', 'X2', 'ab')], { terms: 2 });
const HOSTS = ['a', 'b'];

/** Realms in which seats are lent, given, accepted and given back. */
export const FLOATING: readonly SeatRealm[] = [
  {
    name: 'one version, three moves a log',
    scenario: withSeats(PAIR, { G1: EVEN, X2: EVEN }),
    floating: { hosts: HOSTS, moves: 3, signed: KEPT },
  },
  {
    name: 'a version that moves seats, three moves a log',
    scenario: withSeats(PAIR, { G1: EVEN, X2: MOVED }),
    floating: { hosts: HOSTS, moves: 3, signed: TAKEN_OVER },
  },
  {
    name: 'a version with fewer seats, two moves a log',
    scenario: withSeats(PAIR, { G1: MORE, X2: FEWER }),
    floating: { hosts: HOSTS, moves: 2, signed: TAKEN_OVER },
  },
  {
    name: 'a disk put back, two moves a log',
    scenario: withSeats(PAIR, { G1: EVEN, X2: MOVED }),
    floating: { hosts: HOSTS, moves: 2, signed: TAKEN_OVER, restored: 'a' },
  },
  {
    name: 'voting and one move a log',
    scenario: withSeats(PAIR, { G1: EVEN, X2: MOVED }),
    floating: { hosts: HOSTS, moves: 1 },
  },
];

const TRIO = scenario('two voters and a third host', 'ab', [on('G1', 'X2', 'abc')], { terms: 2 });

/** Larger ones, for `MODEL=full`. */
export const LARGE_FLOATING: readonly SeatRealm[] = [
  {
    name: 'three hosts, one move a log',
    scenario: withSeats(TRIO, { G1: EVEN, X2: AROUND }),
    floating: { hosts: ['a', 'b', 'c'], moves: 1, signed: TAKEN_OVER.slice(0, 4) },
  },
  {
    name: 'a version with more seats, three moves a log',
    scenario: withSeats(PAIR, { G1: EVEN, X2: MORE }),
    floating: { hosts: HOSTS, moves: 3, signed: TAKEN_OVER },
  },
  {
    name: 'voting and two moves a log',
    scenario: withSeats(PAIR, { G1: EVEN, X2: MOVED }),
    floating: { hosts: HOSTS, moves: 2 },
  },
];
