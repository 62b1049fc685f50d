import assert from 'node:assert/strict';
import type { AgentClient } from '../../core/agent/client.ts';
import type { Registry } from '../../core/state/registry.ts';
import { answerWhen, statusWhen } from '../support/agent-world.ts';
import { refused, shown, succeeds, withLab } from '../support/lab.ts';

const REVOKE = ['revoke', 'ws-03', '--reason', 'stolen', '--confirm=ws-03', '--json'];

describe('a host that is revoked', () => {
  it('is heard no more by whoever sees the revocation, and versions go on without its ack', () =>
    withLab({ 'ws-02': ['voter'], 'ws-03': ['editor', 'voter'] }, async ({ client, founder, of, relay }) => {
      const [other, stolen] = [of('ws-02'), of('ws-03')];
      assert.deepEqual(await refused(other.run(REVOKE)), [4, 'NOT_AN_ISSUER']);
      assert.deepEqual(await refused(other.run([...REVOKE, '-n'])), [4, 'NOT_AN_ISSUER']);
      // Signed before it can know, but after what the issuer has of its log.
      await relay.kill();
      await succeeds(stolen.run('registry set realm name=Mine'));
      await succeeds(stolen.run('agent stop'));
      await succeeds(founder.run(REVOKE));
      await succeeds(founder.run('registry set features/sim.pro seats=9'));
      await relay.start();
      const watcher = await client(other);
      // The founder's edit comes after its revocation: who has the one has the other.
      await draftWhen(watcher, ({ features }) => features['sim.pro']?.seats === 9);

      await succeeds(stolen.run('agent start'));
      const late = await client(stolen);
      const told = await statusWhen(late, ({ alarms }) => alarms.some(({ code }) => code === 'relay-remark'));
      assert.match(told.alarms.map(({ text }) => text).join(), /log has ended|revoked|ended/);
      assert.deepEqual(await refused(stolen.run('checkout sim.pro --json')), [7, 'RESTRICTED']);
      for (const dry of [[], ['-n']]) {
        const edit = stolen.run(['registry', 'set', 'realm', 'name=Again', '--json', ...dry]);
        assert.deepEqual(await refused(edit), [7, 'RESTRICTED']);
      }

      await succeeds(founder.run('config publish -m Without --wait=certified --timeout 25s'));
      await statusWhen(late, ({ newest }) => newest === 3);
      await succeeds(other.run('rollout wait v3 --for here --timeout 25s'));
      const [newest] = await shown(other.run('config log --json'));
      assert.deepEqual([newest.version, newest.ackers], [3, ['ws-01', 'ws-02']]);
      for (const host of [founder, other]) {
        const entry = await shown(host.run('registry show realm --json'));
        assert.deepEqual(entry.value, { name: 'Fern Lab' });
        await succeeds(host.run('config verify'));
      }
      const rollout = await shown(founder.run('rollout status v3 --json'));
      const left = rollout.hosts.find(({ id }: { id: string }) => id === 'ws-03');
      assert.equal(left.acked, false);
    })).timeout(60_000);
});

async function draftWhen(agent: AgentClient, wanted: (draft: Registry) => boolean): Promise<void> {
  await answerWhen(
    agent,
    () => agent.request('registry', { version: 'draft' }),
    ({ registry }) => wanted(registry as Registry),
  );
}
