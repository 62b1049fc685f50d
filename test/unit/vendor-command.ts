import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemFiles } from '../../core/cli/system-files.ts';
import { vendorMain } from '../../core/vendor/program.ts';
import { verifyGrant } from '../../core/verify/grant.ts';
import { nodeCrypto } from '../support/keys.ts';
import { withTempDir } from '../support/temp-dir.ts';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a vendor's command line, given as words or as a text to be split at spaces. */
async function vendor(line: string | readonly string[], stdin = '', isTTY = false): Promise<Ended> {
  const said = { out: '', err: '' };
  const sink = (to: 'out' | 'err') => ({
    ...{ isTTY, columns: 80 },
    write: (text: string) => {
      said[to] += text;
    },
  });
  const code = await vendorMain(typeof line === 'string' ? line.split(' ') : line, {
    ...{ stdout: sink('out'), stderr: sink('err'), stdin: { text: async () => stdin }, env: {} },
    files: systemFiles,
    random: { bytes: (length) => new Uint8Array(length).fill(0xa5) },
  });
  return { code, ...said };
}

/** Runs the work with a directory, the path of a key in it, and the public key. */
function withKey(work: (directory: string, file: string, key: string) => Promise<void>): Promise<void> {
  return withTempDir(async (directory) => {
    const file = join(directory, 'acme.pem');
    const { code, err, out } = await vendor(['keygen', '--key', file]);
    assert.equal(code, 0, err);
    await work(directory, file, out.trim());
  });
}

const WHAT = '--product cad --feature draw=3 --from 2030-01-01 --until 2030-12-31';

describe('leasehold-vendor keygen', () => {
  it('writes a key that only its owner can read, and prints the public half', () =>
    withKey(async (_, file, key) => {
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      const { x } = createPublicKey(createPrivateKey(await readFile(file, 'utf8'))).export({ format: 'jwk' });
      assert.equal(Buffer.from(x ?? '', 'base64url').toString('hex'), key);
    }));

  it('shows by what customers may compare the key, and says what the file is worth', () =>
    withTempDir(async (directory) => {
      const file = join(directory, 'acme.pem');
      const { err } = await vendor(['keygen', '--key', file]);
      assert.match(err, /^Fingerprint {2}[0-9a-f]{4}( [0-9a-f]{4}){7}\n/m);
      assert.match(err, /acme\.pem safe: whoever has it grants seats in your name\n$/);
    }));

  it('never overwrites a key: the codes that it signed could be replaced no more', () =>
    withKey(async (_, file) => {
      const before = await readFile(file, 'utf8');
      const { code, err } = await vendor(['keygen', '--key', file, '--json']);
      assert.deepEqual([code, JSON.parse(err).error.code], [5, 'CONFLICT']);
      assert.equal(await readFile(file, 'utf8'), before);
    }));

  it('says where a key cannot be written, and leaves nothing there', () =>
    withTempDir(async (directory) => {
      const { code, err } = await vendor(['keygen', '--key', join(directory, 'none', 'acme.pem')]);
      assert.equal(code, 1);
      assert.match(err, /^✗ a key cannot be written to .*acme\.pem \(ENOENT\)/);
      assert.deepEqual(await readdir(directory), []);
    }));

  it('protects a key by a passphrase, without which nothing is signed', () =>
    withTempDir(async (directory) => {
      const [file, words, wrong] = ['acme.pem', 'words', 'wrong'].map((name) => join(directory, name)) as [
        ...[string, string, string],
      ];
      await writeFile(words, 'correct horse\n');
      await writeFile(wrong, 'battery staple\n');
      assert.equal((await vendor(['keygen', '--key', file, '--passphrase-file', words])).code, 0);
      assert.match(await readFile(file, 'utf8'), /ENCRYPTED/);
      const issue = ['issue', '--key', file, ...WHAT.split(' ')];
      assert.equal((await vendor([...issue, '--passphrase-file', words])).code, 0);
      assert.match(
        (await vendor(issue)).err,
        /is protected by a passphrase\n {2}name a file with the passphrase/,
      );
      const refused = await vendor([...issue, '--passphrase-file', wrong]);
      assert.equal(refused.code, 4);
      assert.match(refused.err, /the passphrase does not open/);
    }));
});

