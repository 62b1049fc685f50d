import assert from 'node:assert/strict';
import { hasBegun } from '../../core/engine/model.ts';
import { newestOf } from '../../core/state/membership.ts';
import { proposalsOn } from '../../core/state/proposals.ts';
import { judgementOf } from '../../core/state/state.ts';
import type { Hash } from '../../core/units.ts';
import { exchange, invitedHost, type RigHost } from '../support/host-rig.ts';
import { drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { own } from '../support/publishing-host.ts';
import { play } from '../support/script.ts';

const moreSeats = drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 5 }));

describe('The engine: a candidate that another issuer signed', () => {
  const cases = [
    ['is acked', false],
    ['is not acked by a voter who knows that the issuer was revoked before', true],
  ] as const;
  for (const [what, revoked] of cases) {
    it(what, async () => {
      const { host: founder } = await lending();
      const other = await invitedHost(founder, 'ws02', 202, ['voter', 'issuer', 'editor']);
      await exchange(founder, other);
      await founder.submit(PUBLISH);
      await founder.submit(moreSeats(founder));
      await exchange(founder, other);
      if (revoked) await founder.submit({ do: 'revoke', principal: other.id, reason: 'stolen' });
      const published = await other.submit(PUBLISH);
      assert(published.ok && published.kind === 'published');
      await exchange(founder, other);
      const { candidate } = published;
      const { ledger, membership } = founder.runtime.model.state;
      assert.equal(membership.evidence.candidates.has(candidate as Hash), true);
      const records = ledger.logs.get(founder.log) ?? [];
      const acked = records.some((record) => record.type === 'ack' && record.body.candidate === candidate);
      assert.equal(acked, !revoked);
    });
  }
});

describe('The engine: a candidate that holds drafts of an editor', () => {
  async function proposed(restrict: (founder: RigHost, editor: RigHost) => Promise<unknown>) {
    const { host: founder } = await lending();
    const other = await invitedHost(founder, 'ws02', 202, ['voter', 'issuer', 'editor']);
    const editor = await invitedHost(founder, 'ws03', 203, ['editor']);
    await exchange(founder, other, editor);
    await founder.submit(PUBLISH);
    await exchange(founder, other, editor);
    await editor.submit(moreSeats(editor));
    await exchange(editor, other);
    const published = await other.submit(PUBLISH);
    assert(published.ok && published.kind === 'published');
    await restrict(founder, editor);
    await exchange(founder, other, editor);
    const { state } = founder.runtime.model;
    const candidate = published.candidate as Hash;
    const acked = own(founder).some((record) => record.type === 'ack' && record.body.candidate === candidate);
    // Nothing else than the restriction may keep a voter from it.
    assert.equal(acked || judgementOf(state, candidate).kind === 'good', true);
    return acked;
  }

  it('is acked', async () => {
    assert.equal(await proposed(async () => undefined), true);
  });

  it('is not acked by a voter who knows that the editor was revoked before', async () => {
    const revoked = (founder: RigHost, { id }: RigHost) =>
      founder.submit({ do: 'revoke', principal: id, reason: 'stolen' });
    assert.equal(await proposed(revoked), false);
  });

  it('is not acked by a voter who knows that the editor signed two histories before', async () => {
    const forked = async (founder: RigHost, { log }: RigHost) => {
      const a = founder.runtime.model.state.ledger.logs.get(log)?.at(-1);
      assert(a !== undefined);
      await play(founder, { kind: 'fork', a, b: { ...a, hash: 'ab'.repeat(32) as Hash } });
    };
    assert.equal(await proposed(forked), false);
  });
});

describe('The engine: a candidate that names a host neither before nor after', () => {
  it('is not acked by it, though its log has begun', async () => {
    const { host: founder } = await lending();
    const stranger = await invitedHost(founder, 'ws02', 202);
    const { runtime } = stranger;
    // The founder does not hear of it, or would take it in.
    for (const update of founder.runtime.lackedBy(runtime.stateVector())) await runtime.update(update);
    const heard = own(founder).length;
    assert.equal(hasBegun(runtime.model), true);
    await founder.submit(moreSeats(founder));
    await founder.submit(PUBLISH);
    const records = own(founder);
    const upTo = records.findLastIndex(({ type }) => type === 'candidate') + 1;
    const { model } = runtime;
    const said = await play(stranger, { kind: 'records', records: records.slice(heard, upTo) });
    const newest = newestOf(model.state.membership);
    const [candidate] = proposalsOn(model.state.membership, newest);
    assert(candidate !== undefined);
    assert.equal(judgementOf(model.state, candidate.id).kind, 'good');
    assert.deepEqual(
      said.filter((line) => line.startsWith('append')),
      [],
    );
  });
});
