import assert from 'node:assert/strict';
import { MAX_RPC_BYTES } from '../../core/adapters/frame-guard.ts';
import type { Registry } from '../../core/state/registry.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { CLEAN, drafted, editing, registry } from '../support/registry-agent.ts';

/** A file with this many people of about 9 kB each, and a group of those given. */
function fileOf(people: number, members: readonly string[] = []): string {
  const entries = Array.from({ length: people }, (_, i) => [
    `p${i}`,
    { name: `P${i}`, note: 'x'.repeat(9000) },
  ]);
  return JSON.stringify({
    people: Object.fromEntries(entries),
    groups: { team: { name: 'Team', members } },
  });
}

/** What each command had to carry. */
function bytesOf({ commands }: ReturnType<typeof editing>): readonly number[] {
  return commands.map((command) => Buffer.byteLength(JSON.stringify(command)));
}

describe('a change that is more than one message holds', () => {
  const file = fileOf(300);

  it('is drafted in several, each of which the agent takes', async () => {
    const agent = editing();
    const { code, err, out } = await run('registry import -', { agent, stdin: file });
    assert.equal(code, 0, err);
    const bytes = bytesOf(agent);
    assert(bytes.length > 1 && Math.max(...bytes) <= MAX_RPC_BYTES - 1024, `${bytes}`);
    assert.equal(Object.keys(drafted(agent)?.people ?? {}).length, 300);
    assert.match(out, /✓ \+300 people: /);
    assert.equal(agent.asked.at(-1), 'draft');
  });

  it('is looked through in a dry run without drafting any of it', async () => {
    const agent = editing();
    const { code, err, out } = await run('registry import - -n', {
      agent,
      stdin: fileOf(300, ['p1', 'nobody']),
    });
    assert.deepEqual([code, agent.commands], [0, []]);
    assert(agent.asked.filter((method) => method === 'foresee').length > 1);
    assert.match(out, /Would draft: \+300 people: /);
    assert.match(err, /! groups\.team\.members: there is no nobody in people/);
  });

  it('is refused where one entry alone is, before any of it is drafted', async () => {
    const members = Array.from({ length: 40_000 }, (_, i) => `somebody-with-a-name-${i}`);
    const agent = editing();
    const { code, err } = await run('registry import -', { agent, stdin: fileOf(300, members) });
    assert.deepEqual([code, agent.asked], [1, ['registry']]);
    assert.match(err, /✗ change too large: expected at most \d+ bytes for groups\/team as it was and is/);
  });

  it('ends at the first part that is refused', async () => {
    const agent = fakeAgent(
      { registry: () => ({ registry: registry(), base: 4 }), draft: () => CLEAN },
      () => ({
        ok: false,
        reason: 'not-an-editor',
        detail: 'ana',
      }),
    );
    assert.equal((await run('registry import -', { agent, stdin: file })).code, 4);
    assert.equal(agent.commands.length, 1);
  });
});

describe('a change of a part of a registry', () => {
  it('carries that part alone', async () => {
    const agent = editing();
    await run('registry set groups/team members+=ben', { agent });
    const [command] = agent.commands;
    assert.deepEqual(command, {
      do: 'set-registry',
      was: { groups: { team: { name: 'Team', members: ['ana'] } } },
      registry: { groups: { team: { name: 'Team', members: ['ana', 'ben'] } } },
    });
  });

  it('is shown to the agent in a dry run as that part', async () => {
    const asked: unknown[] = [];
    const agent = fakeAgent({
      registry: () => ({ registry: registry(), base: 4 }),
      draft: (params) => {
        asked.push(params);
        return CLEAN;
      },
    });
    await run('registry remove groups/team -n', { agent });
    await run('registry set groups/team name=Team -n', { agent });
    const change = {
      was: { groups: { team: { name: 'Team', members: ['ana'] } } },
      registry: { groups: {} },
    };
    assert.deepEqual(asked, [{ change }, { change: undefined }]);
  });

  it('is what discarding a draft gives back', async () => {
    const signed: Registry = { ...registry(), groups: {} };
    const agent = fakeAgent({
      registry: ({ version }) => ({ registry: version === 'draft' ? registry() : signed, base: 4 }),
      draft: () => ({ ...CLEAN, changes: [{ path: 'groups.team', kind: 'added', after: {} }] }),
    });
    await run('draft discard --yes', { agent });
    assert.deepEqual(agent.commands, [
      {
        do: 'set-registry',
        was: { groups: { team: { name: 'Team', members: ['ana'] } } },
        registry: { groups: {} },
      },
    ]);
  });
});
