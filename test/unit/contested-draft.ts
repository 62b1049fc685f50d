import assert from 'node:assert/strict';
import { reportDraft } from '../../core/agent/reports/draft.ts';
import { reportRegistry } from '../../core/agent/reports/registry.ts';
import type { Registry } from '../../core/state/registry.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { exchange, foundedHost, invitedHost, type RigHost } from '../support/host-rig.ts';

async function rename(host: RigHost, name: string): Promise<void> {
  const report = reportRegistry(host.runtime.model, 'draft');
  assert.ok(report.ok);
  const registry = { ...(report.value.registry as Registry), realm: { name } };
  assert.equal((await host.submit({ do: 'set-registry', registry })).ok, true);
}

describe('A field that two editors set at once', () => {
  it('is named in the draft, with whose value stands and what is lost, until somebody sets it again', async () => {
    const founder = await foundedHost();
    await founder.submit({ do: 'publish', message: 'one', expect: 1 });
    const other = await invitedHost(founder, 'ws02', 102, ['editor']);
    await exchange(founder, other);
    await founder.submit({ do: 'publish', message: 'two', expect: 2 });
    await exchange(founder, other);
    await rename(founder, 'Fern Lab');
    await rename(other, 'Moss Lab');
    await exchange(founder, other);

    const { contested } = reportDraft(founder.runtime.model);
    assert.deepEqual(reportDraft(other.runtime.model).contested, contested);
    const names = { [founder.id]: 'Fern Lab', [other.id]: 'Moss Lab' };
    const [one] = contested;
    assert.deepEqual([contested.length, one?.path], [1, 'realm.name']);
    assert.deepEqual(new Set([one?.by, one?.over]), new Set([founder.id, other.id]));
    assert.equal(one?.lost, names[one?.over ?? '']);

    const agent = fakeAgent({ draft: () => reportDraft(founder.runtime.model) });
    const words = `realm.name: ${one?.by} and ${one?.over} wrote it at once; what ${one?.by} wrote stands, ${one?.over} had "${one?.lost}"`;
    assert.ok((await run('draft status', { agent })).out.includes(`! ${words}`));
    assert.ok((await run('draft diff', { agent })).err.includes(words));

    await rename(founder, 'Heath Lab');
    assert.deepEqual(reportDraft(founder.runtime.model).contested, []);
  });
});
