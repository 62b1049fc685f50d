import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { seconds } from '../../core/units.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { delegator } from '../../relay/delegation.ts';
import { testSigner } from '../support/keys.ts';

const longTerm = testSigner('relay');

/** A delegator for windows of 1,000 s, with a long-term key that can be locked and counts its uses. */
function watched() {
  const seen = { uses: 0, locked: false, rejections: [] as unknown[] };
  const keys = delegator(
    {
      key: longTerm.key,
      async sign(message) {
        seen.uses++;
        if (seen.locked) throw new Error('locked');
        return longTerm.sign(message);
      },
    },
    async () => testSigner('online'),
    PROFILES.v1,
    seconds(1000),
  );
  return { seen, keys };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a delegated key', () => {
  it('is good within its window and nowhere else', async () => {
    const { keys } = watched();
    const key = await keys.renew(seconds(5000));
    deepStrictEqual([key.from, key.until, keys.until()], [5000, 6000, 6000]);
    for (const [time, good] of [
      [4999, false],
      [5000, true],
      [6000, true],
      [6001, false],
    ] as const)
      strictEqual(keys.at(seconds(time)) !== null, good);
  });

  it('is made once for all who wait', async () => {
    const { keys, seen } = watched();
    await Promise.all([keys.renew(seconds(5000)), keys.renew(seconds(5001)), keys.renew(seconds(5000))]);
    strictEqual(seen.uses, 1);
  });

  it('is tried again only after a minute when the long-term key is locked, and nobody trips over that', async () => {
    const { keys, seen } = watched();
    const key = await keys.renew(seconds(5000));
    seen.locked = true;
    const note = (reason: unknown) => seen.rejections.push(reason);
    process.prependListener('unhandledRejection', note);
    for (const time of [5751, 5752, 5810, 5811, 5812]) {
      strictEqual(keys.at(seconds(time)), key);
      await turn();
    }
    process.off('unhandledRejection', note);
    deepStrictEqual([seen.uses, seen.rejections], [3, []]);
  });
});
