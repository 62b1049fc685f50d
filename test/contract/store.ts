import assert from 'node:assert/strict';
import { isFault } from '../../core/errors.ts';
import type { Store, StoreRange } from '../../core/ports.ts';

/** A new empty store, and a way to take back what the making took. */
export interface MadeStore {
  readonly store: Store;
  /** Closes the store and opens what it left, as a restart does. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

/** What every store promises; `make` gives a new empty one for each test. */
export function storeContract(name: string, make: () => Promise<MadeStore>): void {
  describe(`the store contract over ${name}`, () => {
    it('has nothing under a key that was never written', () =>
      withStore(async ({ store }) => assert.equal(await store.get('k'), undefined)));

    for (const [why, value] of [
      ['no bytes', bytes()],
      ['one zero byte', bytes(0)],
      ['bytes that are not UTF-8', bytes(0xff, 0xfe, 0x00, 0x80)],
      ['300 KiB', new Uint8Array(300 * 1024).fill(7)],
    ] as const) {
      it(`gives back ${why} as written, as a plain Uint8Array`, () =>
        withStore(async ({ store }) => {
          await store.batch([{ key: 'k', value }]);
          assert.deepEqual(await store.get('k'), value);
        }));
    }

    it('overwrites, and deletes with null', () =>
      withStore(async ({ store }) => {
        await store.batch([{ key: 'k', value: bytes(1) }]);
        await store.batch([{ key: 'k', value: bytes(2) }]);
        assert.deepEqual(await store.get('k'), bytes(2));
        await store.batch([{ key: 'k', value: null }]);
        assert.equal(await store.get('k'), undefined);
      }));

    it('deletes a key that is not there without complaint', () =>
      withStore(async ({ store }) => {
        await store.batch([{ key: 'k', value: null }]);
        assert.deepEqual(await keysIn(store, { from: '', to: '~' }), []);
      }));

    it('lets the last write of a batch to a key win', () =>
      withStore(async ({ store }) => {
        await store.batch([
          { key: 'a', value: bytes(1) },
          { key: 'a', value: null },
          { key: 'b', value: null },
          { key: 'b', value: bytes(2) },
        ]);
        assert.equal(await store.get('a'), undefined);
        assert.deepEqual(await store.get('b'), bytes(2));
      }));

    it('takes an empty batch', () => withStore(({ store }) => store.batch([])));

    it('does not see what the caller does to its bytes after the write', () =>
      withStore(async ({ store }) => {
        const value = bytes(1);
        await store.batch([{ key: 'k', value }]);
        value[0] = 9;
        assert.deepEqual(await store.get('k'), bytes(1));
      }));

    it('does not see what the caller does to the bytes that it read', () =>
      withStore(async ({ store }) => {
        await store.batch([{ key: 'k', value: bytes(1) }]);
        (await store.get('k'))?.fill(9);
        assert.deepEqual(await store.get('k'), bytes(1));
      }));

    const ordered = ['a', 'a\u0001', 'aa', 'b', 'b/1', 'b0', 'é', '�', '\u{1f511}'];
    for (const [why, range, expected] of [
      ['everything, in the order of UTF-8 bytes', { from: '', to: '\u{10ffff}' }, ordered],
      ['from inclusive, to exclusive', { from: 'a', to: 'b' }, ['a', 'a\u0001', 'aa']],
      ['a prefix', { from: 'b/', to: 'b0' }, ['b/1']],
      ['bounds that are no keys', { from: 'a0', to: 'az' }, ['aa']],
      ['an empty range', { from: 'x', to: 'x' }, []],
      ['a range the wrong way round', { from: 'z', to: 'a' }, []],
    ] as const) {
      it(`walks ${why}`, () =>
        withStore(async ({ store }) => {
          await store.batch([...ordered].reverse().map((key) => ({ key, value: bytes(key.length) })));
          assert.deepEqual(await keysIn(store, range), expected);
        }));
    }

    it('gives the values with the keys', () =>
      withStore(async ({ store }) => {
        await store.batch([{ key: 'k', value: bytes(1, 2) }]);
        assert.deepEqual(await entriesIn(store, { from: '', to: '~' }), [['k', bytes(1, 2)]]);
      }));

    it('walks what was there when the walk began, whatever is written meanwhile', () =>
      withStore(async ({ store }) => {
        await store.batch(['a', 'b', 'c'].map((key) => ({ key, value: bytes(1) })));
        const seen: string[] = [];
        for await (const [key] of store.range({ from: 'a', to: 'z' })) {
          if (seen.length === 0)
            await store.batch([
              { key: 'b', value: null },
              { key: 'd', value: bytes(1) },
            ]);
          seen.push(key);
        }
        assert.deepEqual(seen, ['a', 'b', 'c']);
        assert.deepEqual(await keysIn(store, { from: 'a', to: 'z' }), ['a', 'c', 'd']);
      }));

    it('can be left in the middle of a walk and closed', () =>
      withStore(async ({ store }) => {
        await store.batch(['a', 'b'].map((key) => ({ key, value: bytes(1) })));
        for await (const [key] of store.range({ from: 'a', to: 'z' })) {
          assert.equal(key, 'a');
          break;
        }
        await store.close();
      }));

    it('keeps the order of batches that are not awaited one by one', () =>
      withStore(async ({ store }) => {
        await Promise.all(Array.from({ length: 50 }, (_, n) => store.batch([{ key: 'k', value: bytes(n) }])));
        assert.deepEqual(await store.get('k'), bytes(49));
      }));

    it('has each of many concurrent batches when it resolves', () =>
      withStore(async ({ store }) => {
        const rounds = Array.from({ length: 50 }, async (_, n) => {
          await store.batch([
            { key: `k${n}`, value: bytes(n) },
            { key: `l${n}`, value: bytes(n) },
          ]);
          assert.deepEqual(await store.get(`k${n}`), bytes(n));
          assert.deepEqual(await store.get(`l${n}`), bytes(n));
        });
        await Promise.all(rounds);
      }));

    it('has what was written, and only that, after a restart', () =>
      withStore(async (made) => {
        await made.store.batch([
          { key: 'a', value: bytes(1) },
          { key: 'b', value: bytes(2) },
        ]);
        await made.store.batch([{ key: 'a', value: null }]);
        const again = await made.reopen();
        assert.deepEqual(await entriesIn(again, { from: '', to: '~' }), [['b', bytes(2)]]);
      }));

    it('refuses everything after it was closed, as a fault', () =>
      withStore(async ({ store }) => {
        await store.close();
        await assert.rejects(store.get('k'), (error) => isFault(error, 'STORE_FAILED'));
        await assert.rejects(store.batch([{ key: 'k', value: bytes(1) }]), (error) =>
          isFault(error, 'STORE_FAILED'),
        );
        await assert.rejects(keysIn(store, { from: '', to: '~' }), (error) => isFault(error, 'STORE_FAILED'));
      }));

    it('may be closed twice', () =>
      withStore(async ({ store }) => {
        await store.close();
        await store.close();
      }));

    it('finishes the batches that were under way before it closes', () =>
      withStore(async (made) => {
        const writes = Array.from({ length: 20 }, (_, n) =>
          made.store.batch([{ key: `k${n}`, value: bytes(n) }]),
        );
        const again = await made.reopen();
        await Promise.all(writes);
        assert.equal((await keysIn(again, { from: 'k', to: 'l' })).length, 20);
      }));
  });

  async function withStore(work: (made: MadeStore) => Promise<void>): Promise<void> {
    const made = await make();
    try {
      await work(made);
    } finally {
      await made.dispose();
    }
  }
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

async function entriesIn(store: Store, range: StoreRange) {
  const entries: (readonly [string, Uint8Array])[] = [];
  for await (const entry of store.range(range)) entries.push(entry);
  return entries;
}

async function keysIn(store: Store, range: StoreRange): Promise<string[]> {
  return (await entriesIn(store, range)).map(([key]) => key);
}
