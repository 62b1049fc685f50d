import assert from 'node:assert/strict';
import { reportFeatures } from '../../core/agent/reports/features.ts';
import { reportLeases } from '../../core/agent/reports/leases.ts';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { reportTime } from '../../core/agent/reports/time.ts';
import {
  checkoutOf,
  exchange,
  foundedHost,
  invitedHost,
  MIDYEAR,
  reportContext,
} from '../support/host-rig.ts';
import { drafted } from '../support/lending-host.ts';
import { published, publishing, twoHosts } from '../support/reported-realm.ts';
import { relayKey } from '../support/tokens.ts';

describe('the report of status', () => {
  it('shows a host that has nothing but its genesis', async () => {
    const { runtime, log } = await foundedHost();
    const status = reportStatus(runtime.model, reportContext());
    assert.deepEqual(status.realm, { id: runtime.model.state.ledger.realm, name: 'Optics lab' });
    assert.deepEqual(status.host, {
      ...{ id: 'ws01', name: 'Workstation 1', log, class: 'office' },
      roles: ['editor', 'issuer', 'voter'],
    });
    assert.deepEqual([status.newest, status.applied, status.pending], [1, null, null]);
    assert.deepEqual(status.alarms, []);
  });

  it('says what a newcomer waits for, first its invitation and then a version', async () => {
    const founder = await publishing();
    const newcomer = await invitedHost(founder, 'ws02', 102);
    const context = { ...reportContext(), principal: 'ws02' };
    const before = reportStatus(newcomer.runtime.model, context);
    assert.equal(before.host?.id, 'ws02');
    assert.match(before.alarms[0]?.text ?? '', /records of the realm have not arrived/);
    await exchange(founder, newcomer);
    const after = reportStatus(newcomer.runtime.model, context);
    assert.match(after.alarms[0]?.text ?? '', /the next version .* makes this host a member/);
    await founder.submit({ do: 'publish', message: 'two', expect: 2 });
    await exchange(founder, newcomer);
    const member = reportStatus(newcomer.runtime.model, context);
    assert.deepEqual([member.host?.name, member.applied, member.alarms], ['Workstation ws02', 3, []]);
  });

  it('says that a voter does not vote before its log has been compared', async () => {
    const { runtime } = await foundedHost();
    runtime.model.compared = false;
    const { alarms } = reportStatus(runtime.model, reportContext());
    assert.deepEqual(
      alarms.map(({ code }) => code),
      ['not-compared'],
    );
  });

  it("shows a relay's remarks beside the alarms", async () => {
    const { runtime } = await foundedHost();
    const remarks = ['relay: this log has used up what it may write for now'];
    const { alarms } = reportStatus(runtime.model, { ...reportContext(), remarks });
    assert.deepEqual(alarms, [{ code: 'relay-remark', text: remarks[0] }]);
  });

  it('tells a host that a version no longer names so, and not that it waits to be one', async () => {
    const { founder, newcomer } = await twoHosts();
    const registry = drafted(founder);
    const { ws02: _, ...hosts } = registry.hosts;
    await founder.submit({ do: 'set-registry', registry: { ...registry, hosts } });
    await published(founder, 'without');
    await exchange(founder, newcomer);
    const context = { ...reportContext(), principal: 'ws02', join: { state: 'kept' } as const };
    const { alarms, join } = reportStatus(newcomer.runtime.model, context);
    assert.equal(join, null);
    assert.match(alarms[0]?.text ?? '', /does not name this host any more/);
  });
});

describe('the report of time', () => {
  it('has null, which JSON can say, where nobody has ever answered', async () => {
    const { runtime } = await foundedHost();
    assert.deepEqual(reportTime(runtime.model, reportContext()), {
      ...{ lower: null, upper: null, byWall: false, offlineAge: null, maxOffline: 0 },
      ...{ conflict: false, wall: MIDYEAR },
      relays: [{ key: relayKey(1), midpoint: MIDYEAR }],
      standing: [
        {
          ...{ state: 'time-unknown', allow: false, changesAt: null },
          sentence: 'no relay has ever signed the time for this host',
        },
      ],
      graceEnd: null,
    });
  });

  it('has the interval and what a class may be offline', async () => {
    const { runtime } = await publishing();
    const { graceEnd, lower, maxOffline, offlineAge, standing, upper } = reportTime(
      runtime.model,
      reportContext(),
    );
    assert.deepEqual([lower, upper, offlineAge, maxOffline], [MIDYEAR - 3, MIDYEAR + 3, 0, 14 * 86_400]);
    assert.deepEqual([standing, graceEnd], [[], MIDYEAR - 3 + 14 * 86_400]);
  });

  it('has what is left of the time offline as a date, and that it is over', async () => {
    const { clock, runtime } = await publishing();
    const days = async (passed: number) => {
      clock.advance(passed * 86_400);
      await runtime.tick();
      const { graceEnd, standing = [] } = reportTime(runtime.model, reportContext());
      return [standing.map(({ changesAt, state }) => [state, changesAt]), graceEnd];
    };
    // What drifts apart is what the clock of the host may have been slow by.
    const end = MIDYEAR - 3 + 14 * 86_400 - 4 * 86.4;
    assert.deepEqual(await days(4), [[['offline', end]], end]);
    assert.deepEqual(await days(10.1), [[['offline-too-long', null]], null]);
  });
});

describe('the report of features', () => {
  it('names for each feature the period that counts and what stands in the way', async () => {
    const { runtime } = await publishing();
    const shown = reportFeatures(runtime.model).map(({ id, lot, reason, until }) => [id, lot, until, reason]);
    assert.deepEqual(shown, [
      ['draw', 3, '2031-01-01T00:00:00Z', null],
      ['plot', 1, null, 'no-period'],
      ['print', 1, '2030-01-01T00:00:00Z', 'expired'],
    ]);
  });

  it('says that no seat is left, and that there was no signed time', async () => {
    const host = await publishing({ tellTime: false });
    assert.equal(reportFeatures(host.runtime.model)[0]?.reason, 'time-unknown');
    await host.tellTime();
    for (const id of ['a', 'b', 'c']) await host.submit(checkoutOf('draw', 'ana', id));
    const [draw] = reportFeatures(host.runtime.model);
    assert.deepEqual([draw?.inUse, draw?.reason], [3, 'no-seat']);
  });

  it('shows a feature as open that somebody may use, though others may not', async () => {
    const rules = { only: { feature: 'draw', allow: { people: ['bo'] } } };
    const { runtime } = await publishing({ changes: { rules } });
    assert.equal(reportFeatures(runtime.model)[0]?.reason, null);
  });
});

describe('the report of leases', () => {
  it('does not show what would let somebody else take a lease up', async () => {
    const host = await publishing();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    const [lease] = reportLeases(host.runtime.model);
    assert.deepEqual([lease?.id, lease?.user, lease?.state, lease?.freesIn], ['a', 'ana', 'active', null]);
    assert.equal(JSON.stringify(lease).includes('ssss'), false);
  });

  it('says when an orphan is freed', async () => {
    const host = await publishing();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    host.runtime.clientGone(1);
    await host.runtime.tick();
    host.clock.advance(12);
    await host.runtime.tick();
    const [lease] = reportLeases(host.runtime.model);
    assert.deepEqual([lease?.state, lease?.freesIn], ['orphaned', 18]);
  });
});
