import assert from 'node:assert/strict';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { type Foreseeable, foresee } from '../../core/engine/foresight.ts';
import { invitationOf } from '../../core/state/standing.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import {
  exchange,
  foundedHost,
  invitedHost,
  MIDYEAR,
  type RigHost,
  reportContext,
} from '../support/host-rig.ts';
import { testSigner } from '../support/keys.ts';
import { drafted, drafting, PUBLISH } from '../support/lending-host.ts';
import { ask, play, tick } from '../support/script.ts';
import { signedBy } from '../support/signed-by.ts';

function invite(until: number): Foreseeable & { readonly do: 'invite' } {
  return {
    ...{ do: 'invite', log: 204 as LogId, key: testSigner('new').key, kind: 'host' },
    ...{ id: 'ws03' as PrincipalId, name: 'x', class: 'office', roles: [], until: seconds(until) },
  };
}

describe('The engine: invitations', () => {
  const uses: readonly [first: number, second: number, why: string][] = [
    [203, 204, 'first, the newer after it'],
    [204, 203, 'last, the newer before it'],
  ];
  for (const [first, second, why] of uses) {
    it(`never admits whoever used an invitation that a newer one replaced, were it used ${why}`, async () => {
      const founder = await foundedHost();
      await founder.tellTime();
      const hosts = new Map([
        [203, await invitedHost(founder, 'ws03', 203, ['voter'], 'older')],
        [204, await invitedHost(founder, 'ws03', 204, ['voter'], 'newer')],
      ]);
      for (const log of [first, second]) {
        const host = hosts.get(log);
        assert(host !== undefined);
        await exchange(founder, host);
        await founder.submit(
          drafting(({ realm }) => Object.assign(realm, { name: `Realm ${log}` }))(founder),
        );
        await founder.submit(PUBLISH);
      }
      assert.deepEqual(Object.keys(drafted(founder).hosts.ws03?.logs ?? {}), ['204']);
      const [older, newer] = [hosts.get(203), hosts.get(204)];
      assert(older !== undefined && newer !== undefined);
      await exchange(founder, older, newer);
      const told = ({ runtime }: RigHost) =>
        reportStatus(runtime.model, reportContext()).alarms.map(({ text }) => text);
      assert.match(told(older).join(), /its invitation was replaced by a newer one/);
      assert.doesNotMatch(told(newer).join(), /replaced/);
    });
  }

  it('says which open invitations a new one for the same host replaces', async () => {
    const founder = await foundedHost();
    await founder.tellTime();
    await invitedHost(founder, 'ws03', 203);
    const wanted = invite(MIDYEAR + 10);
    const foreseen = foresee(founder.runtime.model, wanted);
    assert.deepEqual(foreseen.ok && foreseen.kind === 'recorded' && foreseen.replaces, [203]);
    const answer = await founder.submit(wanted);
    assert.deepEqual(answer.ok && answer.kind === 'recorded' && answer.replaces, [203]);
  });

  it('invites nobody whom a longer invitation by another issuer would keep out', async () => {
    const founder = await foundedHost();
    await founder.tellTime();
    const other = await invitedHost(founder, 'ws02', 202, ['issuer', 'voter']);
    await exchange(founder, other);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    await other.tellTime();
    await invitedHost(founder, 'ws03', 203);
    await exchange(founder, other);
    const shorter = await other.submit(invite(MIDYEAR + 10));
    assert.equal(shorter.ok ? 'ok' : shorter.reason, 'conflict');
    const longer = await other.submit(invite(MIDYEAR + 86_401));
    assert.deepEqual(longer.ok && longer.kind === 'recorded' && longer.replaces, [203]);
  });

  it('admit who came in time, however late the version is', async () => {
    const founder = await foundedHost();
    await founder.tellTime();
    const host = await invitedHost(founder, 'ws02', 202);
    await exchange(founder, host);
    await play(founder, tick(founder.runtime.model, MIDYEAR + 2 * 86_400));
    await founder.submit(PUBLISH);
    assert.deepEqual(Object.keys(drafted(founder).hosts.ws02?.logs ?? {}), ['202']);
  });

  it('admit nobody who comes after the end, though a relay lets him in', async () => {
    const founder = await foundedHost();
    await founder.tellTime();
    const host = await invitedHost(founder, 'ws02', 202);
    await play(founder, tick(founder.runtime.model, MIDYEAR + 2 * 86_400));
    await exchange(founder, host);
    assert.equal(founder.runtime.model.state.ledger.logs.has(202 as LogId), false);
    await founder.submit(PUBLISH);
    assert.equal(drafted(founder).hosts.ws02, undefined);
  });

  it('admit nobody whose log was revoked from its first record on', async () => {
    for (const end of [0, 1]) {
      const founder = await foundedHost();
      await founder.tellTime();
      const host = await invitedHost(founder, 'ws02', 202, []);
      await exchange(founder, host);
      const body = { logs: new Map([[host.log, end]]), reason: 'lost' };
      const record = await signedBy(founder, { type: 'revoke', body });
      await play(founder, { kind: 'appended', records: [{ record, call: null }] });
      await play(founder, ask(PUBLISH));
      assert.deepEqual(Object.keys(drafted(founder).hosts), end === 0 ? ['ws01'] : ['ws01', 'ws02']);
    }
  });

  const taken: readonly [why: string, log: number, until?: number][] = [
    ['of a member', 101],
    ['that is invited', 202],
    ['that is invited for less long', 202, MIDYEAR + 2 * 86_400],
  ];
  for (const [why, log, until = MIDYEAR + 10] of taken) {
    it(`are not made to the log id ${why}: two for one id would invite nobody`, async () => {
      const founder = await foundedHost();
      await founder.tellTime();
      const host = await invitedHost(founder, 'ws02', 202);
      const again = { ...invite(until), log: log as LogId };
      const answer = await founder.submit(again);
      assert.equal(answer.ok ? 'ok' : answer.reason, 'log-id-taken');
      assert.equal(invitationOf(founder.runtime.model.state.membership, host.log)?.body.id, 'ws02');
    });
  }
});
