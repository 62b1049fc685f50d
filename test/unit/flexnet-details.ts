import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { importFlexnet } from '../../core/state/flexnet-import.ts';
import { flexnetLines } from '../../core/state/flexnet-lines.ts';
import { freeId, namesIn } from '../../core/state/flexnet-names.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { MAX_SEATS } from '../../core/state/registry-schema.ts';
import { grantedRegistry } from '../support/grants.ts';

const FILE = new URL('../../../test/vectors/flexnet/base.json', import.meta.url);
const parsed = parseRegistry(JSON.parse(readFileSync(FILE, 'utf8')));
assert(parsed.ok, parsed.ok ? '' : parsed.detail);
const BASE = parsed.value;

function taken(text: string, base: Registry = BASE, create = false) {
  const imported = importFlexnet(base, text, { create, software: null });
  assert(imported.ok);
  return imported.value;
}

/** The words of each line of a file; null for a line that cannot be read. */
function wordsOf(text: string): readonly (readonly string[] | null)[] {
  const lines = flexnetLines(text);
  assert(lines.ok);
  return lines.value.map(({ words }) => words);
}

describe('The lines of an options file', () => {
  const cases: readonly [why: string, text: string, words: readonly (readonly string[] | null)[]][] = [
    ['begin after a byte order mark', '\uFEFF# comment\nA b', [[], ['A', 'b']]],
    ['end a word where they are continued', 'A b\\\nc', [['A', 'b', 'c']]],
    ['go on where what continues them looks like a comment', 'A \\\n# b \\\nc', [['A', '#', 'b', 'c']]],
    ['do not go on after a comment', '# b \\\nA c', [[], ['A', 'c']]],
  ];
  for (const [why, text, words] of cases) it(why, () => assert.deepEqual(wordsOf(text), words));
});

it('A byte order mark is not shown with the first line of an options file', () => {
  const lines = flexnetLines('\uFEFFA b');
  assert.deepEqual(lines.ok && lines.value.map(({ text }) => text), ['A b']);
});

describe('A name in an options file', () => {
  const people = (entries: Readonly<Record<string, string>>): Registry => ({
    ...BASE,
    people: Object.fromEntries(Object.entries(entries).map(([id, name]) => [id, { name }])),
  });
  const cases: readonly [
    why: string,
    entries: Readonly<Record<string, string>>,
    name: string,
    anyCase: boolean,
    expected: string | null,
  ][] = [
    ['is an id', { ana: 'Ana Lee', bo: 'Bo' }, 'ana', false, 'ana'],
    ['is a name shown', { ana: 'Ana Lee' }, 'Ana Lee', false, 'ana'],
    ['is an id before it is a name shown', { x: 'ana', ana: 'Ana Lee' }, 'ana', false, 'ana'],
    ['is an id before it is a name shown in any case, too', { x: 'Ana', ana: 'Ana Lee' }, 'ANA', true, 'ana'],
    ['is nobody’s where several have it', { x: 'Ana Lee', y: 'Ana Lee' }, 'Ana Lee', false, null],
    ['is nobody’s in another case unless the file says so', { ana: 'Ana Lee' }, 'ANA', false, null],
    ['is anybody’s in another case where the file says so', { ana: 'Ana Lee' }, 'ANA LEE', true, 'ana'],
  ];
  for (const [why, entries, name, anyCase, expected] of cases) {
    it(why, () => assert.equal(namesIn(people(entries), false).person(name, anyCase), expected));
  }

  it('of a feature is its id in any case before it is the name of another', () => {
    const mesh = BASE.features.mesh;
    assert(mesh !== undefined);
    const features = { 'a-first': { ...mesh, name: 'Mesh' }, mesh: { ...mesh, name: 'Mesher' } };
    assert.equal(namesIn({ ...BASE, features }, false).feature('MESH'), 'mesh');
  });

  it('that nobody has becomes an entry of its own, whatever ids are like it', () => {
    const names = namesIn(
      { ...BASE, hosts: { ...BASE.hosts, pool: { name: 'Pool', class: 'office' } } },
      true,
    );
    assert.deepEqual(
      ['J Doe', 'j-doe', 'J.Doe!', 'J Doe', 'Pool', '???'].map((name) => names.person(name, false)),
      ['j-doe', 'j-doe-2', 'j.doe', 'j-doe', 'pool-2', null],
    );
    assert.equal(names.person('J DOE', true), 'j-doe');
    assert.deepEqual(names.made.get('j-doe-2'), { name: 'j-doe' });
    assert.equal(names.person('x'.repeat(1000), false), null);
  });
});

describe('An id made of a name', () => {
  it('leaves room for a number behind it', () => {
    const taken = new Set<string>();
    for (let n = 0; n < 999; n++) {
      const id = freeId('A'.repeat(200), (one) => taken.has(one));
      assert(id !== null && id.length <= 64, `${id}`);
      taken.add(id);
    }
    assert.equal(taken.size, 999);
    assert.equal(
      freeId('a'.repeat(200), (one) => taken.has(one)),
      null,
    );
  });
});

describe('An options file', () => {
  it('lets in who is among those of INCLUDEALL and of INCLUDE on hosts, too', () => {
    const { registry } = taken('INCLUDEALL HOST ws01\nINCLUDEALL HOST ws02\nINCLUDE mesh HOST ws02');
    const allowed = Object.values(registry.rules).filter(({ feature }) => feature === 'mesh');
    assert.deepEqual(
      allowed.map(({ allow }) => allow),
      [{ hosts: ['ws02'] }],
    );
  });

  it('reserves nothing on hosts for which no seat is left', () => {
    const { registry } = taken('HOST_GROUP lab ws01 ws02\nRESERVE 1 mesh HOST_GROUP lab');
    assert.deepEqual(
      Object.values(registry.reservations).map(({ host, seats }) => [host, seats]),
      [['ws01', 1]],
    );
  });

  it('reserves no more than a registry can hold, however many lines add up', () => {
    const { registry } = taken(`RESERVE ${MAX_SEATS} mesh HOST ws01\nRESERVE 1 mesh HOST ws01`);
    assert.deepEqual(
      Object.values(registry.reservations).map(({ seats }) => seats),
      [MAX_SEATS],
    );
  });

  it('for one software shuts nobody out of the features of another', () => {
    const imported = importFlexnet(BASE, 'INCLUDE mesh USER zoe', { create: false, software: 'none' });
    assert(imported.ok);
    assert.deepEqual(imported.value.registry.rules, BASE.rules);
  });

  it('lowers what a vendor allows beyond the seats, and never raises it', async () => {
    const granted = await grantedRegistry({ overdraft: { 'ray-batch': 2 } });
    const beyond = (seats: number) =>
      taken(`MAX_OVERDRAFT ray-batch ${seats}`, granted).registry.features['ray-batch']?.overdraft;
    assert.deepEqual([1, 2, 3].map(beyond), [1, 2, 2]);
  });

  it('narrows nothing by a colon with nothing behind it', () => {
    assert.deepEqual(
      taken('INCLUDE mesh: USER ana').lines.map(({ outcome }) => outcome),
      ['taken'],
    );
  });

  it('that sets a field to another value than it did before replaces nothing of anybody else', () => {
    const { registry } = taken('TIMEOUT mesh 1200');
    const { earlier, registry: after } = taken('TIMEOUT mesh 1800', registry);
    assert.deepEqual([earlier, after.features.mesh?.timeout], [[], 1800]);
  });
});
