import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseRegistryImport } from '../../core/state/registry.ts';
import { adviseRegistry, checkRegistry } from '../../core/state/registry-check.ts';
import { mergeRegistry } from '../../core/state/registry-merge.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

const exampleFile = new URL('../../../examples/lab.registry.json', import.meta.url);

function example(): unknown {
  return JSON.parse(readFileSync(exampleFile, 'utf8'));
}

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
