import assert from 'node:assert/strict';
import { cp, readdir } from 'node:fs/promises';
import { systemRandom } from '../../core/adapters/random.ts';
import { formatInvitation, parseInvitation, randomLogId } from '../../core/agent/invitation.ts';
import { answerWhen, statusWhen, stopAgent } from '../support/agent-world.ts';
import { refused, shown, succeeds, withLab } from '../support/lab.ts';

describe('a host that goes on under a new key', () => {
  it('has a new log in the next version, and nobody listens to a copy of the old one', () =>
    withLab({ 'ws-02': ['editor'] }, async (lab) => {
      const { client, founder } = lab;
      const host = lab.of('ws-02');
      const [before] = (await shown(host.run('identity show --json'))).keys;
      await stopAgent(await client(host), host.dataDir);
      const copy = await lab.machine('copy');
      await cp(host.dataDir, copy.dataDir, { recursive: true });

      const foreign = await lab.invitation('ws-09', []);
      assert.deepEqual(await refused(host.run('identity rotate - --yes --json', { input: foreign })), [
        5,
        'CONFLICT',
      ]);
      const invitation = await lab.invitation('ws-02', ['editor']);
      await succeeds(host.run('identity rotate - -n', { input: invitation }));

      const parsed = parseInvitation(invitation);
      assert.ok(parsed.ok);
      const unheardOf = formatInvitation({ ...parsed.value, log: randomLogId(systemRandom) });
      const again = await host.run('identity rotate - --yes', { input: unheardOf });
      assert.equal(again.code, 3, again.stderr);
      assert.match(again.stderr, /ws-02 goes on in log \d+ under its old key/);
      const kept = (await shown(host.run('identity show --json'))).keys;
      assert.deepEqual(kept, [before]);
      assert.equal((await readdir(host.dataDir)).includes('before-rotation'), false);
      await succeeds(host.run(['registry', 'set', 'hosts/ws-02', 'name=Still here', '-n']));

      await succeeds(host.run('identity rotate - --yes', { input: invitation }));
      const after = (await shown(host.run('identity show --json'))).keys;
      assert.equal(after.length, 1);
      assert.notEqual(after[0].key, before.key);
      assert.deepEqual(await refused(host.run('identity rotate - --yes --json', { input: invitation })), [
        5,
        'INVITATION_USED',
      ]);

      await lab.expected('ws-02');
      await succeeds(founder.run('config publish -m Rotated --wait --timeout 25s'));
      const entry = await shown(founder.run('registry show hosts/ws-02 --at v3 --json'));
      assert.deepEqual(entry.value.logs, { [after[0].log]: after[0].key });

      await succeeds(copy.run('agent start'));
      await statusWhen(await client(copy), ({ newest }) => newest === 3);
      assert.deepEqual(await refused(copy.run('registry set realm name=Old --json')), [4, 'NOT_A_MEMBER']);
      await succeeds(host.run('registry set realm name=New'));
      const agent = await client(founder);
      await answerWhen(
        agent,
        () => agent.request('draft', {}),
        ({ changes }) => changes.some(({ after: name }) => name === 'New'),
      );
    })).timeout(60_000);
});
