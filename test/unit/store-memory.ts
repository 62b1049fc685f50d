import assert from 'node:assert/strict';
import { memoryStore } from '../../core/adapters/store-memory.ts';

describe('the store in memory', () => {
  it('starts from an image, and later writes leave the image alone', async () => {
    const first = memoryStore();
    await first.batch([{ key: 'a', value: Uint8Array.of(1) }]);
    const image = first.snapshot();
    await first.batch([
      { key: 'a', value: Uint8Array.of(2) },
      { key: 'b', value: Uint8Array.of(3) },
    ]);
    const restored = memoryStore(image);
    assert.deepEqual(await restored.get('a'), Uint8Array.of(1));
    assert.equal(await restored.get('b'), undefined);
    await restored.batch([{ key: 'a', value: null }]);
    assert.deepEqual(image.get('a'), Uint8Array.of(1));
  });
});
