import assert from 'node:assert/strict';
import type { Methods } from '../../core/agent/protocol.ts';
import type { UsageEntry } from '../../core/state/usage.ts';
import { type Hash, type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import { fakeAgent, QUIET } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { smallRegistry } from '../support/registries.ts';

const HOUR = 3600;
const NOW = 1_900_000_000;
/** A whole hour of yesterday. */
const THEN = Math.floor(NOW / HOUR) * HOUR - 24 * HOUR;
const HASH = 'bb'.repeat(32) as Hash;

const ENTRY: UsageEntry = {
  ...{ host: 'ws01' as PrincipalId, log: 101 as LogId, seq: 4, upTo: seconds(THEN + HOUR) },
  ...{ hour: THEN, quiet: 3, lost: 2, names: ['ray-view', 'ana', 'dee', 'no-seat', 'bo'] },
  sessions: [
    [0, 1, 0, 900],
    [0, 2, 60, 120],
    [0, 2, 300, 320],
  ],
  denials: [[0, 1, 600, 3]],
};

function agentWith(
  compiled: Partial<Methods['compiled']['result'] & { ok: true }> = {},
  changes: Methods['draft']['result']['changes'] = [],
) {
  const registry = smallRegistry();
  return fakeAgent({
    compiled: () => ({
      ...{ ok: true, base: 42, version: 43, realm: HASH, parent: HASH, registry },
      ...{ lots: { 'ray-view': { ws01: 1, ws02: 1 } }, ...compiled },
    }),
    draft: () => ({ base: 42, changes, summary: [], problems: [], newcomers: [], contested: [] }),
    usage: ({ after }) =>
      after === undefined ? { entries: [ENTRY], next: [101, 4] } : { entries: [], next: null },
  });
}

describe('config preview', () => {
  it('says who would have been denied, when and why, and how much of the time it knows of', async () => {
    const { code, out } = await run('config preview --days 2', { agent: agentWith() });
    assert.equal(code, 0);
    assert.deepEqual(out.trimEnd().split('\n'), [
      'Draft on v42, as if 3 checkouts granted and 1 refused in the last 2 days came again:',
      '  2 of those granted would be denied, 1 of those refused would be granted',
      '✗ ray-view dee on ws01: user-not-entitled, 2 times, from 2030-03-16 17:01 UTC to 2030-03-16 17:05 UTC',
      '    no rule allows it',
      '+ ray-view ana: granted once instead of refused',
      'Seats are counted over the whole realm, since they float; hosts that are cut off have only their own.',
      'Periods are looked at 2 days later, as if the same use came again from now on.',
      'Records cover 4 % of the time of 2 hosts; what they do not cover is unknown.',
      '  ws01: 4 of 47 hours',
      '  ws02: 0 of 47 hours',
      '  2 events did not fit into records',
    ]);
  });

  it('says that timeouts are not replayed where the draft changes some, and nothing of them elsewhere', async () => {
    const change = { kind: 'changed' } as const;
    const agent = agentWith({}, [
      { ...change, path: 'features.sim.pro.timeout', before: 900, after: 600 },
      { kind: 'added', path: 'features.ray-view.timeout', after: 3600 },
      { kind: 'removed', path: 'features.mesh.timeout', before: 7200 },
      { kind: 'added', path: 'features.my.timeout', after: { name: 'Mine', seats: 1 } },
      { kind: 'added', path: 'features.mesh.imported.timeout', after: { by: 'flexnet', set: 600 } },
      { ...change, path: 'features.mesh.linger', before: 60, after: 90 },
    ]);
    const { out } = await run('config preview', { agent });
    const said = out.split('\n').filter((line) => line.includes('Timeouts'));
    assert.deepEqual(said, [
      'Timeouts are not replayed, since no record says for how long a tool was silent; the draft changes those of sim.pro (900 → 600), ray-view (none → 3600), mesh (7200 → none).',
    ]);
    const { out: json } = await run('config preview --json', { agent });
    assert.deepEqual(JSON.parse(json).data.timeouts[1], { feature: 'ray-view', before: null, after: 3600 });
    assert.doesNotMatch((await run('config preview', { agent: agentWith() })).out, /Timeouts/);
  });

  it('says who had the seats', async () => {
    const registry = smallRegistry();
    registry.rules = {};
    registry.features['ray-view'] = { name: 'Viewer', software: 'raytracer', seats: 1 };
    const { out } = await run('config preview', { agent: agentWith({ registry }) });
    assert.match(
      out,
      /✗ ray-view dee on ws01: no-seat, 2 times, .*\n {4}seats were with ana on ws01 \(2 times\)/,
    );
    assert.match(out, /✗ ray-view ana on ws01: no-seat, once, 1 of them refused then, too, at /);
  });

  it('gives the same as data', async () => {
    const { code, out } = await run('config preview --json', { agent: agentWith() });
    assert.equal(code, 0);
    const { data, kind } = JSON.parse(out);
    assert.equal(kind, 'Preview');
    assert.deepEqual([data.days, data.base, data.granted, data.refused], [30, 42, 3, 1]);
    assert.deepEqual([data.since, data.until], [NOW - 30 * 86_400, NOW]);
    assert.deepEqual(data.coverage.hosts, { ws01: 4, ws02: 0 });
    const [denial] = data.denials;
    assert.deepEqual([denial.user, denial.reason, denial.granted], ['dee', 'user-not-entitled', 2]);
  });

  it('tries no draft that does not compile', async () => {
    const problems = [{ path: 'policy', code: 'no-voter', text: 'nobody votes' }];
    const agent = fakeAgent({ compiled: () => ({ ok: false, problems }) });
    const { code, err } = await run('config preview', { agent });
    assert.equal(code, 13);
    assert.match(err, /policy: nobody votes/);
  });

  it('has no last days to look at while no relay has signed the time', async () => {
    const agent = { ...agentWith() };
    const request = agent.request;
    const timeless = { ...QUIET.time, lower: null, upper: null };
    agent.request = async (method, params) =>
      method === 'time' ? (timeless as never) : request(method, params);
    assert.equal((await run('config preview', { agent })).code, 11);
  });
});
