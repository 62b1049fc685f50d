import assert from 'node:assert/strict';
import { refused, shown, succeeds, withLab } from '../support/lab.ts';

describe('a host that leaves', () => {
  it('gives its seats back first, leaves nothing that can sign, and may be invited again', () =>
    withLab({ 'ws-02': [] }, async ({ client, expected, founder, invitation, of }) => {
      const host = of('ws-02');
      const agent = await client(host);
      const { id } = await shown(host.run('checkout sim.pro --json'));
      for (const dry of [[], ['-n']]) {
        const busy = host.run(['leave', '--confirm=ws-02', '--json', ...dry]);
        assert.deepEqual(await refused(busy), [5, 'BUSY']);
      }
      await succeeds(host.run(['return', id]));
      await succeeds(host.run('leave -n'));
      await succeeds(host.run('leave --confirm=ws-02'));
      await agent.closed;
      assert.deepEqual(await refused(host.run('status --json')), [4, 'NOT_A_MEMBER']);
      const { keys, realm } = await shown(host.run('identity show --json'));
      assert.deepEqual([keys, realm], [[], null]);

      await succeeds(founder.run('registry remove hosts/ws-02'));
      await succeeds(founder.run('config publish -m Left --wait --timeout 25s'));
      const { hosts } = await shown(founder.run('rollout status v3 --json'));
      assert.deepEqual(
        hosts
          .filter(({ state }: { state: string }) => state === 'applied')
          .map(({ id: name }: { id: string }) => name),
        ['ws-01'],
      );

      await succeeds(host.run('join -', { input: await invitation('ws-02', []) }));
      await expected('ws-02');
      await succeeds(founder.run('config publish -m Back --wait --timeout 25s'));
      assert.equal((await shown(host.run('status --json'))).applied, 4);
    })).timeout(60_000);
});
