import assert from 'node:assert/strict';
import { parseRegistryImport } from '../../core/state/registry.ts';
import { setField } from '../../core/state/registry-find.ts';
import { smallRegistry } from '../support/registries.ts';

const ID = 'an id of 1 to 64 small letters, digits, dots, hyphens and underscores, such as ws-01';
const DAY = 'a day or an instant, such as 2030-01-31, 2030-01-31+09:00 or 2030-01-31T12:00Z';
const KEY = 'a public key of 64 digits from 0 to 9 and a to f';
const FEATURE = { name: 'F', software: 's', seats: 1 };
const PERSON = { name: 'P' };

/** What stands in a file, and all that is then said of it. */
const wrong: readonly [file: object, said: readonly string[]][] = [
  [{ features: 5 }, ['features: expected entries by their ids, came 5']],
  [{ features: [] }, ['features: expected entries by their ids, came a list']],
  [{ features: { f: null } }, ['features.f: expected fields by their names, came nothing']],
  [{ policy: 'x' }, ['policy: expected fields by their names, came "x"']],
  [{ features: { 'A b': FEATURE } }, [`features.A b: expected ${ID}, came "A b"`]],
  [
    { features: { f: { name: 'F', software: 's' } } },
    ['features.f.seats: expected a whole number from 0 to 1000000, and it is missing'],
  ],
  [
    { features: { f: { ...FEATURE, seats: '8' } } },
    ['features.f.seats: expected a whole number from 0 to 1000000, came "8"'],
  ],
  [
    { features: { f: { ...FEATURE, linger: 0.5 } } },
    ['features.f.linger: expected a whole number from 1 to 604800, came 0.5'],
  ],
  [
    { features: { f: { ...FEATURE, per: 'seat' } } },
    ['features.f.per: expected process or user, came "seat"'],
  ],
  [{ features: { f: { ...FEATURE, software: {} } } }, [`features.f.software: expected ${ID}, came fields`]],
  [
    { features: { f: { ...FEATURE, name: '' } } },
    ['features.f.name: expected a text of 1 to 200 characters, came an empty text'],
  ],
  [
    { features: { f: { ...FEATURE, seat: 1, count: 2 } } },
    [
      'features.f: there is no "seat", no "count" here; there may be name, software, seats, overdraft, linger, timeout, demand, imported, per, note',
    ],
  ],
  [
    { people: { p: { ...PERSON, note: 'x'.repeat(10_001) } } },
    [`people.p.note: expected a text of 0 to 10000 characters, came "${'x'.repeat(60)}…"`],
  ],
  [
    { people: { p: { ...PERSON, name: 'a\u001b[31m\ud800' } } },
    ['people.p.name: expected a text of 1 to 200 characters, came "a\\u001b[31m\\ud800"'],
  ],
  [
    { people: { p: { ...PERSON, roles: 'issuer' } } },
    [
      'people.p.roles: expected a list of issuer, voter, editor, publisher, accountant, approver, came "issuer"',
    ],
  ],
  [
    { people: { p: { ...PERSON, roles: ['king'] } } },
    ['people.p.roles.0: expected issuer, voter, editor, publisher, accountant or approver, came "king"'],
  ],
  [
    { people: { p: { ...PERSON, logs: { one: '00'.repeat(32) } } } },
    ['people.p.logs.one: expected a log id of up to ten digits, such as 2716057, came "one"'],
  ],
  [{ people: { p: { ...PERSON, logs: { 1: 'ab' } } } }, [`people.p.logs.1: expected ${KEY}, came "ab"`]],
  [{ groups: { g: { name: 'G', hosts: ['ws-01', 7] } } }, [`groups.g.hosts.1: expected ${ID}, came 7`]],
  [
    { rules: { r: { feature: 'f', allow: { people: 'ana', team: [] } } } },
    [
      'rules.r.allow.people: expected a list, such as [a, b], came "ana"',
      'rules.r.allow: there is no "team" here; there may be people, groups, hosts',
    ],
  ],
  [
    { periods: { p: { feature: 'f', from: '1 May', until: 2030 } } },
    [`periods.p.from: expected ${DAY}, came "1 May"`, `periods.p.until: expected ${DAY}, came 2030`],
  ],
  [
    { reservations: { r: { feature: 'f', host: 'h', seats: 1, pinned: 'yes' } } },
    ['reservations.r.pinned: expected true or false, came "yes"'],
  ],
  [
    { relays: { r: { url: 'https://relay', key: '00'.repeat(32) } } },
    [
      'relays.r.url: expected an address of at most 2048 characters, such as wss://relay.example, came "https://relay"',
    ],
  ],
  [
    { policy: { issuers: 1, liars: 0, lyingRelays: 0, apply: 'drian' } },
    ['policy.apply: expected idle or drain, came "drian"'],
  ],
  [
    { classes: { c: { term: 59, ahead: 1, maxOffline: 60, clock: 'ntp' } } },
    [
      'classes.c.term: expected a whole number from 60 to 31622400, came 59',
      'classes.c.clock: expected none or rtc, came "ntp"',
    ],
  ],
  [{ recovery: { keys: 'k', threshold: 1 } }, ['recovery.keys: expected a list, such as [a, b], came "k"']],
];

describe('a registry of another form', () => {
  for (const [file, said] of wrong) {
    it(`is refused with ${said.join('; ')}`, () => {
      const { misfits = [] } = parseRegistryImport(file) as { misfits?: readonly Misfit[] };
      const lines = misfits.map(({ message, path }) => `${path}: ${message}`);
      assert.deepEqual(new Set(lines), new Set(said));
    });
  }

  it('is refused in our own words wherever it has something else', () => {
    const whole = smallRegistry();
    for (const path of placesIn(whole)) {
      for (const value of [5, -1.5, 'A b', '', true, null, [], [null], {}, { x: 1 }]) {
        const { misfits = [] } = parseRegistryImport(replaced(whole, path, value)) as {
          misfits?: readonly Misfit[];
        };
        for (const { message } of misfits) {
          assert.match(
            message,
            /^(expected .+, (came .+|and it is missing)|there is no ".+" here; there may be .+)$/,
          );
        }
      }
    }
  });
});

interface Misfit {
  readonly path: string;
  readonly message: string;
}

function placesIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, below]) => placesIn(below, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  copy[key] = replaced(copy[key], rest, by);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

describe('a field that is either true or false', () => {
  const whole = {
    ...smallRegistry(),
    reservations: { kept: { feature: 'ray-view', host: 'ws01', seats: 1 } },
  };

  for (const [text, value] of [
    ['true', true],
    ['false', false],
  ] as const) {
    it(`is set by the word ${text}`, () => {
      const edited = setField(whole, 'reservations/kept', [`pinned=${text}`]);
      assert.equal(edited.ok && edited.value.reservations.kept?.pinned, value);
    });
  }

  it('takes no other word', () => {
    const edited = setField(whole, 'reservations/kept', ['pinned=1']);
    assert.equal(edited.ok, false);
  });
});
