import { equal } from 'node:assert/strict';
import { sha256 as anywhere } from '../../core/adapters/sha256-lib0.ts';
import { sha256 as onNode } from '../../core/adapters/sha256-node.ts';
import { hashOf } from '../../core/wire/hash.ts';

/** Messages of FIPS 180-4's examples, and their digests. */
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
];

describe('SHA-256', () => {
  for (const [message, digest] of EXAMPLES) {
    it(`of ${message.length} bytes is the standard's, whichever implementation the platform has`, () => {
      const bytes = new TextEncoder().encode(message);
      for (const hash of [anywhere, onNode, hashOf]) equal(hash(bytes), digest);
    });
  }

  it('is the same by both implementations around the ends of blocks', () => {
    for (let length = 0; length <= 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * length);
      equal(anywhere(bytes), onNode(bytes), `${length} bytes`);
    }
  });

  it('takes the view, not the buffer behind it', () => {
    const whole = Uint8Array.from({ length: 100 }, (_, i) => i);
    for (const hash of [anywhere, onNode]) equal(hash(whole.subarray(10, 20)), hash(whole.slice(10, 20)));
  });
});
