import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type CompileInput,
  compile,
  encodeConfiguration,
  explainLots,
  rosterOf,
} from '../../core/state/compile.ts';
import { emptyDraft, toRegistry } from '../../core/state/drafts.ts';
import { parseRegistryImport, type Registry } from '../../core/state/registry.ts';
import { mergeRegistry } from '../../core/state/registry-merge.ts';
import { adviseRoster, quorum } from '../../core/state/roster-check.ts';
import { type Hash, type PublicKey, toHex } from '../../core/units.ts';
import { admitAll, editsTo, keyOfLog, logId, smallRegistry } from '../support/registries.ts';

const REALM = 'aa'.repeat(32) as Hash;
const PARENT = 'bb'.repeat(32) as Hash;

function input(registry: unknown, more: Partial<CompileInput> = {}): CompileInput {
  const keyOf = (log: number) => keyOfLog(log) as PublicKey;
  return { registry, realm: REALM, version: 2, parent: PARENT, parentRoster: null, keyOf, ...more };
}

function compiled(registry: unknown, more: Partial<CompileInput> = {}) {
  const verdict = compile(input(registry, more));
  assert(verdict.ok, JSON.stringify(verdict));
  return verdict.value;
}

function problems(registry: unknown, more: Partial<CompileInput> = {}): string[] {
  const verdict = compile(input(registry, more));
  return verdict.ok ? [] : (verdict.problems ?? []).map(({ path, code }) => `${path} ${code}`);
}

describe('compiling a registry', () => {
  it('puts those with logs into the roster and gives lots to hosts in it', () => {
    const { roster, lots } = compiled(smallRegistry());
    assert.deepEqual([...roster.members.keys()], ['ana', 'bo', 'cy', 'ws01', 'ws02']);
    assert.deepEqual(
      roster.members.get('cy' as never)?.logs.map(({ log }) => log),
      [13, 14],
    );
    assert.deepEqual(
      [...lots].map(([feature, seats]) => [feature, Object.fromEntries(seats)]),
      [
        ['ray-batch', { ws01: 4, ws02: 1 }],
        ['ray-view', { ws01: 1, ws02: 1 }],
      ],
    );
  });

  it('gives no lot to a host that the rules leave out', () => {
    const registry = smallRegistry();
    registry.rules.r = { feature: 'ray-batch', deny: { hosts: ['ws02'] } };
    assert.deepEqual(Object.fromEntries(compiled(registry).lots.get('ray-batch') ?? []), { ws01: 5 });
  });

  it('explains the lots of a feature', () => {
    assert.deepEqual(explainLots(compiled(smallRegistry()), 'ray-batch'), [
      'ws01: 4 = 2 reserved + 2 shared; 3 of 5 seats are shared by 2 hosts',
      'ws02: 1 = 0 reserved + 1 shared; 3 of 5 seats are shared by 2 hosts',
      'ws03: 0 seats, because it has not joined or the rules leave it out',
    ]);
  });

  it('gives the same bytes from a draft as from the registry that it spells', () => {
    const draft = emptyDraft();
    admitAll(draft, editsTo(draft, logId(11), smallRegistry()));
    assert.deepEqual(
      encodeConfiguration(compiled(toRegistry(draft))),
      encodeConfiguration(compiled(smallRegistry())),
    );
  });

  it('gives the same bytes whatever the order of ids in lists and maps', () => {
    const turned = Object.fromEntries(
      Object.entries(smallRegistry())
        .reverse()
        .map(([section, entries]) => [section, Object.fromEntries(Object.entries(entries).reverse())]),
    ) as Registry;
    turned.groups.designers = { name: 'Designers', hosts: ['ws02', 'ws01'], members: ['bo', 'ana'] };
    const [one, other] = [compiled(turned), compiled(smallRegistry())].map(encodeConfiguration);
    assert.deepEqual(one, other);
  });

  it('gives other bytes for another version, parent or realm', () => {
    const all = [{}, { version: 3 }, { parent: REALM }, { realm: PARENT }].map((more) =>
      toHex(encodeConfiguration(compiled(smallRegistry(), more))),
    );
    assert.equal(new Set(all).size, 4);
  });

  it('takes the example lab once it is merged into a realm', () => {
    const file = new URL('../../../examples/lab.registry.json', import.meta.url);
    const parsed = parseRegistryImport(JSON.parse(readFileSync(file, 'utf8')));
    assert(parsed.ok);
    const { roster } = compiled(mergeRegistry(smallRegistry(), parsed.value));
    assert.equal(roster.members.size, 5);
  });

  it('lists every problem, by path', () => {
    const registry = smallRegistry();
    registry.hosts.ws03 = { name: 'x', class: 'gone' };
    registry.periods['ray-2030'] = { block: 'ray', from: '2030-01-02', until: '2030-01-01' };
    assert.deepEqual(problems(registry), [
      'hosts.ws03.class unknown-id',
      'periods.ray-2030.until period-order',
    ]);
  });

  it('reports what is not even of the right form', () => {
    assert.deepEqual(problems({ ...smallRegistry(), people: 4 }), ['people schema']);
    assert.deepEqual(problems(null), [' schema']);
  });
});

