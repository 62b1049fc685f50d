import assert from 'node:assert/strict';
import { step } from '../../core/engine/step.ts';
import type { Hash } from '../../core/units.ts';
import { exchange, invitedHost } from '../support/host-rig.ts';
import { lending, PUBLISH } from '../support/lending-host.ts';
import { play } from '../support/script.ts';

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

  it('are told but not proven by a host that signs nothing any more', async () => {
    const { founder, fork } = await twins();
    await play(founder, { kind: 'own-log-ahead', next: 99 });
    assert.deepEqual(await play(founder, fork), ['tell all fork']);
  });
});
