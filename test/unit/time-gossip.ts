import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import type { Signer } from '../../core/ports.ts';
import { seconds } from '../../core/units.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import { exchange, foundedHost, invitedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { signedTime } from '../support/signed-time.ts';

const [RELAY, STRANGER] = [testSigner('relay'), testSigner('stranger')];
const HOUR = 3600;

async function tokenAt(at: number, signer: Signer = RELAY): Promise<TimeToken> {
  const request = encodeRequest({ versions: [1], nonce: new Uint8Array(32), server: null });
  const answer = await signedTime(signer, request, at);
  const trust = { key: signer.key, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
  const verdict = await verifyResponse({ crypto: nodeCrypto, sha512 }, answer, request, trust);
  if (!verdict.ok) throw new Error(verdict.reason);
  return verdict.value;
}

/** A relay answers this host now. */
async function answer({ clock, runtime }: RigHost): Promise<void> {
  const [token, at] = [await tokenAt(clock.wall()), clock.running()];
  await runtime.see({ token, sentAt: at, receivedAt: at, boot: clock.boot() });
}

/** A founder, and a member that no relay answers; both have run for so long. */
async function twoHosts(): Promise<{ founder: RigHost; other: RigHost }> {
  const founder = await foundedHost({ relays: { main: { url: 'ws://relay.lab.example', key: RELAY.key } } });
  const other = await invitedHost(founder, 'ws02', 202);
  await exchange(founder, other);
  const published = await founder.submit({ do: 'publish', message: 'both', expect: null });
  strictEqual(published.ok, true);
  await exchange(founder, other);
  return { founder, other };
}

async function pass(hosts: readonly RigHost[], span: number): Promise<void> {
  for (const { clock, runtime } of hosts) {
    clock.advance(span);
    await runtime.tick();
  }
}

describe('time on its way from host to host', () => {
  it('reaches a host that no relay answers with what a peer holds, and raises its lower bound', async () => {
    const { founder, other } = await twoHosts();
    await pass([founder, other], HOUR + 1);
    strictEqual(other.runtime.model.time.lower, null);
    await exchange(founder, other);
    await answer(founder);
    await pass([founder, other], HOUR + 1);
    await exchange(founder, other);
    await other.runtime.tick();
    const { lower } = other.runtime.model.time;
    strictEqual(lower, MIDYEAR + HOUR + 1 - 3);
    deepStrictEqual(other.runtime.times(), founder.runtime.times());
  });

  it('neither gives an upper bound nor resets the offline age', async () => {
    const { founder, other } = await twoHosts();
    await answer(other);
    await pass([founder, other], 5 * HOUR);
    await exchange(founder, other);
    founder.clock.advance(HOUR + 1);
    await answer(founder);
    await pass([other], HOUR + 1);
    const before = other.runtime.model.time;
    await exchange(founder, other);
    await other.runtime.tick();
    const after = other.runtime.model.time;
    strictEqual((after.lower ?? 0) > (before.lower ?? 0), true);
    deepStrictEqual([after.upper, after.offlineAge], [before.upper, before.offlineAge]);
    strictEqual(after.offlineAge, 6 * HOUR + 1);
  });

  it('goes on to a third host over the second, neither of which a relay answers', async () => {
    const { founder, other } = await twoHosts();
    const third = await invitedHost(founder, 'ws03', 303);
    await exchange(founder, other, third);
    await answer(founder);
    await pass([founder], HOUR + 1);
    await exchange(founder, other);
    await pass([other], HOUR + 1);
    await exchange(other, third);
    await pass([third], 1);
    strictEqual((third.runtime.model.time.lower ?? 0) >= MIDYEAR - 3, true);
    deepStrictEqual(third.runtime.times(), founder.runtime.times());
  });

  it('is said once, until there is a newer one', async () => {
    const { founder, other } = await twoHosts();
    await answer(founder);
    for (let i = 0; i < 4; i++) {
      if (i === 2) await answer(founder);
      await pass([founder, other], HOUR + 1);
      await exchange(founder, other);
    }
    const records = founder.runtime.model.state.ledger.logs.get(founder.log) ?? [];
    const said = records.flatMap((record) =>
      record.type === 'heads' ? [record.body.times?.length ?? 0] : [],
    );
    deepStrictEqual(said, [1, 0, 1, 0]);
  });

  it('is not believed from a relay that the realm does not name, nor when it is none or damaged', async () => {
    const { founder } = await twoHosts();
    const { runtime } = founder;
    const good = (await tokenAt(MIDYEAR + 60)).bytes;
    const damaged = good.slice();
    damaged[10] = (damaged[10] ?? 0) ^ 1;
    const strange = (await tokenAt(MIDYEAR + 1e6, STRANGER)).bytes;
    strictEqual(await runtime.hear([strange, damaged, new Uint8Array(), new Uint8Array(400)]), 0);
    await runtime.tick();
    strictEqual(runtime.model.time.lower, null);
    strictEqual(await runtime.hear([strange, good, damaged]), 1);
    strictEqual(await runtime.hear([good]), 0);
    await runtime.tick();
    strictEqual(runtime.model.time.lower, seconds(MIDYEAR + 57));
  });
});
