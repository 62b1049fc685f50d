import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connectAgent } from '../../core/agent/client.ts';
import { statusWhen } from '../support/agent-world.ts';
import { succeeds } from '../support/lab.ts';
import type { Host } from '../support/programs.ts';
import { twoHosts } from '../support/two-hosts.ts';

describe('a join that was made while the relay was away', () => {
  const place = twoHosts();

  it('is completed by itself once the relay has the invitation, and is not given up before', async () => {
    const { founder, newcomer, relay, root } = place;
    const at = ['--relay', relay.url, '--relay-key', relay.key];
    const recovery = ['--recovery-file', join(root, 'recovery')];
    await succeeds(founder.run(['init', 'Fern Lab', '--host', 'ws-01', ...at, ...recovery]));
    const first = await agentOf(founder);
    await statusWhen(first, ({ relay: link }) => link.state === 'synced');
    await first.close();
    await relay.stop();
    const { stdout: input } = await succeeds(founder.run('invite host ws-02'));
    await succeeds(founder.run('agent stop'));
    const joined = await succeeds(newcomer.run('join -', { input }));
    assert.match(joined.stderr, /Nobody else has heard of it/);

    await relay.start();
    const agent = await agentOf(newcomer);
    await statusWhen(agent, (status) => status.join?.state === 'refused');
    const early = await succeeds(newcomer.run('status'));
    assert.match(early.stdout, /Not joined yet; the relay is asked again by itself\./);
    const health = await newcomer.run('doctor');
    assert.match(health.stdout, /^… identity: ws-02 of \S+ has not joined yet: .*knows no such invitation/m);

    await succeeds(founder.run('agent start'));
    await statusWhen(agent, (status) => status.join?.state === 'kept');
    await agent.close();
    assert.match((await newcomer.run('status')).stdout, /Not a member yet: an issuer publishes a version/);
  }).timeout(60_000);
});

function agentOf({ dataDir, env }: Host) {
  const socket = env.LEASEHOLD_AGENT_SOCKET ?? '';
  return connectAgent({ dataDir, socket, spawn: false, timeout: 10, client: 'test/1' });
}
