import assert from 'node:assert/strict';
import { reportSeats } from '../../core/agent/reports/seats.ts';
import type { SeatHolder } from '../../core/agent/seat-report.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { floatingHosts, lotOf, settle } from '../support/floating.ts';
import { checkoutOf, exchange, MIDYEAR, type RigHost, reportContext } from '../support/host-rig.ts';
import { refusing } from '../support/leases.ts';
import { drafting, PUBLISH } from '../support/lending-host.ts';

const HOUR = 3600;
const DAY = 86_400;
/** The start of the first term that the voters have not opened for the version before. */
const TAKEOVER = (Math.floor(MIDYEAR / DAY) + 3) * DAY;

/** What the checkout after so many is told. */
async function denialAfter(host: RigHost, count: number): Promise<string> {
  for (let seat = 0; seat < count; seat++) await host.submit(checkoutOf('draw', 'ana', `seat ${seat}`));
  const answer = await host.submit(checkoutOf('draw', 'ana', 'denied'));
  return answer.ok ? '' : (answer.detail ?? '');
}

function give(host: RigHost, to: string, seats: number): Promise<unknown> {
  const until = seconds(MIDYEAR + HOUR);
  return host.submit({ do: 'give', to: to as PrincipalId, feature: 'draw', seats, until });
}

function holders({ runtime }: RigHost): readonly SeatHolder[] {
  const { features } = reportSeats(runtime.model, reportContext(), { feature: 'draw' });
  return features[0]?.hosts ?? [];
}

const told = (host: RigHost) => holders(host).map(({ host: id, now }) => `${id}: ${now}`);

describe('The seats that are listed for each host', () => {
  it('are those that it may lease, though they were passed on', async () => {
    const [a, b, c] = (await floatingHosts(['ws02', 'ws03'])) as [RigHost, RigHost, RigHost];
    await give(a, 'ws02', 1);
    await settle(a, b, c);
    await give(b, 'ws03', 2);
    await settle(a, b, c);
    assert.deepEqual([lotOf(a), lotOf(b), lotOf(c)], [0, 0, 3]);
    for (const host of [a, b, c]) {
      assert.deepEqual(told(host), ['ws01: 0', 'ws02: 0', 'ws03: 3']);
      assert.deepEqual(
        holders(host).map(({ came, lot, went }) => [lot, came, went]),
        [
          [1, 0, 1],
          [1, 0, 1],
          [1, 2, 0],
        ],
      );
    }
  });

  it('are no more than there are while a newer version gives more that are of use from a later term on', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    const fewer = drafting((registry) => {
      Object.assign(registry.reservations, { all: { feature: 'draw', host: 'ws02', seats: 3 } });
    });
    await a.submit(fewer(a));
    await a.submit(PUBLISH);
    await exchange(a, b);
    for (const host of [a, b]) await host.runtime.tick();
    assert.deepEqual([lotOf(a), lotOf(b)], [0, 1]);
    for (const host of [a, b]) {
      assert.deepEqual(told(host), ['ws02: 1']);
      const [holder] = holders(host);
      assert.deepEqual([holder?.withheld, holder?.withheldUntil], [2, TAKEOVER]);
    }
    const denied = await denialAfter(b, 1);
    assert.match(denied, /; 2 more of version 3 from 2030-06-04T00:00:00Z on$/);
    for (const host of [a, b]) {
      host.clock.advance(seconds(TAKEOVER + 60 - MIDYEAR));
      await host.tellTime();
    }
    await settle(a, b);
    assert.equal(lotOf(b), 3);
  });

  it('are said with how many of them are not in use, and how many of these may go elsewhere', async () => {
    const reservations = { kept: { feature: 'draw', host: 'ws01', seats: 2, pinned: true } };
    const [a] = (await floatingHosts(['ws02'], { reservations })) as [RigHost];
    assert.equal((await a.submit(checkoutOf('draw', 'ana', 'x'))).ok, true);
    const agent = fakeAgent({ seats: () => reportSeats(a.runtime.model, reportContext()) });
    const { out } = await run('seats list draw', { agent });
    assert.match(out, /^ {2}ws01: 3 seats; 2 idle, none to spare, this host$/m);
  });
});

describe('seats give', () => {
  it('names no way to queue where there is none, and takes no hours that are none', async () => {
    const agent = refusing('no-seat');
    const refused = await run('seats give sim.pro --to ws-02 --hours 1', { agent });
    assert.equal(refused.code, 6);
    assert.equal(refused.err.includes('--wait'), false, refused.err);
    const none = await run('seats give sim.pro --to ws-02 --hours 0', { agent });
    assert.equal(none.code, 2);
    assert.match(none.err, /from 1 to 999999/);
  });
});
