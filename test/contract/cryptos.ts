import assert from 'node:assert/strict';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { peculiarSubtle } from '../../core/adapters/crypto-peculiar.ts';
import { signerOf, webCrypto } from '../../core/adapters/crypto-webcrypto.ts';
import { exportPkcs8, generateIdentity, unwrapIdentity, wrapIdentity } from '../../core/adapters/identity.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { isFault } from '../../core/errors.ts';
import { fromHex, toHex } from '../../core/units.ts';
import { cryptoContract, RFC_8032 } from './crypto.ts';

const native = async () => crypto.subtle;

const CRYPTOS = [
  ['native WebCrypto', async () => webCrypto(await native())],
  ['@peculiar/webcrypto', async () => webCrypto(await peculiarSubtle())],
  ['node:crypto', async () => nodeCrypto],
] as const;

const SUBTLES = [
  ['native WebCrypto', native],
  ['@peculiar/webcrypto', peculiarSubtle],
] as const;

for (const [name, make] of CRYPTOS) cryptoContract(name, make);

describe('keys across implementations', () => {
  for (const [maker, subtleOf] of SUBTLES) {
    for (const [checker, cryptoOf] of CRYPTOS) {
      it(`${checker} takes what a key of ${maker} signed`, async () => {
        const subtle = await subtleOf();
        const signer = signerOf(subtle, await generateIdentity(subtle));
        const message = systemRandom.bytes(400);
        const signature = await signer.sign(message);
        assert.equal(signature.constructor, Uint8Array);
        const verifier = await cryptoOf();
        assert.equal(await verifier.verify(signer.key, message, signature), true);
        message[0] = (message[0] ?? 0) ^ 1;
        assert.equal(await verifier.verify(signer.key, message, signature), false);
      });
    }

    for (const vector of RFC_8032) {
      it(`${maker} signs ${vector.name} of RFC 8032 as it is written there`, async () => {
        const subtle = await subtleOf();
        const identity = await unwrapIdentity(subtle, clear(vector), null);
        const signature = await signerOf(subtle, identity).sign(fromHex(vector.message));
        assert.equal(toHex(signature), vector.signature);
      });
    }

    for (const [opener, openerOf] of SUBTLES) {
      for (const passphrase of ['correct horse', null]) {
        const how = passphrase === null ? 'in clear' : 'under a passphrase';
        it(`${opener} opens a key that ${maker} wrapped ${how}`, async () => {
          const subtle = await subtleOf();
          const identity = await generateIdentity(subtle);
          const container = await wrapIdentity(subtle, systemRandom, identity, passphrase);
          const other = await openerOf();
          const opened = await unwrapIdentity(other, JSON.parse(JSON.stringify(container)), passphrase);
          assert.deepEqual(await exportPkcs8(other, opened), await exportPkcs8(subtle, identity));
        });
      }
    }

    it(`${maker} refuses a wrong passphrase, none, and a damaged container as IDENTITY_LOCKED`, async () => {
      const subtle = await subtleOf();
      const container = await wrapIdentity(subtle, systemRandom, await generateIdentity(subtle), 'right');
      const locked = (error: unknown) => isFault(error, 'IDENTITY_LOCKED');
      await assert.rejects(unwrapIdentity(subtle, container, 'wrong'), locked);
      await assert.rejects(unwrapIdentity(subtle, container, null), locked);
      assert.ok(container.protection.kind === 'passphrase');
      const protection = { ...container.protection, iv: btoa('another iv..') };
      await assert.rejects(unwrapIdentity(subtle, { ...container, protection }, 'right'), locked);
    });

    it(`${maker} refuses a wrapped key under the name of another principal`, async () => {
      const subtle = await subtleOf();
      const container = await wrapIdentity(subtle, systemRandom, await generateIdentity(subtle), 'right');
      const { publicKey } = await generateIdentity(subtle);
      await assert.rejects(unwrapIdentity(subtle, { ...container, publicKey }, 'right'), (error) =>
        isFault(error, 'IDENTITY_LOCKED'),
      );
    });

    it(`${maker} refuses a clear key under the name of another principal`, async () => {
      const subtle = await subtleOf();
      const [first, second] = RFC_8032;
      assert.ok(first && second);
      const swapped = { ...clear(first), publicKey: second.publicKey };
      await assert.rejects(unwrapIdentity(subtle, swapped, null), (error) =>
        isFault(error, 'IDENTITY_LOCKED'),
      );
    });

    it(`${maker} takes a passphrase composed or decomposed, as keyboards differ`, async () => {
      const subtle = await subtleOf();
      const identity = await generateIdentity(subtle);
      const container = await wrapIdentity(subtle, systemRandom, identity, 'caf\u00e9');
      const opened = await unwrapIdentity(subtle, container, 'cafe\u0301');
      assert.equal(opened.publicKey, identity.publicKey);
    });
  }
});

/** A key at rest in clear, from the 32 bytes that RFC 8032 gives (PKCS #8 as RFC 8410 writes it). */
function clear({ publicKey, secretKey }: (typeof RFC_8032)[number]) {
  const pkcs8 = fromHex(`302e020100300506032b657004220420${secretKey}`);
  const protection = { kind: 'none', pkcs8: btoa(String.fromCharCode(...pkcs8)) } as const;
  return { format: 'leasehold-identity-1', publicKey, protection } as const;
}
