import assert from 'node:assert/strict';
import { accessTo, blocksOf, mayUse } from '../../core/state/rules.ts';
import { smallRegistry } from '../support/registries.ts';

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
