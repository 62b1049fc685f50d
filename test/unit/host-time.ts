import assert from 'node:assert/strict';
import { loadHostTime } from '../../core/runtime/host-time.ts';
import { seconds } from '../../core/units.ts';
import { decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { nodeCrypto } from '../support/keys.ts';
import { timeAuthority } from '../support/time-authority.ts';

const DAY = 86_400;
/** 2030-06-01T12:00:00Z. */
const NOON = 1_906_545_600;
const RELAY = timeAuthority('relay');

const load = (clock: TestClock, stored?: Uint8Array) =>
  loadHostTime(stored, new Set([RELAY.key]), { clock, crypto: nodeCrypto });

/** What a machine that has been running for ten days keeps of an answer that it has just had. */
async function answered(clock: TestClock): Promise<Uint8Array> {
  clock.advance(10 * DAY);
  const time = await load(clock);
  const [running, token] = [clock.running(), await RELAY.token(NOON)];
  time.see({ token, sentAt: running, receivedAt: running, boot: clock.boot() });
  const upper = time.view(null, null).upper ?? 0;
  assert(Math.abs(upper - NOON - 3) < 0.01);
  return time.write().value ?? new Uint8Array();
}

describe('What a host knows of time', () => {
  it('stands over a restart of the agent', async () => {
    const clock = testClock(NOON);
    const kept = await answered(clock);
    clock.advance(100);
    const { offlineAge, upper } = (await load(clock, kept)).view(null, null);
    assert.deepEqual([offlineAge, Math.round((upper ?? 0) - NOON)], [100, 103]);
  });

  it('is of no age below none, whoever wrote one to the disk to stay offline for ever', async () => {
    const clock = testClock(NOON);
    const kept = decodeCbor(await answered(clock));
    assert(kept.ok && kept.value instanceof Map);
    for (const witness of kept.value.get('witnesses') as Map<string, unknown>[]) witness.set('age', -1e14);
    clock.advance(15 * DAY);
    const { offlineAge } = (await load(clock, encodeCbor(kept.value))).view(null, null);
    assert.equal(offlineAge, 15 * DAY);
  });

  it('holds no upper end whose running time went back under the same boot, as in a container started again', async () => {
    const clock = testClock(NOON);
    let kept = await answered(clock);
    clock.reboot(clock.boot());
    for (const since of [0, 5 * DAY, 20 * DAY]) {
      clock.advance(since - clock.running());
      const time = await load(clock, kept);
      const { lower, offlineAge, upper } = time.view(null, null);
      assert.deepEqual([lower, upper, offlineAge], [NOON - 3, null, seconds(since)]);
      kept = time.write().value ?? kept;
    }
  });
});
