import assert from 'node:assert/strict';
import { type Registry, registryJsonSchema, SECTIONS } from '../../core/state/registry.ts';
import {
  addEntry,
  getPath,
  listEntries,
  removeEntry,
  searchRegistry,
  setField,
} from '../../core/state/registry-find.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

function reason(verdict: { ok: boolean; reason?: string }): string {
  return verdict.ok ? 'ok' : (verdict.reason ?? '');
}

describe('finding in a registry', () => {
  it('lists entries of a kind by id', () => {
    assert.deepEqual(
      listEntries(smallRegistry(), 'hosts').map(([id]) => id),
      ['ws01', 'ws02', 'ws03'],
    );
  });

  for (const [text, found] of [
    ['workshop', ['features/ray-view: note', 'people/dee: department']],
    [
      'TRACER',
      [
        'software/raytracer: name',
        'features/ray-batch: software',
        'features/ray-view: software',
        'blocks/ray: name,software',
      ],
    ],
    ['ws02', ['groups/designers: hosts', 'hosts/ws02: ']],
    [keyOfLog(12), ['people/bo: logs']],
    ['nowhere', []],
  ] as const) {
    it(`finds ${text.slice(0, 12)} over all fields`, () => {
      const hits = searchRegistry(smallRegistry(), text);
      assert.deepEqual(
        hits.map(({ kind, id, fields }) => `${kind}/${id}: ${fields.join(',')}`),
        found,
      );
    });
  }

  it('finds within one kind only when asked', () => {
    const hits = searchRegistry(smallRegistry(), 'workshop', 'people');
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['dee'],
    );
  });

  for (const [path, expected] of [
    ['hosts/ws01/class', 'office'],
    ['rules/ray-designers/allow/groups', ['designers']],
    ['policy/issuers', 1],
  ] as const) {
    it(`gets ${path}`, () => {
      assert.deepEqual(getPath(smallRegistry(), path), { ok: true, value: expected });
    });
  }

  for (const [path, why] of [
    ['hosts/ws09', 'not-found'],
    ['hosts/constructor', 'not-found'],
    ['hosts/__proto__', 'bad-path'],
    ['hosts//class', 'bad-path'],
    ['', 'bad-path'],
  ] as const) {
    it(`gets nothing at '${path}': ${why}`, () => {
      assert.equal(reason(getPath(smallRegistry(), path)), why);
    });
  }
});

