import assert from 'node:assert/strict';
import type { CapacityStep } from '../../core/state/reports/capacity.ts';
import type { UsageLog } from '../../core/state/usage.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { NOW, run } from '../support/fake-io.ts';
import { DAY, denial, HOUR, hoursOf, session, usageLog } from '../support/usage.ts';
import { entriesOf } from '../support/usage-entries.ts';

/** 2030-03-16, 00:00 UTC, the day before. */
const SATURDAY = 1_899_849_600;
const at = (hours: number) => SATURDAY + hours * HOUR;

const LOG = usageLog({
  sessions: [
    session('sim.pro', 'ana', 'lab-1', at(8), at(11)),
    session('sim.pro', 'ben', 'lab-2', at(10), at(12)),
    { ...session('sim.mesh', 'ana', 'lab-1', at(9), at(9.5)), idle: true },
  ],
  denials: [
    denial('sim.pro', 'cleo', 'lab-2', at(10.5)),
    denial('sim.pro', '=1+1', 'lab-2', at(10.75), 'expired'),
  ],
  covered: new Map([hoursOf('lab-1', at(0), at(24)), hoursOf('lab-2', at(6), at(18))]),
});
const CAPACITY: Record<string, readonly CapacityStep[]> = {
  'sim.pro': [{ from: seconds(0), seats: 2, version: 3 }],
  'sim.mesh': [{ from: seconds(0), seats: 4, version: 3 }],
  idle: [{ from: seconds(0), seats: 1, version: 3 }],
};

function agentWith(log: UsageLog = LOG, features = CAPACITY) {
  const spans: { since: number; until?: number | undefined }[] = [];
  const agent = fakeAgent({
    usage: (params) => {
      spans.push(params);
      return { entries: entriesOf(log), next: null };
    },
    capacity: () => ({ features, members: ['lab-1', 'lab-2', 'lab-9'] as PrincipalId[] }),
  });
  return { agent, spans };
}

const DAYTIME = '--since 2030-03-16 --until 2030-03-16';
const reported = (line: string, log?: UsageLog) => run(`report ${line}`, { agent: agentWith(log).agent });

