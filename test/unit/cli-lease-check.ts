import assert from 'node:assert/strict';
import type { FeatureReport } from '../../core/agent/protocol.ts';
import type { TimeStanding } from '../../core/decide/expiry.ts';
import type { CommandReason } from '../../core/engine/effect.ts';
import { seconds } from '../../core/units.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { NOW, run } from '../support/fake-io.ts';

describe('lease check', () => {
  const feature = (change: Partial<FeatureReport>): FeatureReport => ({
    id: 'sim.pro',
    name: 'Solver',
    seats: 8,
    lot: 2,
    inUse: 0,
    from: null,
    until: null,
    reason: null,
    ...change,
  });
  const soon: TimeStanding = {
    state: 'expires-soon',
    allow: true,
    changesAt: seconds(NOW + 86_400),
    sentence: 'its period ends tomorrow',
  };
  const over: TimeStanding = {
    state: 'expired',
    allow: false,
    changesAt: null,
    sentence: 'its period ended yesterday',
  };

  it('warns of what signed time says though a seat may be had, and gives a program the date', async () => {
    const agent = fakeAgent({ features: () => [feature({ time: [soon], fromSetUp: 30 })] });
    const { out } = await run('lease check sim.pro', { agent });
    assert.match(out, /30 days from set-up/);
    assert.match(out, /! its period ends tomorrow/);
    const { data } = JSON.parse((await run('lease check sim.pro --json', { agent })).out);
    assert.deepEqual([data.time, data.fromSetUp, data.available], [[soon], 30, true]);
  });

  it('says why time denies it in the words of the table', async () => {
    const agent = fakeAgent({
      features: () => [feature({ time: [over] })],
      foresee: () => ({ ok: false, reason: 'expired', detail: '' }),
    });
    const { code, out } = await run('lease check sim.pro', { agent });
    assert.deepEqual([code, out], [7, '✗ sim.pro cannot be used here: its period ended yesterday\n']);
  });

  it('asks what lease checkout asks, for who asks and for who is named, and takes nothing', async () => {
    const requests: unknown[] = [];
    const agent = fakeAgent({
      features: () => [feature({})],
      foresee: ({ command }) => {
        if (command.do === 'checkout') requests.push(command.request);
        return { ok: true, kind: 'lease', end: seconds(NOW + 60) };
      },
    });
    for (const user of ['', ' --user bo']) {
      await run(`lease checkout sim.pro --dry-run${user}`, { agent });
      await run(`lease check sim.pro${user}`, { agent });
    }
    const [mine, checked, bos, bosChecked] = requests;
    assert.deepEqual([checked, bosChecked], [mine, bos]);
    assert.notDeepEqual(mine, bos);
    assert.deepEqual(agent.commands, []);
  });

  const cases: readonly [why: string, reason: CommandReason | null, exit: number][] = [
    ['a seat is free', null, 0],
    ['all seats are in use', 'no-seat', 6],
    ['a limit is reached', 'limit-reached', 6],
    ['the seats that are free are kept for others', 'reserved', 6],
    ['it has expired', 'expired', 7],
    ['a rule denies it to the user', 'user-not-entitled', 7],
    ['nobody knows the user', 'unknown-user', 7],
    ['time is not known', 'time-unknown', 7],
    ['there is no such feature', 'unknown-feature', 7],
  ];
  for (const [why, reason, exit] of cases) {
    it(`ends with ${exit} when ${why}`, async () => {
      const agent = fakeAgent({
        features: () => [feature({ inUse: 1 })],
        foresee: () =>
          reason === null
            ? { ok: true, kind: 'lease', end: seconds(NOW + 60) }
            : { ok: false, reason, detail: '' },
      });
      assert.equal((await run('lease check sim.pro', { agent })).code, exit);
      const quiet = await run('lease check sim.pro -q', { agent });
      assert.deepEqual([quiet.code, quiet.out, quiet.err], [exit, '', '']);
    });
  }
});
