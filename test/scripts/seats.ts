import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { AgentClient } from '../../core/agent/client.ts';
import type { SeatPortion, SeatReport } from '../../core/agent/seat-report.ts';
import { answerWhen, statusWhen } from '../support/agent-world.ts';
import { shown, succeeds, withLab } from '../support/lab.ts';
import { type Host, startOn } from '../support/programs.ts';

const AGENT = fileURLToPath(new URL('../../../dist/leasehold-agent.cjs', import.meta.url));

describe('seats', () => {
  it('float to the host whose tools need them, and go where they are sent', () =>
    withLab({ 'ws-02': [] }, async ({ client, founder, of }) => {
      const other = of('ws-02');
      const here = await client(other);
      const seatsWhen = (check: (report: SeatReport) => boolean) =>
        answerWhen(
          here,
          () => here.request('seats', {}),
          ({ features: [report] }) => report !== undefined && check(report),
        );
      // Four of the eight seats are each host's own.
      await seatsWhen(({ hosts }) => hosts.some(({ free, host }) => host === 'ws-01' && free === 4));
      for (let seat = 1; seat <= 6; seat++) {
        await succeeds(other.run(['checkout', 'sim.pro', '--user', 'ana']));
      }
      const [report] = (await shown(other.run('seats list --json'))) as readonly SeatReport[];
      const [first, second] = report?.hosts ?? [];
      assert.deepEqual([first?.host, first?.went, second?.host, second?.came], ['ws-01', 2, 'ws-02', 2]);
      assert.equal(second?.leases.length, 6);

      await seatsWhen(({ hosts }) => hosts.some(({ free, host }) => host === 'ws-01' && free === 2));
      const given = await shown(founder.run('seats give sim.pro --to ws-02 --seats 2 --hours 1 --json'));
      assert.equal(given.until % 86_400, 0, 'the end of the term, not of the hour');
      await seatsWhen(({ hosts }) => hosts.some(({ came, host }) => host === 'ws-02' && came === 4));
      // The founder has none left, and gets one of those back that are idle there, once it has heard of them.
      const again = await client(founder);
      await answerWhen(
        again,
        () => again.request('seats', {}),
        ({ features: [left] }) =>
          left?.hosts.some(({ free, host }) => host === 'ws-02' && (free ?? 0) > 0) === true,
      );
      await succeeds(founder.run('checkout sim.pro --user ana'));
      await succeeds(other.run('seats return sim.pro'));
      await answerWhen(
        again,
        () => again.request('seats', {}),
        ({ features: [left] }) =>
          left?.hosts.some(({ free, host }) => host === 'ws-01' && free === 1) === true,
      );
      await succeeds(founder.run('borrow sim.pro --user ana --hours 2'));
      const explained = await shown(founder.run('seats explain sim.pro --json'));
      assert.match(explained.explained[0], /^ws-01: 4 = /);
    })).timeout(60_000);

  it('that came from elsewhere go back when the agent goes since nobody needs it', () =>
    withLab({ 'ws-02': [] }, async ({ client, founder, of }) => {
      const other = of('ws-02');
      const here = await client(founder);
      const heard = (free: number | null, came: number) =>
        answerWhen(
          here,
          () => here.request('seats', {}),
          ({ features: [report] }) =>
            report?.hosts.some(
              (seat) => seat.host === 'ws-02' && seat.free === free && seat.came === came,
            ) === true,
        );
      await heard(4, 0);
      await succeeds(founder.run('seats give sim.pro --to ws-02 --seats 3 --hours 1'));
      await heard(7, 3);
      await succeeds(other.run('agent stop'));
      const idle = startOn(other, [process.execPath, AGENT, '--idle', '0.1', '--grace', '5']);
      await idle.line(/"event":"serving"/);
      const there = await client(other);
      await statusWhen(there, ({ relay }) => relay.state === 'synced');
      await there.close();
      assert.equal((await idle.finished).code, 0);
      await heard(null, 0);
      for (let seat = 1; seat <= 4; seat++) await succeeds(founder.run('checkout sim.pro --user ana'));
    })).timeout(60_000);

  for (const [how, end] of [
    ['was stopped', (host: Host) => succeeds(host.run('agent stop'))],
    [
      'was killed',
      async (host: Host) => {
        const { pid } = await shown(host.run('agent status --json'));
        process.kill(pid, 'SIGKILL');
      },
    ],
  ] as const) {
    it(`are asked for at a host as soon as its agent runs again that ${how}, however much it had said`, () =>
      withLab({ 'ws-02': [] }, async ({ client, founder, of }) => {
        const other = of('ws-02');
        await sayMuch(await client(other));
        // Nothing is pushed to clients for what is only hearsay: they ask.
        const idleThere = async (idle: number | null): Promise<void> => {
          for (;;) {
            const [report] = (await shown(founder.run('seats list --json'))) as readonly SeatReport[];
            if (report?.hosts.find(({ host }) => host === 'ws-02')?.free === idle) return;
          }
        };
        await idleThere(4);
        await end(other);
        await idleThere(null);
        await succeeds(other.run('agent start'));
        await idleThere(4);
        for (let seat = 1; seat <= 5; seat++) await succeeds(founder.run('checkout sim.pro --user ana'));
      })).timeout(120_000);
  }

  it('of a host that no relay reaches are not said to be idle', () =>
    withLab({ 'ws-02': [] }, async ({ client, founder, relay }) => {
      const here = await client(founder);
      const others = ({ features }: SeatPortion) =>
        features[0]?.hosts.filter(({ heard }) => heard !== 'here').map(({ free, heard }) => [heard, free]);
      const ask = () => here.request('seats', {});
      await answerWhen(here, ask, (portion) => others(portion)?.join() === 'present,4');
      await relay.stop();
      await statusWhen(here, (status) => status.relay.state === 'disconnected');
      assert.deepEqual(others(await ask()), [['away', null]]);
    })).timeout(60_000);
});

/** A lease and its return, again and again: of each the agent tells its peers. */
async function sayMuch(agent: AgentClient): Promise<void> {
  const process = { tool: 'solver', pid: null, startTime: null };
  const request = { feature: 'sim.pro', user: 'ana', process, tie: 'connection', wait: false } as const;
  for (let i = 0; i < 30; i++) {
    const told = new Promise<void>((resolve) => {
      const stop = agent.on(({ event }) => {
        if (event !== 'state') return;
        stop();
        resolve();
      });
    });
    const id = `lease-${Math.floor(i / 2)}`;
    const command =
      i % 2 === 0
        ? ({ do: 'checkout', request, id, secret: 's'.repeat(64) } as const)
        : ({ do: 'return', lease: id, reason: null } as const);
    await agent.request('command', { command });
    await told;
  }
}
