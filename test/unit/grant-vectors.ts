import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { seconds, toHex } from '../../core/units.ts';
import { decodeGrant, type Grant, prepareGrant } from '../../core/wire/grant.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';

const VECTORS = new URL('../../../test/vectors/grants/', import.meta.url);

/** A licence code byte for byte, as its file says. */
interface Vector {
  readonly seed: string;
  readonly key: string;
  readonly grant: Omit<Grant, 'features' | 'overdraft'> & {
    readonly features: Readonly<Record<string, number>>;
    readonly overdraft: Readonly<Record<string, number>>;
  };
  readonly code: string;
  readonly refused: readonly { readonly text: string; readonly reason: string; readonly detail: string }[];
}

describe('the vectors of licence codes', () => {
  for (const file of readdirSync(VECTORS)) {
    const { code, grant: said, key, refused, seed } = read(file);
    const grant: Grant = {
      ...{ ...said, from: seconds(said.from), until: seconds(said.until) },
      features: new Map(Object.entries(said.features)),
      overdraft: new Map(Object.entries(said.overdraft)),
    };

    it(`are what is signed here: ${file}`, async () => {
      const signer = testSigner(seed);
      assert.equal(signer.key, key);
      const prepared = prepareGrant(grant, signer.key);
      assert(prepared.ok);
      assert.equal(prepared.value.seal(await signer.sign(prepared.value.signed)), code);
    });

    it(`are read as what they grant, and hold: ${file}`, async () => {
      const sealed = decodeGrant(code);
      assert(sealed.ok);
      const { code: _, key: signedBy, signature, signed, ...rest } = sealed.value;
      assert.deepEqual(rest, grant);
      assert.equal(signedBy, key);
      assert.equal(await nodeCrypto.verify(signedBy, signed, signature), true, toHex(signature));
    });

    for (const { detail, reason, text } of refused) {
      it(`are refused where ${detail}: ${file}`, () => {
        const read = decodeGrant(text);
        assert.deepEqual(read.ok ? null : [read.reason, read.detail], [reason, detail]);
      });
    }
  }
});

function read(file: string): Vector {
  return JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8'));
}
