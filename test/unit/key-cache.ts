import assert from 'node:assert/strict';
import { keyCache } from '../../core/adapters/key-cache.ts';
import type { PublicKey } from '../../core/units.ts';

const key = (n: number) => n.toString(16).padStart(64, '0') as PublicKey;

describe('the cache of imported keys', () => {
  it('makes a key once while it is in use, however many others come by', () => {
    const made: PublicKey[] = [];
    const cached = keyCache((of) => made.push(of), 8);
    for (let n = 1; n < 100; n++) {
      cached(key(0));
      cached(key(n));
    }
    assert.equal(made.filter((of) => of === key(0)).length, 1);
  });

  it('forgets a key that is no longer used, so that a flood of keys does not grow memory', () => {
    const made: PublicKey[] = [];
    const cached = keyCache((of) => made.push(of), 8);
    for (let n = 0; n < 20; n++) cached(key(n));
    cached(key(0));
    assert.equal(made.filter((of) => of === key(0)).length, 2);
  });
});
