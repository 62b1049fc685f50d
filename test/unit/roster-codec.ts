import assert from 'node:assert/strict';
import { encode } from 'cborg';
import fc from 'fast-check';
import { rosterOf } from '../../core/state/compile.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Roster } from '../../core/state/roster.ts';
import {
  applyRosterChange,
  diffRoster,
  encodeRoster,
  rosterFromValue,
  rosterHash,
  rosterToValue,
} from '../../core/state/roster-codec.ts';
import type { PrincipalId } from '../../core/units.ts';
import { MAX_TEXT } from '../../core/wire/bounds.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';
import { decodeRoster, decodeRosterChange, encodeRosterChange } from '../support/roster-bytes.ts';

const BASE = rosterOf(smallRegistry());

function reason(verdict: { ok: boolean; reason?: string }): string {
  return verdict.ok ? 'ok' : (verdict.reason ?? '');
}

/** Rosters that differ in members, logs, roles and policy. */
const rosters: fc.Arbitrary<Roster> = fc
  .record(
    {
      gone: fc.subarray(['bo', 'cy', 'ws01', 'ws02']),
      added: fc.uniqueArray(fc.integer({ min: 1000, max: 1020 }), { maxLength: 4 }),
      roles: fc.subarray(['editor', 'issuer', 'publisher', 'voter'] as const),
      liars: fc.nat(2),
      deadline: fc.option(fc.nat(999), { nil: undefined }),
    },
    { noNullPrototype: true },
  )
  .map(({ gone, added, roles, liars, deadline }) => {
    const registry: Registry = smallRegistry();
    for (const id of gone) {
      delete registry.people[id];
      delete registry.hosts[id];
    }
    for (const log of added)
      registry.people[`p${log}`] = { name: `P ${log}`, roles, logs: { [log]: keyOfLog(log) } };
    const { deadline: _, ...policy } = registry.policy;
    registry.policy = { ...policy, liars, ...(deadline === undefined ? {} : { deadline }) };
    return rosterOf(registry);
  });

describe('a roster in bytes', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(rosters, (roster) =>
        assert.deepEqual(decodeRoster(encodeRoster(roster)), { ok: true, value: roster }),
      ),
    );
  });

  it('has the same hash whatever the order of its members', () => {
    const turned = { ...BASE, members: new Map([...BASE.members].reverse()) };
    assert.equal(rosterHash(turned), rosterHash(BASE));
  });

  it('is told from its parent by a change that makes it of the parent, in bytes too', () => {
    fc.assert(
      fc.property(rosters, rosters, (parent, child) => {
        const change = decodeRosterChange(encodeRosterChange(diffRoster(parent, child)));
        assert(change.ok, reason(change));
        const made = applyRosterChange(parent, change.value);
        assert(made.ok, reason(made));
        assert.equal(rosterHash(made.value), rosterHash(child));
      }),
    );
  });
});

describe('a change of a roster', () => {
  const cy = BASE.members.get('cy' as PrincipalId);
  const bo = BASE.members.get('bo' as PrincipalId);
  assert(cy !== undefined && bo !== undefined);
  const ana = 'ana' as PrincipalId;
  for (const [why, members, expected] of [
    ['the removal of who is no member', new Map([['zed' as PrincipalId, null]]), 'not-a-member'],
    ['what stays as it is', new Map([[cy.id, cy]]), 'no-change'],
    ['a log under a second name, which would count twice', new Map([[ana, { ...bo, id: ana }]]), 'log-twice'],
    [
      'a key under a second name, which would count twice',
      new Map([[ana, { ...bo, id: ana, logs: bo.logs.map(({ key }) => ({ key, log: 999 as never })) }]]),
      'key-twice',
    ],
  ] as const) {
    it(`is refused for ${why}`, () => {
      assert.equal(reason(applyRosterChange(BASE, { members })), expected);
    });
  }

  it('is refused for a policy that stays as it is', () => {
    assert.equal(reason(applyRosterChange(BASE, { members: new Map(), policy: BASE.policy })), 'no-change');
  });
});

describe('a damaged roster', () => {
  const edits: [why: string, path: (string | number)[], value: unknown][] = [
    ['a member without logs', ['members', 'bo', 'logs'], new Map()],
    ['a person with a class', ['members', 'bo', 'class'], 'lab'],
    ['a host without one', ['members', 'ws01', 'class'], null],
    ['a role that does not exist', ['members', 'bo', 'roles'], ['king']],
    ['a role twice', ['members', 'bo', 'roles'], ['voter', 'voter']],
    ['a log id of zero', ['members', 'bo', 'logs'], new Map([[0, new Uint8Array(32)]])],
    ['a log id as text', ['members', 'bo', 'logs'], new Map([['12', new Uint8Array(32)]])],
    ['a short key', ['members', 'bo', 'logs'], new Map([[12, new Uint8Array(31)]])],
    ['an unknown field', ['members', 'bo', 'age'], 4],
    ['a threshold below zero', ['policy', 'issuers'], -1],
    ['a threshold that is no integer', ['policy', 'issuers'], 1.5],
    ['a missing policy', ['policy'], undefined],
    ['a list for a map', ['members'], []],
    ['an id that is none', ['members', 'BO'], null],
    ['a name without letters', ['members', 'bo', 'name'], ''],
    ['a name one letter too long', ['members', 'bo', 'name'], 'n'.repeat(MAX_TEXT + 1)],
  ];
  for (const [why, path, value] of edits) {
    it(`is refused for ${why}`, () => {
      assert.equal(reason(rosterFromValue(put(rosterToValue(BASE), path, value))), 'malformed');
    });
  }

  it('may have names as long as texts are', () => {
    const named = put(rosterToValue(BASE), ['members', 'bo', 'name'], 'n'.repeat(MAX_TEXT));
    assert.equal(reason(rosterFromValue(named)), 'ok');
  });

  it('is refused in any but its one encoding', () => {
    const padded = Uint8Array.of(...encodeRoster(BASE), 0);
    for (const bytes of [padded, encodeRoster(BASE).slice(0, -1), reversed()]) {
      assert.equal(reason(decodeRoster(bytes)), 'malformed');
    }
  });

  it('is refused without an exception, wherever a bit was turned', () => {
    const bytes = encodeRosterChange(diffRoster({ ...BASE, members: new Map() }, BASE));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ bits;
        const verdict = decodeRosterChange(damaged);
        if (verdict.ok) assert.deepEqual(encodeRosterChange(verdict.value), damaged);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A copy of nested Maps with one place set; undefined removes it. */
function put(
  map: Map<unknown, unknown>,
  [key, ...rest]: (string | number)[],
  value: unknown,
): Map<unknown, unknown> {
  const copy = new Map(map);
  const below = copy.get(key);
  if (rest.length > 0 && below instanceof Map) copy.set(key, put(below, rest, value));
  else if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

/** The roster with its two fields in the wrong order. */
function reversed(): Uint8Array {
  const [members, policy] = [rosterToValue(BASE).get('members'), rosterToValue(BASE).get('policy')];
  const options = { mapSorter: () => 0 };
  return encode(
    new Map([
      ['policy', policy],
      ['members', members],
    ]),
    options,
  );
}
