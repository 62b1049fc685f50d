import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import type { StatusReport } from '../../core/agent/protocol.ts';
import { statusWhen } from '../support/agent-world.ts';
import { refused, shown, succeeds, withLab } from '../support/lab.ts';
import type { Host } from '../support/programs.ts';

const MUST_REJOIN = /others hold \d+ records of this host's log.*it must rejoin with a new key/;

describe('two agents on copies of one data directory', () => {
  it('find each other as soon as both reach the relay, and neither lends any more', () =>
    withLab({ 'ws-02': [] }, async ({ client, founder, machine, of }) => {
      const host = of('ws-02');
      const copy = await machine('copy');
      await succeeds(host.run('agent stop'));
      await cp(host.dataDir, copy.dataDir, { recursive: true });
      await cp(stateOf(host), stateOf(copy), { recursive: true });

      await succeeds(host.run('agent start'));
      await succeeds(host.run('checkout sim.pro --user ana'));
      await succeeds(copy.run('agent start'));
      const twins = [host, copy];
      for (const twin of twins) {
        const agent = await client(twin);
        const { alarms } = await statusWhen(agent, isStale);
        assert.match(alarms.map(({ text }) => text).join(), MUST_REJOIN);
      }
      const lent = await leasesOf(twins);
      for (const twin of twins) {
        const wanted = ['checkout', 'sim.pro', '--user', 'ana', '--json'];
        assert.deepEqual(await refused(twin.run(wanted)), [7, 'RESTRICTED']);
        const why = await twin.run('lease check sim.pro');
        assert.match(`${why.stdout}${why.stderr}`, /cannot be used here: restricted/);
        const doctor = await twin.run('doctor');
        assert.match(`${doctor.stdout}${doctor.stderr}`, MUST_REJOIN);
      }
      assert.deepEqual(await leasesOf(twins), lent);
      // Both have shown that they live: everybody else knows that the log forks.
      const told = await statusWhen(await client(founder), ({ alarms }) =>
        alarms.some(({ code }) => code === 'fork'),
      );
      assert.match(told.alarms.map(({ text }) => text).join(), /has two records at/);
    })).timeout(120_000);

  it('are not what an agent is taken for that runs again', () =>
    withLab({ 'ws-02': [] }, async ({ client, founder, of }) => {
      const host = of('ws-02');
      for (let i = 0; i < 3; i++) {
        const { pid } = await shown(host.run('agent status --json'));
        process.kill(pid, 'SIGKILL');
        await succeeds(host.run('agent start'));
        await statusWhen(await client(host), ({ relay }) => relay.state === 'synced');
        const { id } = await shown(host.run('checkout sim.pro --user ana --json'));
        await succeeds(host.run(['return', id]));
      }
      for (const each of [host, founder]) {
        const { alarms } = await shown(each.run('status --json'));
        assert.deepEqual(alarms, []);
      }
    })).timeout(120_000);
});

function stateOf({ env }: Host): string {
  return env.LEASEHOLD_STATE_DIR ?? '';
}

function isStale({ alarms }: StatusReport): boolean {
  return alarms.some(({ code }) => code === 'identity-stale');
}

async function leasesOf(hosts: readonly Host[]): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const host of hosts) counts.push((await shown(host.run('status --json'))).leases.length);
  return counts;
}
