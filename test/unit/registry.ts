import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { periodEnd, periodStart } from '../../core/state/period.ts';
import {
  COLLECTIONS,
  parseRegistry,
  parseRegistryImport,
  type Registry,
  RegistrySchema,
  registryJsonSchema,
  SECTIONS,
} from '../../core/state/registry.ts';
import { adviseRegistry, checkRegistry } from '../../core/state/registry-check.ts';
import { diffRegistry, summariseRegistry } from '../../core/state/registry-diff.ts';
import { mergeRegistry } from '../../core/state/registry-merge.ts';
import { accessTo, blocksOf, mayUse } from '../../core/state/rules.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

const exampleFile = new URL('../../../examples/lab.registry.json', import.meta.url);

function example(): unknown {
  return JSON.parse(readFileSync(exampleFile, 'utf8'));
}

describe('the form of a registry', () => {
  it('has the sections that are named apart from it, and no others', () => {
    assert.deepEqual([...COLLECTIONS, ...SECTIONS].sort(), Object.keys(RegistrySchema.shape).sort());
  });

  const cases: [why: string, reported: string, place: string, value: unknown][] = [
    ['an unknown section', '', 'extra', {}],
    ['an unknown field', 'people.ana', 'people.ana.age', 4],
    ['an id in capitals', 'hosts.WS09', 'hosts.WS09', { name: 'x', class: 'lab' }],
    ['seats that are no integer', 'features.ray-view.seats', 'features.ray-view.seats', 1.5],
    ['seats below zero', 'features.ray-view.seats', 'features.ray-view.seats', -1],
    ['a role that does not exist', 'people.bo.roles.0', 'people.bo.roles', ['king']],
    ['a key of the wrong length', 'people.bo.logs.12', 'people.bo.logs.12', 'ab'],
    ['a log id with a leading zero', 'people.bo.logs.012', 'people.bo.logs.012', keyOfLog(1)],
    ['a date in words', 'periods.ray-2030.from', 'periods.ray-2030.from', 'today'],
    ['half a surrogate pair', 'people.bo.name', 'people.bo.name', '\ud800'],
    ['a relay by another protocol', 'relays.main.url', 'relays.main.url', 'ftp://x'],
  ];
  for (const [why, reported, place, value] of cases) {
    it(`refuses ${why} and says where`, () => {
      const verdict = parseRegistry(withPlace(smallRegistry(), place.split('.'), value));
      assert.equal(verdict.ok, false);
      assert.deepEqual(
        verdict.misfits?.map(({ path }) => path),
        [reported],
      );
    });
  }

  it('keeps lists of ids as sorted sets', () => {
    const registry = smallRegistry();
    registry.groups.designers = { name: 'Designers', members: ['bo', 'ana', 'bo'] };
    const verdict = parseRegistry(registry);
    assert.deepEqual(verdict.ok && verdict.value.groups.designers?.members, ['ana', 'bo']);
  });

  it('is not polluted by a key that objects inherit', () => {
    const hostile = JSON.parse(
      JSON.stringify(smallRegistry()).replace('"people":{', '"people":{"__proto__":{"name":"x"},'),
    );
    parseRegistry(hostile);
    assert.equal(({} as { name?: string }).name, undefined);
  });

  for (const of of ['registry', 'import'] as const) {
    it(`describes every field in the JSON Schema of the ${of}`, () => {
      const schema = registryJsonSchema(of);
      assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
      assert.deepEqual(undescribed(schema, ''), []);
    });
  }
});

/** The registry with one place set to anything at all. */
function withPlace(registry: object, [key = '', ...rest]: string[], value: unknown): object {
  const below = (registry as Record<string, object>)[key] ?? {};
  return { ...registry, [key]: rest.length === 0 ? value : withPlace(below, rest, value) };
}

