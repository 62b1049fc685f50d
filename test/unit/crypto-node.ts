import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { fromHex, type PublicKey } from '../../core/units.ts';
import { RFC_8032 } from '../contract/crypto.ts';

/** Starts so many checks at once; the verdicts so far, in place. */
function checks(count: number): { readonly verdicts: (boolean | null)[]; readonly all: Promise<boolean[]> } {
  const [vector] = RFC_8032;
  assert.ok(vector);
  const signature = fromHex(vector.signature);
  const message = fromHex(vector.message);
  const verdicts: (boolean | null)[] = Array(count).fill(null);
  const checking = verdicts.map(async (_, i) => {
    const bytes = i % 2 === 0 ? message : Uint8Array.of(...message, i);
    const verdict = await nodeCrypto.verify(vector.publicKey as PublicKey, bytes, signature);
    verdicts[i] = verdict;
    return verdict;
  });
  return { verdicts, all: Promise.all(checking) };
}

/** Lets everything happen that needs no turn of the event loop. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await null;
}

describe('checks with node:crypto', () => {
  beforeEach(() => nextTurn());

  it('makes a check that comes alone at once', async () => {
    const { verdicts } = checks(1);
    await microtasks();
    assert.deepEqual(verdicts, [true]);
  });

  it('makes one at once in a turn of the event loop and leaves the others to the thread pool', async () => {
    const { verdicts, all } = checks(4);
    await microtasks();
    assert.deepEqual(verdicts, [true, null, null, null]);
    assert.deepEqual(await all, [true, false, true, false]);
  });

  it('makes none at once while others are under way', async () => {
    const before = checks(100);
    await nextTurn();
    const { verdicts, all } = checks(1);
    await microtasks();
    assert.deepEqual(verdicts, [null]);
    assert.deepEqual([await all, (await before.all).length], [[true], 100]);
  });
});
