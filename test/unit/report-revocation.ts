import assert from 'node:assert/strict';
import { reportFeatures } from '../../core/agent/reports/features.ts';
import { reportLeases } from '../../core/agent/reports/leases.ts';
import { reportRollout } from '../../core/agent/reports/rollout.ts';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { seconds } from '../../core/units.ts';
import { floatingHosts, lotOf } from '../support/floating.ts';
import {
  checkoutOf,
  exchange,
  invitedHost,
  MIDYEAR,
  type RigHost,
  reportContext,
} from '../support/host-rig.ts';
import { published, publishing, rename, second, twoHosts } from '../support/reported-realm.ts';

describe('the report of a revocation', () => {
  const REVOKED = { kind: 'revoked', by: 'ws01', reason: 'stolen', since: MIDYEAR - 60, seatsUntil: null };

  async function revoked(): Promise<{ readonly founder: RigHost; readonly shut: RigHost }> {
    const { founder, newcomer } = await twoHosts();
    await founder.submit({ do: 'revoke', principal: newcomer.id, reason: 'stolen' });
    await exchange(founder, newcomer);
    return { founder, shut: newcomer };
  }

  it('is told by whom, since when and why, on both sides', async () => {
    const { founder, shut } = await revoked();
    for (const host of [founder, shut]) {
      const { restricted } = reportStatus(host.runtime.model, reportContext());
      assert.deepEqual(restricted, [{ id: 'ws02', member: 'host', ...REVOKED }]);
    }
  });

  it('says until when a host that nobody can reach may be leasing, in the last term opened to it', async () => {
    const [founder, stolen] = (await floatingHosts()) as [RigHost, RigHost];
    await founder.submit({ do: 'revoke', principal: stolen.id, reason: 'stolen' });
    const [shut] = reportStatus(founder.runtime.model, reportContext()).restricted;
    const until = shut?.seatsUntil ?? 0;
    const seatsAt = async (instant: number) => {
      stolen.clock.advance(seconds(instant - (stolen.runtime.model.time.lower ?? 0)));
      await stolen.tellTime();
      await stolen.runtime.tick();
      return lotOf(stolen);
    };
    assert.equal(await seatsAt(until - 60), 1);
    assert.equal(await seatsAt(until + 60), 'no-term');
  });

  it('does not leave leases and features looking as if nothing had happened', async () => {
    const founder = await publishing();
    await founder.submit(checkoutOf('draw', 'ana', 'a'));
    const issuer = await invitedHost(founder, 'ws02', 102, ['issuer']);
    await exchange(founder, issuer);
    await published(founder, 'two');
    await exchange(founder, issuer);
    await issuer.submit({ do: 'revoke', principal: founder.id, reason: 'stolen' });
    await exchange(founder, issuer);
    const [lease] = reportLeases(founder.runtime.model);
    assert.deepEqual([lease?.id, lease?.state], ['a', 'ending']);
    assert.equal(reportFeatures(founder.runtime.model)[0]?.reason, 'restricted');
  });

  it('is why a voter never acks, and the rollout says so and what is left to do', async () => {
    const { founder, shut } = await revoked();
    await rename(founder, 'Renamed');
    await exchange(founder, shut);
    const report = reportRollout(founder.runtime.model, reportContext(), null);
    assert.deepEqual(
      report?.hosts.map(({ restriction, state }) => [state, restriction]),
      [
        ['acked', null],
        ['restricted', REVOKED],
      ],
    );
    assert.deepEqual(report?.why, [
      'no quorum is left without ws02: only the recovery keys can go on',
      '1 of 2 acks of 2 voters are here',
      'ws02 is revoked by ws01 since 2030-06-01T11:59:00Z (stolen): its ack never comes',
    ]);
  });

  it('leaves the version to the other voters where they are enough', async () => {
    const { founder, newcomer } = await twoHosts();
    const third = await invitedHost(founder, 'ws03', 103);
    await exchange(founder, newcomer, third);
    await published(founder, 'three');
    await exchange(founder, newcomer, third);
    await founder.submit({ do: 'revoke', principal: third.id, reason: 'stolen' });
    await rename(founder, 'Renamed');
    const report = reportRollout(founder.runtime.model, reportContext(), null);
    assert.equal(report?.why.at(-1), 'the other voters are enough: publish the next version without ws03');
    assert.match(report?.why.join() ?? '', /ws02 has not acked.*ws03 is revoked by ws01/);
  });

  it('does not count until as many issuers have signed it as the policy asks', async () => {
    const founder = await publishing({ issuers: 2 });
    await founder.submit({ do: 'revoke', principal: second(founder).id, reason: 'stolen' });
    assert.deepEqual(reportStatus(founder.runtime.model, reportContext()).restricted, []);
  });
});