describe('editing a registry by path', () => {
  const edits: [
    why: string,
    change: (r: Registry) => ReturnType<typeof setField>,
    path: string,
    expected: unknown,
  ][] = [
    [
      'sets a text',
      (r) => setField(r, 'hosts/ws01', ['department=Optics = light']),
      'hosts/ws01/department',
      'Optics = light',
    ],
    ['sets a number', (r) => setField(r, 'features/ray-view', ['seats=8']), 'features/ray-view/seats', 8],
    [
      'sets seats that may be overdrawn',
      (r) => setField(r, 'features/ray-view', ['overdraft=2']),
      'features/ray-view/overdraft',
      2,
    ],
    [
      'sets what a host has needed',
      (r) => setField(r, 'features/ray-view', ['demand/ws01=3']),
      'features/ray-view/demand',
      { ws01: 3 },
    ],
    [
      'keeps digits as text in a name',
      (r) => setField(r, 'hosts/ws01', ['name=2030']),
      'hosts/ws01/name',
      '2030',
    ],
    [
      'sets a list',
      (r) => setField(r, 'people/bo', ['roles=voter, editor']),
      'people/bo/roles',
      ['editor', 'voter'],
    ],
    [
      'adds to a list',
      (r) => setField(r, 'groups/designers', ['members+=dee']),
      'groups/designers/members',
      ['ana', 'bo', 'dee'],
    ],
    [
      'takes from a list',
      (r) => setField(r, 'groups/designers', ['members-=bo']),
      'groups/designers/members',
      ['ana'],
    ],
    [
      'sets below an entry',
      (r) => setField(r, 'rules/ray-designers', ['allow/people=dee']),
      'rules/ray-designers/allow',
      { groups: ['designers'], people: ['dee'] },
    ],
    ['sets a field of a section', (r) => setField(r, 'policy', ['apply=drain']), 'policy/apply', 'drain'],
    [
      'adds an entry',
      (r) => addEntry(r, 'hosts/ws04', ['name=W 4', 'class=lab']),
      'hosts/ws04',
      { name: 'W 4', class: 'lab' },
    ],
  ];
  for (const [why, change, path, expected] of edits) {
    it(why, () => {
      const before = smallRegistry();
      const verdict = change(before);
      assert(verdict.ok, reason(verdict));
      assert.deepEqual(getPath(verdict.value, path), { ok: true, value: expected });
      assert.deepEqual(before, smallRegistry());
    });
  }

  for (const { field, text } of scalars(registryJsonSchema(), '')) {
    it(`reads ${text} as what ${field} takes`, () => {
      const [kind = '', ...rest] = field.split('/');
      const verdict = SECTIONS.some((section) => section === kind)
        ? setField(smallRegistry(), kind, [`${rest.join('/')}=${text}`])
        : addEntry(smallRegistry(), `${kind}/${rest[0]}`, [`${rest.slice(1).join('/')}=${text}`]);
      const dotted = `${field.replaceAll('/', '.')}:`;
      assert.equal(verdict.ok || !(verdict.detail ?? '').includes(dotted), true, JSON.stringify(verdict));
    });
  }

  it('removes an entry, and an optional field', () => {
    const once = removeEntry(smallRegistry(), 'people/dee');
    assert(once.ok);
    assert.equal(reason(getPath(once.value, 'people/dee')), 'not-found');
    const twice = removeEntry(once.value, 'features/ray-view/note');
    assert(twice.ok);
    assert.equal(reason(getPath(twice.value, 'features/ray-view/note')), 'not-found');
  });

  const refusals: [why: string, change: (r: Registry) => ReturnType<typeof setField>, reason: string][] = [
    ['adding what is there', (r) => addEntry(r, 'hosts/ws01', ['name=x', 'class=lab']), 'exists'],
    ['adding without what is needed', (r) => addEntry(r, 'hosts/ws04', ['name=x']), 'schema'],
    ['adding to no collection', (r) => addEntry(r, 'policy/x', []), 'bad-path'],
    [
      'adding under a name that objects inherit',
      (r) => addEntry(r, 'hosts/__proto__', ['name=x', 'class=lab']),
      'bad-path',
    ],
    ['setting in what is not there', (r) => setField(r, 'hosts/ws09', ['class=lab']), 'not-found'],
    ['setting a collection', (r) => setField(r, 'hosts', ['ws01=x']), 'bad-path'],
    ['a field that does not exist', (r) => setField(r, 'hosts/ws01', ['colour=red']), 'schema'],
    ['a number that is none', (r) => setField(r, 'features/ray-view', ['seats=many']), 'schema'],
    ['a text without =', (r) => setField(r, 'hosts/ws01', ['class']), 'bad-value'],
    ['adding to what is no list', (r) => setField(r, 'hosts/ws01', ['class+=lab']), 'bad-value'],
    ['a text where fields belong', (r) => setField(r, 'rules/ray-designers', ['allow=ana']), 'bad-value'],
    ['removing a section', (r) => removeEntry(r, 'hosts'), 'bad-path'],
    ['removing what is needed', (r) => removeEntry(r, 'hosts/ws01/class'), 'schema'],
    ['removing what is not there', (r) => removeEntry(r, 'hosts/ws09'), 'not-found'],
  ];
  for (const [why, change, expected] of refusals) {
    it(`refuses ${why}`, () => {
      assert.equal(reason(change(smallRegistry())), expected);
    });
  }
});

interface JsonForm {
  readonly type?: string;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, JsonForm>>;
  readonly additionalProperties?: JsonForm | boolean;
}

/** Every field of a form that holds a number, or is true or false, and a text that it must take. */
function scalars(
  form: JsonForm,
  field: string,
): readonly { readonly field: string; readonly text: string }[] {
  const under = (key: string) => (field === '' ? key : `${field}/${key}`);
  if (form.type === 'integer') return [{ field, text: String(form.minimum) }];
  if (form.type === 'boolean') return [{ field, text: 'true' }];
  const { additionalProperties: each, properties = {} } = form;
  const named = Object.entries(properties).flatMap(([key, below]) => scalars(below, under(key)));
  return typeof each === 'object' ? [...named, ...scalars(each, under('some'))] : named;
}
