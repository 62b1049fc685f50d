import assert from 'node:assert/strict';
import { answerWhen, statusWhen } from '../support/agent-world.ts';
import { shown, succeeds, withLab } from '../support/lab.ts';

describe('a relay that is killed', () => {
  it('holds up a rollout that has begun and no lease, and the rollout ends once it is back', () =>
    withLab({ 'ws-02': ['voter'] }, async ({ client, founder, of, relay }) => {
      const other = of('ws-02');
      await succeeds(other.run('agent stop'));
      await succeeds(founder.run('registry set features/sim.pro seats=9'));
      await succeeds(founder.run('config publish -m More'));
      const begun = await shown(founder.run('rollout status v3 --json'));
      assert.deepEqual([begun.certified, begun.acks, begun.quorum], [false, 1, 2]);

      await relay.kill();
      const here = await client(founder);
      await statusWhen(here, (status) => status.relay.state === 'disconnected');
      const leases = [founder, other].map(async (host) => {
        const { id, version } = await shown(host.run('checkout sim.pro --json'));
        assert.equal(version, 2);
        await succeeds(host.run(['return', id]));
      });
      await Promise.all(leases);
      const pending = await shown(founder.run('rollout why --json'));
      const kinds = pending.causes.map(({ kind }: { kind: string }) => kind);
      assert.deepEqual(kinds.slice(0, 3), ['unreached', 'acks', 'silent-voter']);
      assert.equal(pending.causes[2].voter, 'ws-02');

      await relay.start();
      const report = await answerWhen(
        here,
        () => here.request('rollout', { version: 3 }),
        (rollout) => rollout?.hosts.every(({ state }) => state === 'applied') === true,
      );
      assert.deepEqual([report?.acks, report?.certified], [2, true]);
      await succeeds(other.run('rollout wait v3 --for here --timeout 20s'));
      await succeeds(other.run('config verify'));
    })).timeout(60_000);
});