describe('leasehold-vendor issue', () => {
  it('prints a code alone on standard output, and what it says beside it', () =>
    withKey(async (_, file, key) => {
      const { code, err, out } = await vendor(`issue --key ${file} ${WHAT}`);
      assert.equal(code, 0, err);
      assert.match(out, /^GRANT1(-[0-9A-Z]{6})+\n$/);
      const grant = await verifyGrant(out, nodeCrypto);
      assert(grant.ok);
      assert.deepEqual([grant.value.id, grant.value.key], ['a5a5a5a5a5a5', key]);
      assert.match(err, /^Until +2030-12-31$/m);
    }));

  it('puts all that it is told into the code', () =>
    withKey(async (_, file) => {
      const realm = 'ab'.repeat(32);
      const more = `--feature plot=1 --id order-9 --realm ${realm} --overdraft draw=1 --supersedes order-8`;
      const line = [...`issue --key ${file} ${WHAT} ${more} --json`.split(' '), '--note', 'Thank you'];
      const { data, kind } = JSON.parse((await vendor(line)).out);
      assert.equal(kind, 'LicenceCode');
      const { code: _code, key: _key, ...said } = data;
      assert.deepEqual(said, {
        ...{ id: 'order-9', product: 'cad', features: { draw: 3, plot: 1 }, overdraft: { draw: 1 } },
        ...{ from: 1_893_456_000, until: 1_924_992_000, realm, supersedes: 'order-8', note: 'Thank you' },
      });
    }));

  it('warns of a key that others can read, be they of its group or not', () =>
    withKey(async (_, file) => {
      for (const [mode, isTold] of [
        [0o644, true],
        [0o640, true],
        [0o604, true],
        [0o600, false],
      ] as const) {
        await chmod(file, mode);
        const { code, err } = await vendor(`issue --key ${file} ${WHAT}`);
        assert.equal(code, 0);
        assert.equal(/! .*acme\.pem can be read by others: chmod 600/.test(err), isTold, mode.toString(8));
      }
    }));

  const refusals: readonly [why: string, words: string, exit: number, said: RegExp][] = [
    [
      'no seats',
      '--product cad --feature draw=0 --from 2030-01-01 --until 2030-12-31',
      2,
      /such as solver=5/,
    ],
    ['seats twice', `${WHAT} --feature draw=4`, 2, /There are two of draw/],
    ['no feature', '--product cad --from 2030-01-01 --until 2030-12-31', 2, /required option '--feature/],
    [
      'a date that is none',
      '--product cad --feature d=1 --from 2030-02-30 --until 2030-12-31',
      2,
      /expected a day such as .*, came 2030-02-30/,
    ],
    [
      'an end before the beginning',
      '--product cad --feature d=1 --from 2030-12-31 --until 2030-01-01',
      2,
      /expected a beginning, and an end after it/,
    ],
    ['half a realm', `${WHAT} --realm abcd`, 2, /expected the id of a realm/],
    ['an id with capitals', `${WHAT} --id Order`, 2, /id: expected/],
    ['overdraft of something else', `${WHAT} --overdraft x=1`, 2, /overdraft: expected seats/],
    ['a note that is too long', `${WHAT} --note ${'x'.repeat(300)}`, 2, /note: expected 1 to 200/],
  ];
  for (const [why, words, exit, said] of refusals) {
    it(`refuses ${why}`, () =>
      withKey(async (_, file) => {
        const { code, err, out } = await vendor(`issue --key ${file} ${words}`);
        assert.match(err, said);
        assert.deepEqual([code, out], [exit, '']);
      }));
  }

  it('refuses a key file that is not there, and one that holds no such key', () =>
    withTempDir(async (directory) => {
      const file = join(directory, 'k');
      assert.match(
        (await vendor(`issue --key ${file} ${WHAT}`)).err,
        /^✗ a file cannot be read: .*k \(ENOENT\)/,
      );
      await writeFile(file, 'not a key');
      assert.match((await vendor(`issue --key ${file} ${WHAT}`)).err, /^✗ .* holds no Ed25519 key/);
      const { privateKey } = generateKeyPairSync('ed448');
      await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      assert.match((await vendor(`issue --key ${file} ${WHAT}`)).err, /^✗ .* holds no Ed25519 key/);
    }));
});

describe('leasehold-vendor show', () => {
  it('tells what codes say, from words, a file or standard input', () =>
    withKey(async (directory, file, key) => {
      const { out: code } = await vendor(`issue --key ${file} ${WHAT}`);
      await writeFile(join(directory, 'codes'), `${code}\n${code}`);
      for (const [words, stdin] of [
        [code.trim().split('-'), ''],
        [[join(directory, 'codes')], ''],
        [['-'], code.toLowerCase()],
      ] as const) {
        const { code: exit, err, out } = await vendor(['show', ...words], stdin);
        assert.equal(exit, 0, err);
        assert.match(out, new RegExp(`^Key {10}${key}$`, 'm'));
        assert.match(out, /^ 1 {2}GRANT1( [0-9A-Z]{6}){4}$/m);
      }
      const { items, kind } = JSON.parse((await vendor(['show', join(directory, 'codes'), '--json'])).out);
      assert.deepEqual([kind, items.length], ['LicenceCodeList', 2]);
    }));

  it('puts an empty line between codes, and none before the first', () =>
    withKey(async (_, file) => {
      const code = (await vendor(`issue --key ${file} ${WHAT}`)).out.trim();
      const { out: one } = await vendor(['show', code]);
      assert.equal((await vendor(['show', '-'], `${code}\n${code}`)).out, `${one}\n${one}`);
      assert.match(one, /^\S/);
    }));

  it('names the group that is wrong', () =>
    withKey(async (_, file) => {
      const { out } = await vendor(`issue --key ${file} ${WHAT}`);
      const { code, err } = await vendor(['show', out.trim().split('-').with(11, 'ZZZZZZ').join('-')]);
      assert.equal(code, 1);
      assert.match(err, /^✗ licence mistyped: group 12 \(ZZZZZZ\)/);
    }));
});

describe('leasehold-vendor', () => {
  const lines: readonly [line: string, exit: number][] = [
    ['--help', 0],
    ['--version', 0],
    ['issue --help', 0],
    ['nonsense', 2],
    ['help', 2],
    ['keygen', 2],
    ['show', 2],
  ];
  for (const [line, exit] of lines) {
    it(`ends with ${exit} for ${line}`, async () => assert.equal((await vendor(line)).code, exit));
  }

  it('shows without a command which there are', async () => {
    const { code, err, out } = await vendor([]);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^Usage: leasehold-vendor .*\n(.*\n)+ +keygen /);
  });

  it('says what is wrong in one sentence, without a dot or the word error', async () => {
    const seatless = await vendor(`issue --key k ${WHAT.replace('draw=3', 'draw')}`);
    assert.match(seatless.err, /^✗ option .* Expected a feature and its seats, such as solver=5\n/);
    assert.match((await vendor('nonsense')).err, /^✗ unknown command 'nonsense'\n/);
  });

  for (const quiet of ['-q', '--quiet']) {
    it(`says nothing beside the data with ${quiet}`, () =>
      withKey(async (_, file) => {
        const { err, out } = await vendor(`issue --key ${file} ${WHAT} ${quiet}`);
        assert.match(out, /^GRANT1-/);
        assert.equal(err, '');
      }));
  }

  it('paints for people, unless they would have no colour', async () => {
    const painted = async (line: string, isTTY: boolean) =>
      (await vendor(line, '', isTTY)).err.includes('\u001b[');
    assert.equal(await painted('nonsense', true), true);
    assert.equal(await painted('nonsense --no-color', true), false);
    assert.equal(await painted('nonsense', false), false);
  });
});