describe('report usage', () => {
  it('has a row for each feature, and says what is not known', async () => {
    const { code, out } = await reported(`usage ${DAYTIME}`);
    assert.equal(code, 0);
    assert.match(out, /^2030-03-16 00:00 to 2030-03-17 00:00 UTC\n/);
    assert.match(out, /Records cover 86 % of the hours of the hosts/);
    assert.match(out, /Hosts without any record: lab-9/);
    assert.match(out, /^sim\.pro +2 +2 +100 % +0\.2 +10 % +5\.0 +2 +60 min +2$/m);
    assert.match(out, /^idle +1 +0 +0 % +0\.0 +0 % +0\.0 +0 +0 +0$/m);
  });

  it('tells of one feature by user and host', async () => {
    const { out } = await reported(`usage ${DAYTIME} --feature sim.pro`);
    assert.match(out, /^ana +3\.0 +1 +0$/m);
    assert.match(out, /^lab-2 +2\.0 +1 +2$/m);
    assert.doesNotMatch(out, /sim\.mesh/);
  });

  it('says of how many seats were taken back from tools that were not in use', async () => {
    const { out } = await reported(`usage ${DAYTIME}`);
    assert.match(out, /^sim\.mesh: 1 seat taken back from tools that were not in use$/m);
    assert.doesNotMatch(out, /sim\.pro: .* taken back/);
    const { data } = JSON.parse((await reported(`usage ${DAYTIME} --json`)).out);
    assert.deepEqual(
      data.features.map(({ takenBack }: { takenBack: number }) => takenBack),
      [0, 1, 0],
    );
    const page = await reported(`usage ${DAYTIME} --html`);
    assert.match(page.out, /1 checkout; 1 seat taken back from tools that were not in use; 0 denials/);
  });

  it('tells the seat-hours in overdraft apart, and how much of it there may be', async () => {
    const drawn = { 'sim.pro': [{ from: seconds(0), seats: 1, overdraft: 2, version: 3 }] };
    const overdrawn = (line: string) => run(`report ${line}`, { agent: agentWith(LOG, drawn).agent });
    const { out } = await overdrawn(`usage ${DAYTIME} --feature sim.pro`);
    assert.match(out, /^sim\.pro +1 +2 +200 % /m);
    assert.match(out, /^sim\.pro: 1\.0 seat-hours in overdraft, which is at most 2 seats$/m);
    const { data } = JSON.parse((await overdrawn(`usage ${DAYTIME} --feature sim.pro --json`)).out);
    assert.deepEqual([data.features[0].overdraftSeatHours, data.features[0].fullSeconds], [1, 0]);
  });

  it('gives programs the same figures', async () => {
    const { data, kind } = JSON.parse((await reported(`usage ${DAYTIME} --json`)).out);
    assert.equal(kind, 'UsageReport');
    assert.deepEqual(data.coverage, { reported: 36, expected: 42, silent: ['lab-9'], gaps: [] });
    const one = data.features.find(({ feature }: { feature: string }) => feature === 'sim.pro');
    assert.deepEqual(one.peak, { seats: 2, at: at(10) });
    assert.deepEqual([one.seatHours, one.fullSeconds, one.denials, one.checkouts], [5, HOUR, 2, 2]);
    assert.deepEqual(one.reasons, [
      { reason: 'expired', count: 1 },
      { reason: 'no-seat', count: 1 },
    ]);
    assert.deepEqual(one.uses[0], { host: 'lab-1', user: 'ana', checkouts: 1, denials: 0, seatHours: 3 });
    assert.deepEqual(one.hoursOfWeek[5][10], { peak: 2, mean: 2, hours: 1 });
  });

  it('gives spreadsheets a row for each feature, host and user, and no formula', async () => {
    const { out } = await reported(`usage ${DAYTIME} --csv`);
    assert.deepEqual(out.split('\r\n'), [
      'feature,host,user,checkouts,seat_hours,denials',
      'sim.mesh,lab-1,ana,1,0.5,0',
      'sim.pro,lab-1,ana,1,3,0',
      "sim.pro,lab-2,'=1+1,0,0,1",
      'sim.pro,lab-2,ben,1,2,0',
      'sim.pro,lab-2,cleo,0,0,1',
      '',
    ]);
  });

  it('says so when there is nothing, and ends with 0', async () => {
    const agent = fakeAgent();
    const { code, out } = await run('report usage --since 7d', { agent });
    assert.equal(code, 0);
    assert.match(out, /No host has records of this period: its use is unknown/);
    assert.match(out, /No feature had a seat, a session or a denial/);
  });
});

describe('report peaks', () => {
  it('has a row for each hour that was busy', async () => {
    const { out } = await reported(`peaks ${DAYTIME} --feature sim.pro`);
    assert.match(out, /^2030-03-16 10:00 +2 +2 +100 % +2\.0 +2\.0 +2 +complete$/m);
    assert.doesNotMatch(out, /07:00/);
  });

  it('has a row for each day where that is asked for', async () => {
    const { out } = await reported(`peaks ${DAYTIME} --by day`);
    assert.match(out, /^2030-03-16 +2 +2 +100 % +0\.2 +5\.0 +2 +partial$/m);
  });

  it('leaves empty what is unknown, and writes 0 for what is known to be none', async () => {
    const { out } = await reported(
      'peaks --since 2030-03-16T22:00Z --until 2030-03-17T02:00Z --csv --feature sim.pro',
    );
    assert.deepEqual(out.split('\r\n').slice(1, 5), [
      'sim.pro,2030-03-16T22:00:00Z,2030-03-16T23:00:00Z,0,2,0,0,all',
      'sim.pro,2030-03-16T23:00:00Z,2030-03-17T00:00:00Z,0,2,0,0,all',
      'sim.pro,2030-03-17T00:00:00Z,2030-03-17T01:00:00Z,,2,,0,none',
      'sim.pro,2030-03-17T01:00:00Z,2030-03-17T02:00:00Z,,2,,0,none',
    ]);
  });
});

