import assert from 'node:assert/strict';
import { groupCommit } from '../../core/adapters/group-commit.ts';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { Fault, isFault } from '../../core/errors.ts';
import type { Store, StoreWrite } from '../../core/ports.ts';

/** A store whose writes wait until they are let through, or refused. */
function heldStore() {
  const inner = memoryStore();
  const written: (readonly StoreWrite[])[] = [];
  const gates: ((fault?: Fault) => void)[] = [];
  const store: Store = {
    ...inner,
    async batch(writes) {
      written.push(writes);
      await new Promise<void>((resolve, reject) =>
        gates.push((fault) => (fault ? reject(fault) : resolve())),
      );
      await inner.batch(writes);
    },
  };
  return { store, inner, written, release: (fault?: Fault) => gates.shift()?.(fault) };
}

const put = (key: string): StoreWrite[] => [{ key, value: Uint8Array.of(1) }];
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('writes all batches of one event together', async () => {
    const { store, written, release } = heldStore();
    const grouped = groupCommit(store);
    const batches = ['a', 'b', 'c'].map((key) => grouped.batch(put(key)));
    await turn();
    assert.deepEqual(written, [[...put('a'), ...put('b'), ...put('c')]]);
    release();
    await Promise.all(batches);
  });

  it('joins what comes while a write is under way into the next one, in order', async () => {
    const { store, written, release } = heldStore();
    const grouped = groupCommit(store);
    const batches = [grouped.batch(put('a'))];
    await turn();
    batches.push(grouped.batch(put('b')), grouped.batch([...put('c'), ...put('d')]));
    await turn();
    assert.equal(written.length, 1);
    release();
    await turn();
    assert.deepEqual(written[1], [...put('b'), ...put('c'), ...put('d')]);
    release();
    await Promise.all(batches);
  });

  it('resolves no batch before its own write is on disk', async () => {
    const { store, release } = heldStore();
    const grouped = groupCommit(store);
    const done: string[] = [];
    const first = grouped.batch(put('a')).then(() => done.push('a'));
    await turn();
    const second = grouped.batch(put('b')).then(() => done.push('b'));
    await turn();
    assert.deepEqual(done, []);
    release();
    await first;
    await turn();
    assert.deepEqual(done, ['a']);
    release();
    await second;
  });

  it('fails all that waits behind a failed write, so that no record gets to disk without the one before', async () => {
    const { store, inner, release } = heldStore();
    const grouped = groupCommit(store);
    const first = grouped.batch(put('a'));
    await turn();
    const second = grouped.batch(put('b'));
    const outcomes = Promise.allSettled([first, second]);
    release(new Fault('DISK_FULL'));
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === 'rejected' && isFault(outcome.reason, 'DISK_FULL'));
    }
    assert.equal(inner.snapshot().size, 0);
  });

  it('goes on after a failed write', async () => {
    const { store, inner, release } = heldStore();
    const grouped = groupCommit(store);
    const first = assert.rejects(grouped.batch(put('a')), (error) => isFault(error, 'DISK_FULL'));
    await turn();
    release(new Fault('DISK_FULL'));
    await first;
    const second = grouped.batch(put('b'));
    await turn();
    release();
    await second;
    assert.deepEqual([...inner.snapshot().keys()], ['b']);
  });

  it('joins no more than its bound, and takes a batch above the bound alone', async () => {
    const { store, written, release } = heldStore();
    const grouped = groupCommit(store);
    const many = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, n) => put(prefix + n)).flat();
    const batches = [many('a', 5000), many('b', 3000), many('c', 3000)].map((writes) =>
      grouped.batch(writes),
    );
    const sizes: number[] = [];
    for (let n = 1; n <= 3; n++) {
      await turn();
      assert.equal(written.length, n);
      sizes.push(written[n - 1]?.length ?? 0);
      release();
    }
    await Promise.all(batches);
    assert.deepEqual(sizes, [5000, 3000, 3000]);
  });
});
