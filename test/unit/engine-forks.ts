import assert from 'node:assert/strict';
import { step, take } from '../../core/engine/step.ts';
import type { Hash } from '../../core/units.ts';
import { exchange, invitedHost, MIDYEAR } from '../support/host-rig.ts';
import { drafted, drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { play, tick } from '../support/script.ts';

const seats = (count: number) =>
  drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: count }));

/** Two hosts that know the same. */
async function pair() {
  const { host: founder } = await lending();
  const other = await invitedHost(founder, 'ws02', 202);
  await exchange(founder, other);
  await founder.submit(PUBLISH);
  await exchange(founder, other);
  return { founder, other };
}

describe('The engine: forks', () => {
  async function twins() {
    const { founder, other } = await pair();
    const a = other.runtime.model.state.ledger.logs.get(other.log)?.[0];
    assert(a !== undefined);
    return { founder, fork: { kind: 'fork', a, b: { ...a, hash: 'ab'.repeat(32) as Hash } } as const };
  }

  it('are proven to others once, however often they are met', async () => {
    const { founder, fork } = await twins();
    const [proof] = step(founder.runtime.model, fork);
    assert(proof?.kind === 'append' && proof.record.type === 'fork-proof');
    assert.deepEqual(proof.record.body, { a: fork.a.bytes, b: fork.b.bytes });
    for (const again of [fork, { ...fork, a: fork.b, b: fork.a }, { kind: 'compared' } as const]) {
      assert.deepEqual(await play(founder, again), []);
    }
  });

  it('that were met before this host could write are proven when it can, once', async () => {
    const { founder, fork } = await twins();
    founder.runtime.model.compared = false;
    assert.deepEqual(await play(founder, fork), ['tell all fork']);
    assert.deepEqual((await play(founder, { kind: 'compared' }))[0], 'append fork-proof');
    assert.deepEqual(await play(founder, { kind: 'compared' }), []);
  });

  it('that a newcomer met are proven when it has become a member', async () => {
    const { host: founder } = await lending();
    const newcomer = await invitedHost(founder, 'ws02', 202, []);
    await exchange(founder, newcomer);
    const a = founder.runtime.model.state.ledger.logs.get(founder.log)?.at(-1);
    assert(a !== undefined);
    const { model } = newcomer.runtime;
    assert.deepEqual(step(model, { kind: 'fork', a, b: { ...a, hash: 'ab'.repeat(32) as Hash } }).length, 1);
    assert.deepEqual(await play(newcomer, { kind: 'compared' }), []);
    await founder.submit(PUBLISH);
    const heard = model.state.ledger.logs.get(founder.log)?.length ?? 0;
    const records = founder.runtime.model.state.ledger.logs.get(founder.log)?.slice(heard) ?? [];
    for (const record of records) take(model, record);
    const proofs = () =>
      step(model, tick(model, MIDYEAR)).filter(
        (effect) => effect.kind === 'append' && effect.record.type === 'fork-proof',
      ).length;
    assert.deepEqual([proofs(), proofs()], [1, 0]);
  });

  it('do not hold up an editor who had built on the drafts that they take away', async () => {
    const { host: founder } = await lending();
    const other = await invitedHost(founder, 'ws02', 202, ['editor']);
    await exchange(founder, other);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    await other.submit(seats(7)(other));
    await exchange(founder, other);
    const a = founder.runtime.model.state.ledger.logs
      .get(other.log)
      ?.findLast(({ type }) => type === 'draft');
    assert(a !== undefined);
    await founder.submit(seats(8)(founder));
    await play(founder, { kind: 'fork', a, b: { ...a, hash: 'ab'.repeat(32) as Hash } });
    await founder.submit(seats(9)(founder));
    assert.equal((await founder.submit(PUBLISH)).ok, true);
    assert.equal(drafted(founder).features.draw?.seats, 9);
  });

  it('are told but not proven by a host that signs nothing any more', async () => {
    const { founder, fork } = await twins();
    await play(founder, { kind: 'own-log-ahead', next: 99 });
    assert.deepEqual(await play(founder, fork), ['tell all fork']);
  });
});
