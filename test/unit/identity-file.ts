import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import {
  createIdentity,
  exportIdentity,
  importIdentity,
  listIdentities,
  loadIdentity,
  signerFromFile,
} from '../../core/adapters/identity-file.ts';
import { type FaultCode, isFault } from '../../core/errors.ts';
import { type LogId, type PublicKey, seconds } from '../../core/units.ts';
import { withTempDir } from '../support/temp-dir.ts';

const fails = (work: Promise<unknown>, code: FaultCode) =>
  assert.rejects(work, (error) => isFault(error, code));
const unattended = { passphrase: null };

describe('the keys of a data directory', () => {
  it('are none before the first is made', () =>
    withTempDir(async (directory) => assert.deepEqual(await listIdentities(directory), [])));

  it('are listed as they were made, with log and time, in a file for this user alone', () =>
    withTempDir(async (directory) => {
      const first = await createIdentity(directory, {
        passphrase: null,
        log: 7 as LogId,
        createdAt: seconds(1000),
      });
      const second = await createIdentity(directory, unattended);
      assert.deepEqual(await listIdentities(directory), [first, second]);
      assert.deepEqual([first.log, first.createdAt, second.log, second.createdAt], [7, 1000, null, null]);
      assert.equal((await stat(join(directory, 'identity.json'))).mode & 0o777, 0o600);
    }));

  for (const passphrase of [null, 'correct horse battery staple']) {
    it(`sign after a restart, kept ${passphrase === null ? 'in clear' : 'under a passphrase'}`, () =>
      withTempDir(async (directory) => {
        const { container } = await createIdentity(directory, { passphrase });
        const signer = await signerFromFile(directory, container.publicKey, passphrase);
        const message = Uint8Array.of(1, 2, 3);
        assert.equal(signer.key, container.publicKey);
        assert.equal(await nodeCrypto.verify(signer.key, message, await signer.sign(message)), true);
      }));
  }

  it('are IDENTITY_LOCKED under a wrong passphrase, without one, and when they are not there', () =>
    withTempDir(async (directory) => {
      const { container } = await createIdentity(directory, { passphrase: 'right' });
      await fails(signerFromFile(directory, container.publicKey, 'wrong'), 'IDENTITY_LOCKED');
      await fails(signerFromFile(directory, container.publicKey, null), 'IDENTITY_LOCKED');
      await fails(signerFromFile(directory, 'ab'.repeat(32) as PublicKey, null), 'IDENTITY_LOCKED');
    }));

  it('do not show a secret in the file when there is a passphrase', () =>
    withTempDir(async (directory) => {
      const { container } = await createIdentity(directory, { passphrase: 'right' });
      const clear = JSON.parse(
        await exportIdentity(directory, container.publicKey, { passphrase: 'right', exportPassphrase: null }),
      );
      const text = await readFile(join(directory, 'identity.json'), 'utf8');
      assert.ok(!text.includes(clear.container.protection.pkcs8.slice(24, 60)));
      assert.ok(!text.includes('right'));
    }));

  it('in clear are refused when another account can read them', () =>
    withTempDir(async (directory) => {
      const { container } = await createIdentity(directory, unattended);
      await chmod(join(directory, 'identity.json'), 0o640);
      await fails(loadIdentity(directory, container.publicKey, null), 'IDENTITY_LOCKED');
    }));

  it('are carried to another directory under another passphrase, twice without harm', () =>
    withTempDir(async (directory) => {
      const [here, there] = [join(directory, 'here'), join(directory, 'there')];
      const { container } = await createIdentity(here, { passphrase: 'one', log: 7 as LogId });
      const key = container.publicKey;
      const text = await exportIdentity(here, key, { passphrase: 'one', exportPassphrase: 'two' });
      await importIdentity(there, text, 'two');
      await importIdentity(there, text, 'two');
      assert.deepEqual(
        (await listIdentities(there)).map((entry) => [entry.log, entry.container.publicKey]),
        [[7, key]],
      );
      await fails(signerFromFile(there, key, 'one'), 'IDENTITY_LOCKED');
      const signer = await signerFromFile(there, key, 'two');
      assert.equal(await nodeCrypto.verify(key, Uint8Array.of(1), await signer.sign(Uint8Array.of(1))), true);
    }));

  it('are not imported under a wrong passphrase', () =>
    withTempDir(async (directory) => {
      const { container } = await createIdentity(join(directory, 'here'), unattended);
      const options = { passphrase: null, exportPassphrase: 'two' };
      const text = await exportIdentity(join(directory, 'here'), container.publicKey, options);
      await fails(importIdentity(join(directory, 'there'), text, 'one'), 'IDENTITY_LOCKED');
      assert.deepEqual(await listIdentities(join(directory, 'there')), []);
    }));

  for (const [why, damage] of [
    ['no JSON', () => '{'],
    ['another format', (text: string) => text.replace('identities-1', 'identities-9')],
    ['an unknown field', (text: string) => text.replace('"keys"', '"more": 1, "keys"')],
    ['a public key that is none', (text: string) => text.replace(/"publicKey": "./, '"publicKey": "x')],
    ['a kind of protection that is none', (text: string) => text.replace('"none"', '"rot13"')],
    ['a log that is none', (text: string) => text.replace('"log": null', '"log": 0')],
  ] as const) {
    it(`are FILE_UNREADABLE with ${why}, and no secret is in the message`, () =>
      withTempDir(async (directory) => {
        const path = join(directory, 'identity.json');
        const { container } = await createIdentity(directory, unattended);
        assert.ok(container.protection.kind === 'none');
        const secret = container.protection.pkcs8;
        const text = await readFile(path, 'utf8');
        assert.notEqual(damage(text), text);
        await writeFile(path, damage(text));
        await assert.rejects(listIdentities(directory), (error) => {
          assert.ok(isFault(error, 'FILE_UNREADABLE'));
          assert.ok(!`${error.stack} ${error.cause}`.includes(secret.slice(24, 60)));
          return true;
        });
      }));
  }

  it('are FILE_UNREADABLE when they ask for more rounds of PBKDF2 than a minute, or for too few', () =>
    withTempDir(async (directory) => {
      const path = join(directory, 'identity.json');
      await createIdentity(directory, { passphrase: 'p' });
      const text = await readFile(path, 'utf8');
      for (const iterations of ['1', '599999', '10000001', '4294967295']) {
        await writeFile(path, text.replace('"iterations": 600000', `"iterations": ${iterations}`));
        await fails(listIdentities(directory), 'FILE_UNREADABLE');
      }
    }));
});