describe('the roster of a version', () => {
  const standing: [why: string, found: string[], breakIt: (registry: Registry) => void][] = [
    [
      'nobody who may issue',
      ['policy.issuers no-issuer'],
      (r) => {
        dropRole(r, 'issuer');
      },
    ],
    [
      'nobody who may vote',
      ['policy no-voter'],
      (r) => {
        dropRole(r, 'voter');
      },
    ],
    [
      'an issuer who has not joined',
      ['policy.issuers issuer-threshold'],
      (r) => {
        r.policy = { ...r.policy, issuers: 3 };
        r.people.dee = { name: 'Dee', roles: ['issuer'] };
      },
    ],
    [
      'voters of whom half may lie',
      ['policy.liars too-many-liars'],
      (r) => {
        r.policy = { ...r.policy, liars: 2 };
      },
    ],
    [
      'a log of two principals, which would count twice',
      ['people.bo.logs.11 key-twice', 'people.bo.logs.11 log-twice'],
      (r) => {
        r.people.bo = { name: 'Bo', roles: ['voter'], logs: { '11': keyOfLog(11) } };
      },
    ],
    [
      'a key of two principals, which would count twice',
      ['people.bo.logs.12 key-mismatch', 'people.bo.logs.12 key-twice'],
      (r) => {
        r.people.bo = { name: 'Bo', roles: ['voter'], logs: { '12': keyOfLog(11) } };
      },
    ],
    [
      'a key that is not the one of the log',
      ['people.bo.logs.12 key-mismatch'],
      (r) => {
        r.people.bo = { name: 'Bo', roles: ['voter'], logs: { '12': keyOfLog(99) } };
      },
    ],
    [
      'a log id beyond 32 bits',
      ['people.bo.logs.4294967296 key-mismatch', 'people.bo.logs.4294967296 log-range'],
      (r) => {
        r.people.bo = { name: 'Bo', roles: ['voter'], logs: { '4294967296': keyOfLog(5) } };
      },
    ],
  ];
  for (const [why, found, breakIt] of standing) {
    it(`refuses ${why}`, () => {
      const registry = smallRegistry();
      breakIt(registry);
      assert.deepEqual(problems(registry).sort(), found);
    });
  }

  const successions: [why: string, found: string[], change: (registry: Registry) => void][] = [
    [
      'another term for a class',
      ['classes.office.term class-term-changed'],
      (r) => {
        r.classes.office = { term: 100, ahead: 2, maxOffline: 100, clock: 'none' };
      },
    ],
    [
      'another class for a host',
      ['hosts.ws01.class host-class-changed'],
      (r) => {
        r.hosts.ws01 = { name: 'W', class: 'lab', logs: { '101': keyOfLog(101) } };
      },
    ],
    [
      'a person who becomes a host',
      ['hosts.bo kind-changed'],
      (r) => {
        delete r.people.bo;
        r.groups = {};
        r.rules = {};
        r.hosts.bo = { name: 'Bo', class: 'lab' };
      },
    ],
    [
      'a log that is handed over',
      ['people.dee.logs.12 log-moved'],
      (r) => {
        r.people.bo = { name: 'Bo' };
        r.people.dee = { name: 'Dee', logs: { '12': keyOfLog(12) } };
      },
    ],
    [
      'a threshold that takes an issuer who joins with it, and who could not sign it yet',
      ['policy.issuers issuer-threshold'],
      (r) => {
        r.policy = { ...r.policy, issuers: 3 };
        r.people.dee = { name: 'Dee', roles: ['issuer'], logs: { '15': keyOfLog(15) } };
      },
    ],
    [
      'a threshold that takes an issuer who joins again with it under a new key',
      ['policy.issuers issuer-threshold'],
      (r) => {
        r.policy = { ...r.policy, issuers: 2 };
        r.people.cy = { name: 'Cy', roles: ['issuer', 'voter'], logs: { '15': keyOfLog(15) } };
      },
    ],
    [
      'nothing for a threshold that takes an issuer who was a member before',
      [],
      (r) => {
        r.policy = { ...r.policy, issuers: 3 };
        r.people.bo = { name: 'Bo', roles: ['issuer', 'voter'], logs: { '12': keyOfLog(12) } };
      },
    ],
    [
      'nothing for a class that goes, with its hosts, or one that comes',
      [],
      (r) => {
        delete r.classes.lab;
        delete r.hosts.ws02;
        r.groups = {};
        r.rules = {};
        r.classes.night = { term: 100, ahead: 2, maxOffline: 100, clock: 'none' };
      },
    ],
  ];
  for (const [why, found, change] of successions) {
    it(`is refused after its parent for ${why}`, () => {
      const registry = smallRegistry();
      change(registry);
      assert.deepEqual(problems(registry, { parentRoster: rosterOf(smallRegistry()) }), found);
    });
  }

  it('counts more than half of voters and liars as a quorum', () => {
    assert.deepEqual(
      [
        [1, 0],
        [2, 0],
        [3, 0],
        [4, 0],
        [4, 1],
        [5, 1],
        [7, 2],
      ].map(([n = 0, f = 0]) => quorum(n, f)),
      [1, 2, 2, 3, 3, 4, 5],
    );
  });

  it('comes with advice about thresholds that stop decisions or convict nobody', () => {
    const registry = smallRegistry();
    registry.policy = { ...registry.policy, liars: 1 };
    assert.deepEqual(
      adviseRoster(rosterOf(registry)).map(({ code }) => code),
      ['weak-issuer-threshold', 'liars-stop-decisions'],
    );
    registry.people.cy = { name: 'Cy', roles: [] };
    assert.deepEqual(
      adviseRoster(rosterOf(registry)).map(({ code }) => code),
      ['two-voters', 'liars-stop-decisions'],
    );
  });
});

function dropRole(registry: Registry, role: 'issuer' | 'voter'): void {
  for (const person of Object.values(registry.people))
    person.roles = (person.roles ?? []).filter((one) => one !== role);
}
