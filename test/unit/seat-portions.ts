import assert from 'node:assert/strict';
import { MAX_RPC_BYTES } from '../../core/adapters/frame-guard.ts';
import { seatPortion } from '../../core/agent/reports/seat-portions.ts';
import { reportSeats } from '../../core/agent/reports/seats.ts';
import type { SeatHolder, SeatMoveReport, SeatPlace, SeatReport } from '../../core/agent/seat-report.ts';
import { allSeats } from '../../core/cli/seat-reading.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { reportContext } from '../support/host-rig.ts';
import { twoLending } from '../support/lending-host.ts';

const LONG = 'ß'.repeat(200);

interface Realm {
  readonly features: number;
  readonly hosts: number;
  readonly leases: number;
  readonly moves: number;
}

function holder(host: number, leases: number): SeatHolder {
  return {
    ...{
      host: `ws-${host}`,
      name: LONG,
      now: 3,
      lot: 3,
      came: 0,
      went: 0,
      withheld: 0,
      withheldUntil: null,
      none: null,
    },
    ...{ free: 1, heard: 'present', lastSeen: 5 },
    leases: Array.from({ length: leases }, (_, i) => ({ user: LONG, tool: LONG, since: i, end: 9 })),
  };
}

function moved(seats: number): SeatMoveReport {
  return { from: LONG, to: LONG, seats, since: 1, until: 2, state: 'here' };
}

function reportsOf({ features, hosts, leases, moves }: Realm): ReadonlyMap<string, SeatReport> {
  return new Map(
    Array.from({ length: features }, (_, i) => {
      const feature = `f-${String(i).padStart(4, '0')}`;
      return [
        feature,
        {
          ...{ feature, name: LONG, seats: 4000, overdraft: 0 },
          hosts: Array.from({ length: hosts }, (_, host) => holder(host, leases)),
          moves: Array.from({ length: moves }, (_, at) => moved(at)),
          explained: Array.from({ length: hosts }, (_, host) => `ws-${host}: 3 = ${LONG}`),
        },
      ];
    }),
  );
}

/** An agent that answers from these reports, with the bytes of each answer. */
function telling(reports: ReadonlyMap<string, SeatReport>) {
  const frames: number[] = [];
  const agent = fakeAgent({
    seats: ({ after, feature }) => {
      const ids = [...reports.keys()].filter((id) => feature === undefined || id === feature);
      const rest = ids.filter((id) => after === undefined || id >= after.feature);
      const portion = seatPortion(rest, after, (id) => reports.get(id) as SeatReport);
      frames.push(Buffer.byteLength(JSON.stringify(portion)));
      return portion;
    },
  });
  return { agent, frames };
}

describe('The report of seats', () => {
  const realms: readonly [why: string, realm: Realm, least: number][] = [
    ['of a small realm comes in one', { features: 3, hosts: 4, leases: 2, moves: 2 }, 1],
    ['of many features comes in many', { features: 200, hosts: 20, leases: 1, moves: 1 }, 20],
    ['of features without a host comes in few', { features: 2000, hosts: 0, leases: 0, moves: 0 }, 2],
    [
      'of one feature on a thousand hosts comes in many',
      { features: 1, hosts: 1000, leases: 3, moves: 9 },
      2,
    ],
    [
      'of one host with thousands of leases comes in many',
      { features: 1, hosts: 1, leases: 9000, moves: 0 },
      10,
    ],
    ['of thousands of moves comes in many', { features: 2, hosts: 1, leases: 0, moves: 4000 }, 5],
  ];
  for (const [why, realm, least] of realms) {
    it(`${why} frames below the bound, and is whole when they are put together`, async () => {
      const reports = reportsOf(realm);
      const { agent, frames } = telling(reports);
      assert.deepEqual(await allSeats(agent), [...reports.values()]);
      assert(frames.length >= least && frames.length <= (least === 1 ? 1 : 1000), `${frames.length} frames`);
      assert(Math.max(...frames) < MAX_RPC_BYTES, `${Math.max(...frames)} bytes`);
    });
  }

  it('ends when its last line fills a portion', async () => {
    for (let leases = 0; leases < 6; leases++) {
      const reports = reportsOf({ features: 40, hosts: 40, leases, moves: 0 });
      assert.deepEqual(await allSeats(telling(reports).agent), [...reports.values()]);
    }
  });

  it('of one feature is made without looking at the others', async () => {
    const reports = reportsOf({ features: 5, hosts: 2, leases: 1, moves: 1 });
    const { agent } = telling(reports);
    const { code, out } = await run('seats list f-0003 --json', { agent });
    assert.equal(code, 0);
    assert.deepEqual(
      JSON.parse(out).items.map(({ feature }: SeatReport) => feature),
      ['f-0003'],
    );
    assert.equal((await run('seats explain f-0009', { agent })).code, 3);
  });

  it('of a host begins where it is asked to', async () => {
    const { founder } = await twoLending();
    const { model } = founder.runtime;
    const whole = reportSeats(model, reportContext());
    const ids = whole.features.map(({ feature }) => feature);
    assert.equal(whole.next, null);
    const from = (after: SeatPlace) => reportSeats(model, reportContext(), { after }).features;
    assert.deepEqual(from({ feature: 'draw', told: 0 }), whole.features.slice(ids.indexOf('draw')));
    const [rest] = from({ feature: 'draw', told: 1 });
    const [draw] = whole.features.filter(({ feature }) => feature === 'draw');
    assert.deepEqual(rest?.hosts, draw?.hosts.slice(1));
    assert.deepEqual(reportSeats(model, reportContext(), { feature: 'draw' }).features, [draw]);
    assert.deepEqual(reportSeats(model, reportContext(), { feature: 'none' }).features, []);
  });
});
