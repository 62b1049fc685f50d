import { deepStrictEqual } from 'node:assert/strict';
import { explore } from './explorer.ts';
import { lendingMachine } from './lending.ts';
import { REAL_SEATS, SEAT_MUTANTS } from './seat-mutants.ts';
import { FLOATING, LARGE_FLOATING, LARGE_LENDING, LENDING } from './seat-realms.ts';
import { seatMachine } from './seat-world.ts';
import type { Machine } from './world.ts';

const FULL = process.env.MODEL === 'full';
const LIMIT = FULL ? 3_000_000 : 100_000;

function tell(...lines: readonly string[]): void {
  for (const line of lines) console.log(`        ${line}`);
}

function holds(name: string, machine: Machine): void {
  const { breach, states } = explore(machine, LIMIT);
  tell(`${states.toLocaleString('en')} states: ${name}`);
  deepStrictEqual(breach, null);
}

describe('the rules of voting and of seats, explored state by state', () => {
  describe('let all hosts together lend no more than there is at any instant, with', () => {
    for (const realm of [...LENDING, ...(FULL ? LARGE_LENDING : [])]) {
      it(realm.name, () => holds(realm.name, lendingMachine(realm, REAL_SEATS))).timeout(0);
    }
  });

  describe('nor when seats float, and let no gift cut a lease short, with', () => {
    for (const { floating, name, scenario } of [...FLOATING, ...(FULL ? LARGE_FLOATING : [])]) {
      it(name, () => holds(name, seatMachine(scenario, floating, REAL_SEATS))).timeout(0);
    }
  });
});

describe('a broken rule of seats', () => {
  for (const { breach, find, name } of SEAT_MUTANTS) {
    it(`breaks a promise: ${name}`, () => {
      const found = find(LIMIT);
      tell(...(found.breach?.trace ?? []));
      deepStrictEqual(found.breach?.kind, breach);
      tell(`${breach} after ${found.states.toLocaleString('en')} states`);
    }).timeout(0);
  }
});