describe('report denials', () => {
  it('counts by reason and lists the latest first', async () => {
    const { out } = await reported(`denials ${DAYTIME}`);
    assert.match(out, /^sim\.pro +expired +1$/m);
    assert.match(out, /10:45 +sim\.pro +=1\+1 +lab-2 +expired\n2030-03-16 10:30 +sim\.pro +cleo/);
  });

  it('lists all for spreadsheets', async () => {
    const { out } = await reported(`denials ${DAYTIME} --csv`);
    assert.deepEqual(out.split('\r\n').slice(1, 3), [
      '2030-03-16T10:30:00Z,sim.pro,cleo,lab-2,no-seat',
      "2030-03-16T10:45:00Z,sim.pro,'=1+1,lab-2,expired",
    ]);
  });

  it('says so when nothing was denied', async () => {
    const { out } = await reported(`denials ${DAYTIME}`, { ...LOG, denials: [] });
    assert.match(out, /Nothing was denied, as far as is known/);
  });
});

describe('the span of a report', () => {
  const spans: readonly [given: string, since: number, until: number][] = [
    ['--since 7d', NOW - 7 * DAY, NOW],
    ['--since 2030-03-16', SATURDAY, NOW],
    ['--since 2030-03-16 --until 2030-03-16', SATURDAY, SATURDAY + DAY],
    ['--since 2030-03-16T12:00Z --until 1h', at(12), NOW - HOUR],
  ];
  for (const [given, since, until] of spans) {
    it(`is read from ${given}`, async () => {
      const { agent, spans: asked } = agentWith();
      assert.equal((await run(`report usage ${given}`, { agent })).code, 0);
      assert.deepEqual([asked[0]?.since, asked[0]?.until], [since, until]);
    });
  }

  const refused: readonly [why: string, line: string, exit: number][] = [
    ['no beginning', 'usage', 2],
    ['a beginning that is no time', 'usage --since yesterday', 2],
    ['an end that is no time', 'usage --since 7d --until soon', 2],
    ['a beginning after the end', 'usage --since 2030-03-16 --until 2030-03-10', 2],
    ['a beginning to come', 'usage --since 2031-01-01', 2],
    ['more than ten years', 'usage --since 2010-01-01', 2],
    ['two forms at once', 'usage --since 7d --csv --html', 2],
    ['a form and --json', 'usage --since 7d --csv --json', 2],
    ['stretches of another length', 'peaks --since 7d --by week', 2],
    ['a feature that there was not', 'usage --since 7d --feature sim.max', 3],
  ];
  for (const [why, line, exit] of refused) {
    it(`is refused with ${why}`, async () => {
      const { code, out } = await reported(line);
      assert.deepEqual([code, out], [exit, '']);
    });
  }
});

describe('a page', () => {
  it('goes to a file or a pipe, and not to a terminal', async () => {
    const { agent } = agentWith();
    const terminal = await run('report usage --since 7d --html', { agent, tty: true });
    assert.deepEqual([terminal.code, terminal.out], [2, '']);
    assert.match(terminal.err, /--html -o report\.html/);
    const piped = await run('report usage --since 7d --html', { agent });
    assert.match(piped.out, /^<!DOCTYPE html>/);
    const { io } = await run('report usage --since 7d --html -o r.html', { agent, tty: true });
    assert.match(io.written.get('r.html')?.text ?? '', /^<!DOCTYPE html>[\s\S]*Seats in use in Fern Lab/);
  });
});
