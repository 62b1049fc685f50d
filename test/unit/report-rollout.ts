import assert from 'node:assert/strict';
import { reportRollout } from '../../core/agent/reports/rollout.ts';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { checkoutOf, exchange, invitedHost, MIDYEAR, reportContext } from '../support/host-rig.ts';
import { published, publishing, rename, twoHosts } from '../support/reported-realm.ts';

describe('the report of a rollout', () => {
  it('names the lease that holds a version up, and its end at the latest', async () => {
    const founder = await publishing();
    await founder.submit(checkoutOf('draw', 'ana', 'a'));
    const newcomer = await invitedHost(founder, 'ws02', 102);
    await exchange(founder, newcomer);
    await published(founder, 'two');
    await exchange(founder, newcomer);
    const why = [
      'ws01 has draw on loan to ana (drafter, pid 4802) since 2030-06-01T11:59:57Z, until 2030-06-02T00:00:00Z at the latest',
    ];
    // The other host knows it from the signed record, not from presence.
    for (const host of [founder, newcomer]) {
      const report = reportRollout(host.runtime.model, reportContext(), null);
      assert.deepEqual([report?.version, report?.certified, report?.why], [3, true, why]);
      const [{ text: _, ...lease } = { text: '' }, ...others] = report?.causes ?? [];
      assert.deepEqual(others, []);
      assert.deepEqual(lease, {
        ...{ kind: 'lease', host: 'ws01', lease: 'a', feature: 'draw', user: 'ana' },
        ...{ tool: 'drafter', pid: 4802, since: MIDYEAR - 3, until: MIDYEAR + 43_200 },
      });
    }
  });

  it('names the voter that has not acked, and when it was last heard', async () => {
    const { founder, newcomer } = await twoHosts();
    await rename(founder, 'Renamed');
    const seen = new Map([[newcomer.log as number, MIDYEAR - 3600]]);
    const report = reportRollout(founder.runtime.model, reportContext(seen), null);
    assert.deepEqual([report?.certified, report?.acks, report?.quorum], [false, 1, 2]);
    assert.deepEqual(report?.why, [
      '1 of 2 acks of 2 voters are here',
      'ws02 has not acked; last heard at 2030-06-01T11:00:00Z',
    ]);
    assert.deepEqual(
      report?.causes.map(({ text: _, ...fact }) => fact),
      [
        { kind: 'acks', acks: 1, quorum: 2, voters: 2 },
        { kind: 'silent-voter', voter: 'ws02', lastSeen: MIDYEAR - 3600 },
      ],
    );
    assert.deepEqual(
      report?.hosts.map(({ id, state }) => [id, state]),
      [
        ['ws01', 'acked'],
        ['ws02', 'unknown'],
      ],
    );
  });

  it('says that a voter begins anew under another key, whose ack is none of its old one', async () => {
    const { founder, newcomer } = await twoHosts();
    const anew = await invitedHost(founder, 'ws02', 303, ['voter']);
    await exchange(founder, anew);
    await founder.submit({ do: 'publish', message: 'Anew', expect: null });
    await exchange(founder, anew);
    const report = reportRollout(founder.runtime.model, reportContext(), null);
    assert.notEqual(newcomer.log, anew.log);
    assert.deepEqual([report?.certified, report?.acks, report?.quorum], [false, 1, 2]);
    assert.deepEqual(report?.why.slice(0, 3), [
      'no quorum is left without ws02: only the recovery keys can go on',
      '1 of 2 acks of 2 voters are here',
      'ws02 begins anew under another key, and the ack of its old one is missing',
    ]);
  });

  it('begins with the relay that cannot be reached, since without it nothing is heard', async () => {
    const { founder } = await twoHosts();
    const relay = reportContext().relays[0];
    assert.ok(relay !== undefined);
    const down = [{ ...relay, state: 'disconnected', detail: 'ECONNREFUSED', since: MIDYEAR - 60 } as const];
    const quiet = reportRollout(founder.runtime.model, { ...reportContext(), relays: down }, null);
    await rename(founder, 'Renamed');
    const report = reportRollout(founder.runtime.model, { ...reportContext(), relays: down }, null);
    const sentence =
      'ws://relay.lab.example cannot be reached since 2030-06-01T11:59:00Z (ECONNREFUSED): what other hosts have done meanwhile is not known here';
    assert.equal(quiet?.unreached, sentence);
    assert.deepEqual([report?.unreached, report?.why[0]], [sentence, sentence]);
    const up = reportRollout(founder.runtime.model, reportContext(), null);
    assert.equal(up?.unreached, null);
  });

  it('does not say of a host whose records it holds that it was never heard', async () => {
    const { founder } = await twoHosts();
    await rename(founder, 'Renamed');
    const report = reportRollout(founder.runtime.model, reportContext(), null);
    assert.match(
      report?.why.at(-1) ?? '',
      /^ws02 has not acked; \d+ records of it are here, and none has come/,
    );
  });

  it('says that new voters have to agree as well as old ones', async () => {
    const founder = await publishing();
    const newcomer = await invitedHost(founder, 'ws02', 102);
    await exchange(founder, newcomer);
    await founder.submit({ do: 'publish', message: 'two', expect: 2 });
    const report = reportRollout(founder.runtime.model, reportContext(), 3);
    assert.deepEqual([report?.certified, report?.acks, report?.quorum], [false, 1, 2]);
    assert.match(report?.why.at(-1) ?? '', /^ws02 has not acked/);
  });

  it('is shown by status while something is pending, and not after', async () => {
    const { founder, newcomer } = await twoHosts();
    assert.equal(reportStatus(founder.runtime.model, reportContext()).pending, null);
    await rename(founder, 'Renamed');
    assert.equal(reportStatus(founder.runtime.model, reportContext()).pending?.version, 4);
    await exchange(founder, newcomer);
    assert.equal(reportStatus(founder.runtime.model, reportContext()).pending, null);
  });

  it('says which issuers must still sign', async () => {
    const founder = await publishing({ issuers: 2 });
    await rename(founder, 'Renamed');
    const report = reportRollout(founder.runtime.model, reportContext(), null);
    assert.deepEqual([report?.signatures, report?.needed], [1, 2]);
    const text = '1 of 2 issuers have signed; one of these must: ws02';
    assert.deepEqual(report?.causes[0], {
      kind: 'signatures',
      signed: 1,
      needed: 2,
      missing: ['ws02'],
      text,
    });
    assert.equal(report?.why[0], text);
  });

  it('is null for a version that is not there', async () => {
    const { runtime } = await publishing();
    assert.equal(reportRollout(runtime.model, reportContext(), 9), null);
  });
});
