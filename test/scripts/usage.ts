import assert from 'node:assert/strict';
import { answerWhen } from '../support/agent-world.ts';
import { shown, succeeds, withLab } from '../support/lab.ts';

describe('use', () => {
  it('is recorded by every host, and tells who would have been denied under a draft', () =>
    withLab({ 'ws-02': [] }, async ({ client, founder, of }) => {
      const other = of('ws-02');
      const both = [founder, other];
      // Four of the eight seats are each host's own.
      for (const host of both) await succeeds(host.run('checkout sim.pro --user ana'));
      const unknown = await founder.run('checkout sim.pro --user mallory');
      assert.notEqual(unknown.code, 0);

      const before = await shown(founder.run('config preview --json'));
      assert.deepEqual([before.granted, before.refused, before.base], [1, 1, 2]);
      assert.deepEqual(
        before.denials.map(({ reason, refused, user }: Record<string, unknown>) => [user, reason, refused]),
        [['mallory', 'unknown-user', 1]],
      );

      await succeeds(founder.run('registry add rules/none feature=sim.pro max=0'));
      const { stdout } = await succeeds(founder.run('config preview --days 7'));
      assert.match(
        stdout,
        /^Draft on v2, as if 1 checkout granted and 1 refused in the last 7 days came again:/,
      );
      assert.match(stdout, /✗ sim\.pro ana on ws-01: limit-reached, once, at /);
      assert.match(stdout, /Records cover \d+ % of the time of 2 hosts/);

      // A power failure takes nothing away that was a lease.
      const here = await client(other);
      const { pid } = here.hello;
      process.kill(pid, 'SIGKILL');
      await here.closed;
      const again = await shown(other.run('config preview --json'));
      assert.equal(again.granted, 1);
      const found = await client(other);
      const { entries } = await answerWhen(
        found,
        () => found.request('usage', { since: 0 }),
        (portion) => portion.entries.some(({ sessions }) => sessions.length === 1),
      );
      assert.deepEqual(entries.at(-1)?.host, 'ws-02');
      const explained = await shown(founder.run('seats explain sim.pro --json'));
      assert.match(explained.explained[0], /^ws-01: 4 = 0 reserved \+ 4 shared; /);
    })).timeout(60_000);
});