/** Paths of properties without a description. */
function undescribed(schema: unknown, path: string): string[] {
  const { properties = {}, additionalProperties } = schema as Record<
    string,
    Record<string, Record<string, unknown>>
  >;
  const here = Object.entries(properties).flatMap(([name, property]) => [
    ...(property.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(property, `${path}.${name}`),
  ]);
  return additionalProperties && typeof additionalProperties === 'object'
    ? [...here, ...undescribed(additionalProperties, `${path}.*`)]
    : here;
}

describe('a registry as a whole', () => {
  it('has nothing wrong with the small one', () => {
    assert.deepEqual(checkRegistry(smallRegistry()), []);
  });

  const cases: [why: string, found: string[], breakIt: (registry: Registry) => void][] = [
    [
      'software that is not there',
      ['features.ray-view.software unknown-id'],
      (r) => {
        r.features['ray-view'] = { name: 'x', software: 'gone', seats: 1 };
      },
    ],
    [
      'an inherited name instead of an id',
      ['features.ray-view.software unknown-id'],
      (r) => {
        r.features['ray-view'] = { name: 'x', software: 'constructor', seats: 1 };
      },
    ],
    [
      'a member that is not there',
      ['groups.designers.members unknown-id'],
      (r) => {
        r.groups.designers = { name: 'x', members: ['ana', 'gone'] };
      },
    ],
    [
      'a class that is not there',
      ['hosts.ws03.class unknown-id'],
      (r) => {
        r.hosts.ws03 = { name: 'x', class: 'gone' };
      },
    ],
    [
      'a person who is a host too',
      ['hosts.ana id-twice'],
      (r) => {
        r.hosts.ana = { name: 'x', class: 'office' };
      },
    ],
    [
      'a period of nothing',
      ['periods.ray-2030 no-target'],
      (r) => {
        r.periods['ray-2030'] = { from: '2030-01-01', until: '2030-01-02' };
      },
    ],
    [
      'a rule on a feature and a block',
      ['rules.r no-target'],
      (r) => {
        r.rules.r = { feature: 'ray-view', block: 'ray', allow: { people: ['ana'] } };
      },
    ],
    [
      'a day that does not exist',
      ['periods.ray-2030.until period-date'],
      (r) => {
        r.periods['ray-2030'] = { block: 'ray', from: '2030-01-01', until: '2030-02-29' };
      },
    ],
    [
      'a period that ends before it begins',
      ['periods.ray-2030.until period-order'],
      (r) => {
        r.periods['ray-2030'] = { block: 'ray', from: '2030-01-02', until: '2030-01-01' };
      },
    ],
    [
      'more seats reserved than there are',
      ['features.ray-batch.seats over-reserved'],
      (r) => {
        r.reservations.more = { feature: 'ray-batch', host: 'ws02', seats: 4 };
      },
    ],
    [
      'two reservations for one host',
      ['reservations.zwo reserved-twice'],
      (r) => {
        r.reservations.zwo = { feature: 'ray-batch', host: 'ws01', seats: 1 };
      },
    ],
    [
      'a reservation for a host that the rules leave out',
      ['reservations.view.host reserved-for-barred'],
      (r) => {
        r.reservations.view = { feature: 'ray-view', host: 'ws03', seats: 1 };
      },
    ],
    [
      'a rule that does nothing',
      ['rules.r rule-empty'],
      (r) => {
        r.rules.r = { feature: 'ray-view' };
      },
    ],
    [
      'a rule whose people are all denied',
      ['rules.r rule-matches-nobody'],
      (r) => {
        r.rules.r = { feature: 'ray-view', allow: { people: ['bo'] }, deny: { people: ['bo'] } };
      },
    ],
    [
      'a rule whose group was emptied',
      ['rules.ray-designers rule-matches-nobody'],
      (r) => {
        r.groups.designers = { name: 'x', members: [] };
      },
    ],
    [
      'a limit whose people are in an emptied group',
      ['rules.r rule-matches-nobody'],
      (r) => {
        r.groups.none = { name: 'x', members: [] };
        r.rules.r = { feature: 'ray-view', for: { groups: ['none'] }, max: 1 };
      },
    ],
    [
      'a limit for somebody who is not there',
      ['rules.r.for.people unknown-id'],
      (r) => {
        r.rules.r = { feature: 'ray-view', for: { people: ['eve'] }, max: 1 };
      },
    ],
    [
      'people for whom a rule says nothing',
      ['rules.r.for rule-empty'],
      (r) => {
        r.rules.r = { feature: 'ray-view', deny: { people: ['bo'] }, for: { people: ['ana'] } };
      },
    ],
    [
      'seats kept for nobody in particular',
      ['rules.r.keep rule-empty'],
      (r) => {
        r.rules.r = { feature: 'ray-view', keep: 1 };
      },
    ],
    [
      'more seats kept than there are',
      ['rules.r.keep over-reserved'],
      (r) => {
        r.rules.r = { block: 'ray', for: { people: ['ana'] }, keep: 3 };
      },
    ],
    [
      'relays of which too many may lie',
      ['policy.lyingRelays too-few-relays'],
      (r) => {
        r.policy = { ...r.policy, lyingRelays: 1 };
      },
    ],
    [
      'a recovery threshold beyond its keys',
      ['recovery.threshold recovery-threshold'],
      (r) => {
        r.recovery = { ...r.recovery, threshold: 3 };
      },
    ],
  ];
  for (const [why, found, breakIt] of cases) {
    it(`reports ${why}`, () => {
      const registry = smallRegistry();
      breakIt(registry);
      assert.deepEqual(
        checkRegistry(registry).map(({ path, code }) => `${path} ${code}`),
        found,
      );
    });
  }

  it('advises on a feature that nobody can use and on an empty block', () => {
    const registry = smallRegistry();
    registry.features.lone = { name: 'Lone', software: 'raytracer', seats: 0 };
    registry.blocks.void = { name: 'Void', features: [] };
    assert.deepEqual(
      adviseRegistry(registry).map(({ path, code }) => `${path} ${code}`),
      [
        'features.lone feature-without-period',
        'features.lone.seats no-seats',
        'blocks.void.features empty-block',
      ],
    );
  });
});

describe('rules', () => {
  const access = accessTo(smallRegistry());
  for (const [feature, person, host, verdict] of [
    ['ray-view', 'ana', 'ws01', 'allowed ray-designers'],
    ['ray-view', 'bo', 'ws01', 'denied ray-designers'],
    ['ray-view', 'ana', 'ws03', 'not-listed null'],
    ['ray-view', 'cy', 'ws01', 'not-listed null'],
    ['ray-batch', 'dee', 'ws03', 'open null'],
  ] as const) {
    it(`let ${person} on ${host} use ${feature}: ${verdict}`, () => {
      const of = access.get(feature);
      assert(of !== undefined);
      const { because, rule } = mayUse(of, person, host);
      assert.equal(`${because} ${rule}`, verdict);
    });
  }

  it('hold for each feature of a block', () => {
    const registry = smallRegistry();
    registry.rules = { r: { block: 'ray', deny: { hosts: ['ws02'] } } };
    assert.deepEqual(blocksOf(registry, 'ray-batch'), ['ray']);
    const of = accessTo(registry).get('ray-batch');
    assert(of !== undefined);
    assert.deepEqual(mayUse(of, 'ana', 'ws02'), { allow: false, because: 'denied', rule: 'r' });
  });
});

describe('a period', () => {
  for (const [text, start, end] of [
    ['1970-01-01', 0, 86_400],
    ['2030-12-31', 1_924_905_600, 1_924_992_000],
    ['2028-02-29', 1_835_395_200, 1_835_481_600],
    ['2030-01-31T12:00Z', 1_896_091_200, 1_896_091_200],
    ['2030-01-31T12:00:30Z', 1_896_091_230, 1_896_091_230],
    ['2030-02-29', null, null],
    ['2030-13-01', null, null],
    ['2030-00-01', null, null],
    ['2030-01-01T24:00Z', null, null],
    ['2030-01-01T12:00', null, null],
  ] as const) {
    it(`that has ${text} begins at ${start} and ends at ${end}`, () => {
      assert.deepEqual([periodStart(text), periodEnd(text)], [start, end]);
      if (start !== null) assert.equal(start, Date.parse(text) / 1000);
    });
  }
});

describe('the example registry', () => {
  const parsed = parseRegistryImport(example());

  it('is a valid import', () => {
    assert.deepEqual(parsed.ok ? [] : parsed.misfits, []);
  });

  it('has nothing wrong when merged into a realm', () => {
    assert(parsed.ok);
    const { people, hosts } = smallRegistry();
    const merged = mergeRegistry({ ...smallRegistry(), people, hosts }, parsed.value);
    assert.deepEqual(checkRegistry(merged), []);
    assert.deepEqual(adviseRegistry(merged), []);
  });

  it('keeps, when merged, the logs and roles of those who have joined, and the realm', () => {
    assert(parsed.ok);
    const base = smallRegistry();
    base.people['kari.nygaard'] = { name: 'Kari', roles: ['voter'], logs: { '77': keyOfLog(77) } };
    base.people['maja.kraft'] = { name: 'Maja', roles: ['voter'], logs: { '78': keyOfLog(78) } };
    const merged = mergeRegistry(base, parsed.value);
    assert.deepEqual(merged.people['kari.nygaard']?.logs, { '77': keyOfLog(77) });
    assert.deepEqual(merged.people['kari.nygaard']?.roles, ['editor', 'issuer']);
    assert.deepEqual(merged.people['maja.kraft']?.roles, ['voter']);
    assert.deepEqual(merged.people.ana, base.people.ana);
    assert.equal(merged.people.dee, undefined);
    assert.deepEqual([merged.realm, merged.policy, merged.relays], [base.realm, base.policy, base.relays]);
  });
});

describe('the difference of two registries', () => {
  it('is empty for equal ones', () => {
    assert.deepEqual(diffRegistry(smallRegistry(), smallRegistry()), []);
  });

  it('lists entries, fields and lists, and sums them up in sentences', () => {
    const after = smallRegistry();
    after.blocks['view.only'] = { name: 'View only', features: ['ray-view'] };
    delete after.people.dee;
    after.features['ray-batch'] = { name: 'Batch tracing', software: 'raytracer', seats: 8 };
    after.features['ray-view'] = { name: 'Viewer', software: 'raytracer', seats: 2 };
    after.groups.designers = { name: 'Designers', members: ['bo', 'cy'], hosts: ['ws01', 'ws02'] };
    after.realm = { name: 'Optics' };
    const changes = diffRegistry(smallRegistry(), after);
    assert.deepEqual(
      changes.map(({ path, kind }) => `${path} ${kind}`),
      [
        'realm.name changed',
        'features.ray-batch.seats changed',
        'features.ray-view.note removed',
        'blocks.view.only added',
        'people.dee removed',
        'groups.designers.members changed',
      ],
    );
    assert.deepEqual(summariseRegistry(changes), [
      '+1 feature block: view.only',
      '−1 person: dee',
      'realm.name: Optics lab → Optics',
      'features.ray-batch.seats: 5 → 8',
      'features.ray-view.note: was Shared with the workshop, now unset',
      'groups.designers.members: +cy −ana',
    ]);
  });
});
