import assert from 'node:assert/strict';
import { mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Finished,
  type Host,
  makeHost,
  type Relay,
  startProgram,
  startRelay,
} from '../support/programs.ts';
import { removeTree } from '../support/temp-dir.ts';

const YEAR = ['--from', '2020-01-01', '--until', '2099-12-31'];

describe('a vendor and its customer', () => {
  let root: string;
  let relay: Relay;
  let host: Host;
  let key: string;

  const vendor = (...args: readonly string[]): Promise<Finished> =>
    startProgram('leasehold-vendor', args).finished;
  const issue = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr, stdout } = await vendor('issue', '--key', key, '--product', 'sim', ...args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const succeeds = async (line: string | readonly string[], input = ''): Promise<string> => {
    const { code, stderr, stdout } = await host.run(line, { input });
    assert.equal(code, 0, stderr);
    return stdout;
  };

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
    key = join(root, 'vendor.pem');
    relay = await startRelay(root);
    host = await makeHost(root, 'ws-01');
    const given = ['--host', 'ws-01', '--person', 'ana', '--relay-key', relay.key];
    const recovery = ['--recovery-file', join(root, 'recovery')];
    await succeeds(['init', 'Fern Lab', '--relay', relay.url, ...given, ...recovery]);
    const registry = `
software: { sim: { name: Simulator } }
features: { solver: { name: Solver, software: sim, seats: 2 } }
periods: { now: { feature: solver, from: 2020-01-01, until: 2099-12-31 } }
`;
    await succeeds('registry import -', registry);
    assert.equal((await vendor('keygen', '--key', key)).code, 0);
  });

  after(async () => {
    await host.run('agent stop --force');
    await relay.stop();
    await removeTree(root);
  });

  it('come from a key to a lease: keygen, issue, import, publish, checkout', async () => {
    const code = await issue('--feature', 'solver=2', '--id', 'order-1', ...YEAR);
    await writeFile(join(root, 'licence.txt'), `# order 1\n${code.replaceAll('-', ' ').toLowerCase()}\n`);
    const refused = await host.run(['registry', 'grant', 'import', join(root, 'licence.txt')]);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /^✗ licence unknown vendor: /);
    const words = ['registry', 'grant', 'import', join(root, 'licence.txt'), '--trust', 'acme'];
    const taken = await succeeds(words);
    assert.match(taken, /its key is believed as acme's from now on, fingerprint/);
    assert.match(await succeeds(words), /Nothing changes/);
    await succeeds('config publish -m Granted --wait');
    assert.match(await succeeds('registry grant list'), /order-1 .* in force/);
    await succeeds('checkout solver');
    await succeeds('checkout solver');
    const third = await host.run('checkout solver --json');
    assert.equal(JSON.parse(third.stderr).error.code, 'NO_SEAT');
  });

  it('cannot publish more seats than are granted, for longer than they are, or by a forged code', async () => {
    const tried = async (): Promise<string> => {
      const { code, stderr } = await host.run('config publish -m More --wait');
      assert.equal(code, 13, stderr);
      await succeeds('draft discard --yes');
      return stderr;
    };
    await succeeds('registry set features/solver seats=3');
    assert.match(await tried(), /3 seats, 2 are granted by acme from 2020-01-01 .*set seats=2/);

    const short = await issue(
      '--feature',
      'solver=2',
      '--from',
      '2020-01-01',
      '--until',
      '2029-12-31',
      '--supersedes',
      'order-1',
    );
    await succeeds(`registry grant import ${short}`);
    assert.match(await tried(), /granted by acme until 2029-12-31, .*set until=2029-12-31/);

    const other = join(root, 'other.pem');
    assert.equal((await vendor('keygen', '--key', other)).code, 0);
    const words = ['--product', 'sim', '--feature', 'solver=50', ...YEAR];
    const forged = (await vendor('issue', '--key', other, ...words)).stdout.trim();
    const imported = await host.run(`registry grant import ${forged}`);
    assert.equal(imported.code, 4);
    await succeeds(`registry add grants/mine code=${forged}`);
    assert.match(await tried(), /grants\.mine\.code: /);
  });

  it('grow by a second code, and checkouts with it', async () => {
    const more = await issue('--feature', 'solver=1', '--id', 'order-2', ...YEAR);
    await succeeds(`registry grant import ${more}`);
    await succeeds('registry set features/solver seats=3');
    await succeeds('lease return --all --yes');
    await succeeds('config publish -m More --wait');
    for (const _ of [1, 2, 3]) await succeeds('checkout solver');
    assert.equal((await host.run('checkout solver')).code, 6);
  });
});
