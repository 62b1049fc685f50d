import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { importFlexnet } from '../../core/state/flexnet-import.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';

const parsed = parseRegistry(
  JSON.parse(readFileSync(new URL('../../../test/vectors/flexnet/base.json', import.meta.url), 'utf8')),
);
assert(parsed.ok);
const BASE = parsed.value;

type Fields = Partial<Record<'linger' | 'timeout' | 'overdraft', number>>;

/** The registry with these fields set by hand at one feature; undefined unsets. */
function byHand(registry: Registry, feature: string, fields: Fields): Registry {
  const present = registry.features[feature];
  assert(present !== undefined);
  const changed = { ...present, ...fields };
  for (const field of ['linger', 'timeout', 'overdraft'] as const)
    if (changed[field] === undefined) delete changed[field];
  return whole({ ...registry, features: { ...registry.features, [feature]: changed } });
}

function whole(registry: Registry): Registry {
  const verdict = parseRegistry(registry);
  assert(verdict.ok, verdict.ok ? '' : verdict.detail);
  return verdict.value;
}

function taken(base: Registry, text: string, software: string | null = null) {
  const imported = importFlexnet(base, text, { create: false, software });
  assert(imported.ok);
  const { earlier, registry } = imported.value;
  return { registry: whole(registry), earlier: earlier.map(({ outcome, path }) => `${path} ${outcome}`) };
}

function fields(registry: Registry, feature = 'mesh'): Fields {
  const { linger, overdraft, timeout } = registry.features[feature] ?? {};
  return JSON.parse(JSON.stringify({ linger, overdraft, timeout }));
}

describe('An options file that is imported again', () => {
  const gone: readonly [line: string, field: keyof Fields][] = [
    ['TIMEOUT mesh 1200', 'timeout'],
    ['TIMEOUTALL 1200', 'timeout'],
    ['LINGER mesh 1200', 'linger'],
    ['MAX_OVERDRAFT mesh 0', 'overdraft'],
  ];
  for (const [line, field] of gone) {
    const path = `features/mesh/${field}`;

    it(`without its ${line} takes the ${field} back, and says so`, () => {
      const once = taken(BASE, line);
      assert.notEqual(fields(once.registry)[field], undefined);
      const { earlier, registry } = taken(once.registry, '# gone');
      assert.deepEqual(registry, BASE);
      assert(earlier.includes(`${path} taken-back`));
      assert.deepEqual(taken(registry, '# gone').earlier, []);
    });

    it(`without its ${line} keeps a ${field} that a person has set since, and says so`, () => {
      const set = byHand(taken(BASE, line).registry, 'mesh', { [field]: 3600 });
      const { earlier, registry } = taken(set, '# gone');
      assert.deepEqual(fields(registry), { [field]: 3600 });
      assert(earlier.includes(`${path} kept`));
      assert.equal(registry.features.mesh?.imported, undefined);
      assert.deepEqual(taken(registry, '# gone').earlier, []);
    });

    it(`without its ${line} puts back the ${field} that a person had set before`, () => {
      const before = byHand(BASE, 'mesh', { [field]: 3600 });
      const once = taken(before, line);
      assert(once.earlier.includes(`${path} replaced`));
      const twice = taken(once.registry, line);
      assert.deepEqual(twice.earlier, []);
      const { earlier, registry } = taken(twice.registry, '# gone');
      assert.deepEqual(registry, before);
      assert(earlier.includes(`${path} taken-back`));
    });
  }

  it('leaves a value of its own alone that a person had set to the same before', () => {
    const before = byHand(BASE, 'mesh', { timeout: 1200 });
    const { earlier, registry } = taken(before, 'TIMEOUT mesh 1200');
    assert.deepEqual([fields(registry), earlier], [{ timeout: 1200 }, []]);
    assert.deepEqual(taken(registry, '').registry, before);
  });

  it('puts its line in place of what a person set since, and remembers that', () => {
    const set = byHand(taken(BASE, 'TIMEOUT mesh 1200').registry, 'mesh', { timeout: 3600 });
    const { earlier, registry } = taken(set, 'TIMEOUT mesh 1200');
    assert.deepEqual([fields(registry), earlier], [{ timeout: 1200 }, ['features/mesh/timeout replaced']]);
    assert.deepEqual(fields(taken(registry, '').registry), { timeout: 3600 });
  });

  it('leaves alone what a person unset since and no line sets', () => {
    const set = byHand(taken(BASE, 'TIMEOUT mesh 1200').registry, 'mesh', { timeout: undefined } as never);
    const { earlier, registry } = taken(set, '');
    assert.deepEqual([registry, earlier], [BASE, ['features/mesh/timeout kept']]);
  });

  it('takes back a value whose line can no longer be read', () => {
    const { earlier, registry } = taken(taken(BASE, 'LINGER mesh 1200').registry, 'LINGER mesh 12oo');
    assert.deepEqual([fields(registry), earlier], [{}, ['features/mesh/linger taken-back']]);
  });

  it('takes back only what a file for the same software has set', () => {
    const cad = taken(BASE, 'TIMEOUT mesh 1200\nLINGER mesh 60', 'cad').registry;
    const other = taken(cad, '# nothing', 'raytracer');
    assert.deepEqual([other.registry, other.earlier], [cad, []]);
    const { registry } = taken(cad, 'LINGER mesh 60', 'cad');
    assert.deepEqual(fields(registry), { linger: 60 });
  });

  it('says that it replaced the value of a file for another software, and then owns it', () => {
    const cad = taken(BASE, 'TIMEOUT mesh 1200', 'cad').registry;
    const all = taken(cad, 'TIMEOUTALL 7200');
    assert(all.earlier.includes('features/mesh/timeout replaced'));
    assert.deepEqual(fields(taken(all.registry, '', 'cad').registry), { timeout: 7200 });
    assert.deepEqual(taken(all.registry, '').registry, BASE);
  });

  it('without TIMEOUTALL keeps the timeouts that lines of their own set', () => {
    const once = taken(BASE, 'TIMEOUT mesh 1200\nTIMEOUTALL 7200').registry;
    const { earlier, registry } = taken(once, 'TIMEOUT mesh 1200');
    assert.deepEqual(fields(registry), { timeout: 1200 });
    assert.equal(earlier.length, Object.keys(BASE.features).length - 1);
    assert.deepEqual(fields(registry, 'ray-batch'), {});
  });

  it('says which rules, blocks and reservations it took back, and nothing of those whose lines moved', () => {
    const once = taken(BASE, 'MAX 1 mesh USER ana\nRESERVE 1 mesh HOST ws01\nEXCLUDEALL USER bo').registry;
    const { earlier } = taken(once, '# moved\nMAX 1 mesh USER ana');
    assert.deepEqual(earlier, [
      'rules/flexnet.line-3 taken-back',
      'blocks/flexnet.line-3 taken-back',
      'reservations/flexnet.line-2-1 taken-back',
    ]);
  });
});
