import assert from 'node:assert/strict';
import { answerWhen } from '../support/agent-world.ts';
import { shown, succeeds, withLab } from '../support/lab.ts';

describe('an agent that is killed while a version waits for its leases', () => {
  it('comes again with them, applies nothing before they end, and then applies', () =>
    withLab({ 'ws-02': ['voter'] }, async ({ client, founder, of }) => {
      const other = of('ws-02');
      const program = ['-e', "console.log('working'); setInterval(() => {}, 1000)"];
      const working = other.start(['run', '--feature', 'sim.pro', '--', process.execPath, ...program]);
      await working.line(/^working$/);
      await succeeds(founder.run('registry set features/sim.pro seats=9'));
      await succeeds(
        founder.run(['config', 'publish', '-m', 'More', '--wait=certified', '--timeout', '25s']),
      );
      const here = await client(founder);
      const held = await answerWhen(
        here,
        () => here.request('rollout', { version: 3 }),
        (rollout) => rollout?.causes.some(({ kind }) => kind === 'lease') === true,
      );
      const cause = held?.causes.find(({ kind }) => kind === 'lease');
      assert.ok(cause?.kind === 'lease');
      assert.deepEqual([cause.host, cause.user, cause.feature], ['ws-02', 'ana', 'sim.pro']);

      const { pid } = await shown(other.run('agent status --json'));
      process.kill(pid, 'SIGKILL');
      await working.line(/The agent is gone/);
      const status = await shown(other.run('status --json'));
      assert.notEqual(status.agent.pid, pid);
      assert.deepEqual([status.newest, status.applied, status.draining], [3, 2, true]);
      assert.deepEqual(
        status.leases.map(({ id }: { id: string }) => id),
        [cause.lease],
      );

      working.child.kill('SIGTERM');
      assert.equal((await working.finished).code, 143);
      await succeeds(other.run('rollout wait v3 --for here --timeout 20s'));
      await succeeds(founder.run('rollout wait v3 --timeout 20s'));
      await succeeds(other.run('config verify'));
    })).timeout(60_000);
});
