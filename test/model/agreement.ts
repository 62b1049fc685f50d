import { deepStrictEqual } from 'node:assert/strict';
import { explore } from './explorer.ts';
import { DEADLY, HARMLESS, type Mutant } from './mutants.ts';
import { CONTESTS, LARGE, TERMS } from './realms.ts';
import { REAL } from './rules.ts';
import { type Scenario, scenario } from './scenario.ts';
import { machine } from './world.ts';

const FULL = process.env.MODEL === 'full';
/** Beyond this an exploration is refused, so that a slip in a scenario does not fill the memory. */
const LIMIT = FULL ? 5_000_000 : 300_000;

function tell(...lines: readonly string[]): void {
  for (const line of lines) console.log(`        ${line}`);
}

function holds(realm: Scenario, rules = REAL): void {
  const { breach, states } = explore(machine(realm, rules), LIMIT);
  tell(`${states.toLocaleString('en')} states: ${realm.name}`);
  deepStrictEqual(breach, null);
}

describe('the rules of voting, explored state by state', () => {
  describe('certify one chain of versions, none of them rivals or skipped, with', () => {
    for (const realm of CONTESTS) it(realm.name, () => holds(realm)).timeout(0);
  });

  describe('certify each term for one version, with', () => {
    for (const realm of TERMS) it(realm.name, () => holds(realm)).timeout(0);
  });

  if (FULL) {
    describe('keep both promises in larger realms, with', () => {
      for (const realm of LARGE) it(realm.name, () => holds(realm)).timeout(0);
    });
  }
});

describe('a broken rule', () => {
  const table: string[] = [];

  for (const { breach, name, rules, scenario: realm } of DEADLY) {
    it(`breaks a promise: ${name}`, () => {
      const found = explore(machine(realm, rules), LIMIT);
      tell(...(found.breach?.trace ?? []));
      deepStrictEqual(found.breach?.kind, breach);
      table.push(`${name} → ${breach}, after ${found.states.toLocaleString('en')} states`);
      if (rules !== REAL) deepStrictEqual(explore(machine(realm, REAL), LIMIT).breach, null);
    }).timeout(0);
  }

  for (const { name, rules } of HARMLESS) {
    it(`breaks no promise: ${name}`, () => {
      for (const realm of FULL ? [...CONTESTS, ...TERMS] : REPRESENTATIVE) holds(realm, rules);
      table.push(`${name} → nothing`);
    }).timeout(0);
  }

  after(() => {
    tell('', ...table);
  });
});

describe('the explorer', () => {
  it('refuses a realm too large to be explored whole', () => {
    const { rules, scenario: realm } = DEADLY[0] as Mutant;
    deepStrictEqual(
      refused(() => explore(machine(realm, rules), 10)),
      'more than 10 states',
    );
  });

  it('reaches a certificate for every candidate that the rules let win', () => {
    const won = new Set<string>();
    const realm = scenario('three voters', 'abc', [
      { id: 'X2', parent: 'G1', voters: 'bcd' },
      { id: 'Y3', parent: 'G1', voters: 'abc' },
      { id: 'Z3', parent: 'X2', voters: 'bcd' },
    ]);
    explore(
      machine(realm, {
        ...REAL,
        certify: (proposal, newest, acks) => {
          const version = REAL.certify(proposal, newest, acks);
          if (version !== null) won.add(version.id);
          return version;
        },
      }),
      LIMIT,
    );
    deepStrictEqual([...won].sort(), ['X2', 'Y3', 'Z3']);
  });
});

const REPRESENTATIVE = [...CONTESTS.slice(1, 2), ...CONTESTS.slice(6, 7), ...TERMS.slice(2, 3)];

function refused(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : null;
  }
}
