import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Crypto } from '../../core/ports.ts';
import { fromHex, type PublicKey, toHex } from '../../core/units.ts';

interface Vector {
  readonly name: string;
  readonly secretKey: string;
  readonly publicKey: PublicKey;
  readonly message: string;
  readonly signature: string;
}

/** The vectors of RFC 8032, section 7.1. */
export const RFC_8032: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../../../test/vectors/ed25519.json', import.meta.url), 'utf8'),
).vectors;

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** R is the base point and S is 1: fits every message under the neutral point, and one in 8 under a key of order 8. */
const ANYBODYS = fromHex(`58${'66'.repeat(31)}01${'00'.repeat(31)}`);

/** Forms that one implementation or another takes; all of ours refuse them alike. */
const WEAK_KEYS: readonly (readonly [why: string, key: string])[] = [
  ['of order 4', '00'.repeat(32)],
  ['of order 1', `01${'00'.repeat(31)}`],
  ['of order 2', `ec${'ff'.repeat(30)}7f`],
  ['of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ['of order 8, with the other sign', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
  ['of order 8, the other one', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ['of order 1, with a sign that zero has not', `01${'00'.repeat(30)}80`],
  ['of order 4, written as p', `ed${'ff'.repeat(30)}7f`],
  ['of order 1, written as p + 1', `ee${'ff'.repeat(30)}7f`],
];

/** What every implementation of the port promises. */
export function cryptoContract(name: string, make: () => Promise<Crypto>): void {
  describe(`the crypto contract over ${name}`, () => {
    let crypto: Crypto;
    before(async () => {
      crypto = await make();
    });

    async function holds(key: string, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
      return crypto.verify(key as PublicKey, message, signature);
    }

    for (const vector of RFC_8032) {
      const message = fromHex(vector.message);
      const signature = fromHex(vector.signature);

      it(`takes ${vector.name} of RFC 8032`, async () =>
        assert.equal(await holds(vector.publicKey, message, signature), true));

      it(`refuses ${vector.name} with any one bit of the signature turned`, async () => {
        for (let bit = 0; bit < 512; bit += 7) {
          const turned = flipped(signature, bit);
          assert.equal(await holds(vector.publicKey, message, turned), false, `bit ${bit}`);
        }
      });

      it(`refuses ${vector.name} with a bit of the key turned`, async () => {
        for (let bit = 0; bit < 256; bit += 9) {
          const key = toHex(flipped(fromHex(vector.publicKey), bit));
          assert.equal(await holds(key, message, signature), false, `bit ${bit}`);
        }
      });

      it(`refuses ${vector.name} with another message`, async () =>
        assert.equal(await holds(vector.publicKey, Uint8Array.of(...message, 0), signature), false));

      it(`refuses the second signature that adding the group order to S of ${vector.name} gives`, async () =>
        assert.equal(await holds(vector.publicKey, message, withOrderAdded(signature)), false));
    }

    const [{ publicKey, signature: hex } = { publicKey: '', signature: '' }] = RFC_8032;
    const empty = new Uint8Array();
    for (const length of [0, 1, 32, 63, 65, 128]) {
      it(`refuses a signature of ${length} bytes without a throw`, async () => {
        const signature = new Uint8Array(length);
        signature.set(fromHex(hex).subarray(0, length));
        assert.equal(await holds(publicKey, empty, signature), false);
      });
    }

    for (const [why, key] of [
      ['no digits', ''],
      ['62 digits', publicKey.slice(2)],
      ['66 digits', `${publicKey}00`],
      ['y of no point', `02${'00'.repeat(31)}`],
    ] as const) {
      it(`refuses a key of ${why} without a throw`, async () =>
        assert.equal(await holds(key, empty, fromHex(hex)), false));
    }

    for (const [why, weak] of WEAK_KEYS) {
      it(`refuses a key ${why}, under which one signature fits many messages`, async () => {
        for (let n = 0; n < 64; n++) assert.equal(await holds(weak, Uint8Array.of(n), ANYBODYS), false);
      });
    }

    it('refuses a signature whose R is the neutral point, which browsers refuse and OpenSSL takes', async () => {
      const [vector] = RFC_8032;
      assert.ok(vector);
      const message = Uint8Array.of(1);
      assert.equal(await holds(vector.publicKey, message, signedWithoutNonce(vector, message)), false);
    });

    it('gives each of a thousand checks at once its own answer', async () => {
      const jobs = Array.from({ length: 1000 }, (_, n) => {
        const vector = RFC_8032[n % 3];
        assert.ok(vector);
        const signature = fromHex(vector.signature);
        return holds(
          vector.publicKey,
          fromHex(vector.message),
          n % 7 === 0 ? flipped(signature, n % 512) : signature,
        );
      });
      const answers = await Promise.all(jobs);
      assert.deepEqual(
        answers,
        answers.map((_, n) => n % 7 !== 0),
      );
    });
  });
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

function withOrderAdded(signature: Uint8Array): Uint8Array {
  const r = signature.subarray(0, 32);
  return Uint8Array.of(...r, ...littleEndian(integerOf(signature.subarray(32)) + ORDER));
}

/** What the owner of the key makes with a nonce of zero (RFC 8032, 5.1.6, with r = 0): R neutral, S = k·s. */
function signedWithoutNonce({ secretKey, publicKey }: Vector, message: Uint8Array): Uint8Array {
  const secret = sha512(fromHex(secretKey)).subarray(0, 32);
  const clamped = secret.map((byte, at) =>
    at === 0 ? byte & 0xf8 : at === 31 ? (byte & 0x7f) | 0x40 : byte,
  );
  const r = Uint8Array.of(1, ...new Uint8Array(31));
  const k = integerOf(sha512(Uint8Array.of(...r, ...fromHex(publicKey), ...message)));
  return Uint8Array.of(...r, ...littleEndian((k * integerOf(clamped)) % ORDER));
}

function sha512(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha512').update(bytes).digest());
}

function integerOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function littleEndian(value: bigint): number[] {
  return Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}
