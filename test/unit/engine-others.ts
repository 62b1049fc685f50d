import assert from 'node:assert/strict';
import { sealed } from '../../core/agent/founding.ts';
import type { Command } from '../../core/engine/input.ts';
import { note } from '../../core/state/evidence.ts';
import { type Hash, type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { exchange, foundedHost, invitedHost, MIDYEAR } from '../support/host-rig.ts';
import { foreignJoin } from '../support/joining.ts';
import { testSigner } from '../support/keys.ts';
import { drafted, drafting, PUBLISH } from '../support/lending-host.ts';
import { ask, play, tick } from '../support/script.ts';
import { checkout, moreSeats } from '../support/working-host.ts';

describe('The engine: others', () => {
  async function two(roles: readonly ('voter' | 'issuer' | 'editor')[] = []) {
    const founder = await foundedHost();
    await founder.tellTime();
    const other = await invitedHost(founder, 'ws02', 202, roles);
    await exchange(founder, other);
    return { founder, other };
  }

  it('admits newcomers with the next version, and not again once they have been removed', async () => {
    const { founder, other } = await two();
    const answer = await founder.submit(PUBLISH);
    assert.deepEqual(answer.ok && answer.kind === 'published' && answer.admitted, ['ws02']);
    await founder.submit(drafting((registry) => delete registry.hosts.ws02)(founder));
    const removed = await founder.submit(PUBLISH);
    assert.deepEqual(removed.ok && removed.kind === 'published' && removed.admitted, []);
    await founder.submit(drafting(moreSeats(9))(founder));
    const next = await founder.submit(PUBLISH);
    assert.deepEqual(next.ok && next.kind === 'published' && next.admitted, []);
    assert.equal(drafted(founder).hosts.ws02, undefined);
    await exchange(founder, other);
    assert.equal((await other.submit(checkout('a'))).ok, false);
  });

  it('publishes without a newcomer who fits no more', async () => {
    const { founder } = await two();
    const [once, log] = [testSigner('x'), 909 as LogId];
    const invited = await founder.submit({
      ...{ do: 'invite', log, key: once.key, kind: 'person', id: 'ws01' as PrincipalId, name: 'Not Me' },
      ...{ class: null, roles: [], until: seconds(MIDYEAR + 1e6) },
    });
    assert.equal(invited.ok, true);
    await founder.runtime.update(await foreignJoin(founder, log, once));
    const answer = await founder.submit(PUBLISH);
    assert.deepEqual(answer.ok && answer.kind === 'published' && answer.admitted, ['ws02']);
  });

  it('puts the key of a host that rejoins in the place of the old one', async () => {
    const { founder } = await two();
    await founder.submit(PUBLISH);
    const again = await invitedHost(founder, 'ws02', 203);
    await exchange(founder, again);
    await founder.submit(PUBLISH);
    assert.deepEqual(Object.keys(drafted(founder).hosts.ws02?.logs ?? {}), ['203']);
  });

  it("takes a fork by another as a reason to tell everybody, and freezes that log's drafts at once", async () => {
    const { founder, other } = await two(['editor']);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    await other.submit(drafting(moreSeats(8))(other));
    await exchange(founder, other);
    assert.equal(drafted(founder).features.draw?.seats, 8);
    const records = founder.runtime.model.state.ledger.logs.get(other.log) ?? [];
    const a = records.find(({ type }) => type === 'draft');
    assert(a !== undefined);
    const b = { ...a, hash: 'ab'.repeat(32) as Hash };
    const said = await play(founder, { kind: 'fork', a, b });
    assert.deepEqual(said.slice(0, 2), ['append fork-proof', 'tell all fork']);
    assert.equal(drafted(founder).features.draw?.seats, 3);
    assert.deepEqual(await play(founder, { kind: 'fork', a, b }), []);
  });

  it('does not end a lease because somebody who is no issuer says so', async () => {
    const { founder, other } = await two();
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    const { model } = founder.runtime;
    await play(founder, tick(model, MIDYEAR));
    await play(founder, ask(checkout('a')));
    const tip = other.runtime.model.state.ledger.logs.get(other.log)?.at(-1);
    assert(tip !== undefined);
    const place = { realm: tip.realm, log: other.log, seq: tip.seq + 1, prev: tip.hash };
    const body = { host: 'ws01' as PrincipalId, lease: 'a', reason: 'spite' };
    const record = await sealed(other.signer, place, 'removal', body);
    await founder.runtime.update(encodeAppend([{ log: other.log, from: place.seq, records: [record] }]));
    assert.equal(model.state.membership.evidence.removals.length, 1);
    assert.equal(model.leases.size, 1);
  });

  it('lets another issuer sign a revocation where one is too few', async () => {
    const { founder, other } = await two(['issuer']);
    await founder.submit(
      drafting((registry) => {
        registry.hosts.ws03 = { name: 'Third', class: 'office', logs: { '303': testSigner('third').key } };
      })(founder),
    );
    await founder.submit(PUBLISH);
    await founder.submit(
      drafting(({ policy }) => {
        policy.issuers = 2;
      })(founder),
    );
    await exchange(founder, other);
    const raised = await founder.submit(PUBLISH);
    assert(raised.ok && raised.kind === 'published');
    await exchange(founder, other);
    assert.equal((await other.submit({ do: 'sign', candidate: raised.candidate as Hash })).ok, true);
    await exchange(founder, other);
    await founder.submit({ do: 'revoke', principal: 'ws03' as PrincipalId, reason: 'stolen' });
    await exchange(founder, other);
    const { evidence } = founder.runtime.model.state.membership;
    const [target] = evidence.revocations.keys();
    assert(target !== undefined);
    const sign: Command = { do: 'sign', candidate: target };
    assert.equal((await founder.submit(sign)).ok, false, 'it has signed by revoking');
    assert.equal((await other.submit(sign)).ok, true);
  });

  it('gives its free slot to VOID once a version has been contested for long, and only then', async () => {
    const { founder, other } = await two(['voter', 'issuer', 'editor']);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    await other.tellTime();
    await exchange(founder, other);
    await founder.submit(drafting(moreSeats(7))(founder));
    await founder.submit(PUBLISH);
    const { model } = other.runtime;
    // The other hears the ack before the drafts: it has no verdict of its own yet.
    const ack = founder.runtime.model.state.membership.evidence.acks.get(3)?.[0];
    assert(ack !== undefined);
    note(model.state.membership.evidence, ack);
    assert.deepEqual(await play(other, tick(model, MIDYEAR)), []);
    assert.deepEqual(await play(other, tick(model, MIDYEAR, MIDYEAR, 59)), []);
    assert.deepEqual((await play(other, tick(model, MIDYEAR, MIDYEAR, 1))).slice(0, 1), [
      'append ack 3 void',
    ]);
    assert.equal(model.slots.get(3), null);
  });
});
