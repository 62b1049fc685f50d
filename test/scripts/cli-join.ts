import assert from 'node:assert/strict';
import { mkdtemp, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../core/adapters/random.ts';
import { formatInvitation, parseInvitation, randomLogId } from '../../core/agent/invitation.ts';
import type { PublicKey } from '../../core/units.ts';
import { type Host, makeHost, type Relay, startRelay } from '../support/programs.ts';
import { removeTree } from '../support/temp-dir.ts';

describe('joining on the command line', () => {
  const hosts: Host[] = [];
  let root: string;
  let relay: Relay;
  let founder: Host;

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
    relay = await startRelay(root);
    founder = await host('ws-01');
    const recovery = ['--recovery-file', join(root, 'recovery')];
    const at = ['--relay', relay.url, '--relay-key', relay.key];
    const made = await founder.run(['init', 'Fern Lab', '--host', 'ws-01', ...at, ...recovery]);
    assert.equal(made.code, 0, made.stderr);
  });

  after(async () => {
    for (const each of hosts) await each.run('agent stop --force');
    await relay.stop();
    await removeTree(root);
  });

  async function host(name: string): Promise<Host> {
    const made = await makeHost(root, name);
    hosts.push(made);
    return made;
  }

  async function invitation(id: string): Promise<string> {
    const { code, stderr, stdout } = await founder.run(['invite', 'host', id]);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** The same invitation, to a realm of the same name at another relay. */
  function elsewhere(text: string, url: string, key: string | null): string {
    const parsed = parseInvitation(text);
    assert.ok(parsed.ok);
    return formatInvitation({
      ...parsed.value,
      relays: [{ url, key: key as PublicKey | null, token: null }],
    });
  }

  it('tells the second of two hosts that the invitation was used, and leaves it as it was', async () => {
    const input = await invitation('ws-02');
    const first = await host('first');
    const joined = await first.run('join -', { input });
    assert.equal(joined.code, 0, joined.stderr);
    assert.equal(joined.stdout, '✓ Joined Fern Lab as host ws-02\n');

    const health = await first.run('doctor');
    assert.equal(health.code, 0, health.stdout);
    assert.match(
      health.stdout,
      /^… identity: ws-02 of \S+ has joined; it is a member from the next version on$/m,
    );
    assert.equal(/^[✗!]/m.test(health.stdout), false, health.stdout);

    const second = await host('second');
    const refused = await second.run('join -', { input });
    assert.equal(refused.code, 5, refused.stderr);
    assert.match(
      refused.stderr,
      /a host has used it already, or it is not as it was issued; ask for a new one/,
    );
    assert.equal(refused.stdout, '');
    await assert.rejects(readdir(second.dataDir), { code: 'ENOENT' });
    const now = await second.run('join -', { input: await invitation('ws-03') });
    assert.equal(now.code, 0, now.stderr);
  });

  it('says after a restart without a relay that the join was taken', async () => {
    const newcomer = await host('again');
    const joined = await newcomer.run('join -', { input: await invitation('ws-08') });
    assert.equal(joined.code, 0, joined.stderr);
    assert.equal((await newcomer.run('agent stop')).code, 0);
    await relay.stop();
    try {
      const { stdout } = await newcomer.run('status --json');
      assert.deepEqual(JSON.parse(stdout).data.join, { state: 'kept' });
      assert.match((await newcomer.run('doctor')).stdout, /^… identity: ws-08 of \S+ has joined;/m);
    } finally {
      await relay.start();
    }
  });

  it('does not say of an invitation with another key in it that a host has used it', async () => {
    const [first, second] = [await invitation('ws-06'), await invitation('ws-07')].map((text) => {
      const parsed = parseInvitation(text.trim());
      assert.ok(parsed.ok);
      return parsed.value;
    });
    assert.ok(first !== undefined && second !== undefined);
    const mixed = await host('mixed');
    const refused = await mixed.run('join -', { input: formatInvitation({ ...first, seed: second.seed }) });
    assert.equal(refused.code, 5, refused.stderr);
    assert.match(refused.stderr, /^✗ invitation not accepted: .* it is not as it was issued/m);
    assert.equal((await mixed.run('join -', { input: formatInvitation(first) })).code, 0);
  });

  it('is not begun with a key that the relay does not sign under', async () => {
    const misled = await host('misled');
    const given = ['--relay', relay.url, '--relay-key', 'ab'.repeat(32)];
    const recovery = ['--recovery-file', join(root, 'recovery-2')];
    const made = await misled.run(['init', 'Moss Lab', '--host', 'ws-01', ...given, ...recovery]);
    assert.equal(made.code, 8, made.stderr);
    assert.match(made.stderr, new RegExp(`signs time under the key ${relay.key}`));
    await assert.rejects(readdir(misled.dataDir), { code: 'ENOENT' });
    await assert.rejects(stat(join(root, 'recovery-2')), { code: 'ENOENT' });
  });

  it('keeps what was in the data directory when it is refused', async () => {
    const input = await invitation('ws-04');
    const first = await host('third');
    assert.equal((await first.run('join -', { input })).code, 0);
    assert.equal((await first.run('leave --confirm=ws-04')).code, 0);
    await writeFile(join(first.dataDir, 'mine'), '');
    const before = await readdir(first.dataDir);
    const again = await host('fourth');
    const refused = await again.run(['--data-dir', first.dataDir, 'join', '-', '--json'], { input });
    assert.equal(refused.code, 5, refused.stderr);
    assert.equal(JSON.parse(refused.stderr).error.code, 'INVITATION_NOT_ACCEPTED');
    assert.deepEqual((await readdir(first.dataDir)).sort(), before.sort());
  });

  it('is refused by a relay that does not serve the realm, be it open to others or not', async () => {
    const input = await invitation('ws-05');
    for (const [policy, said] of [
      ['list', /does not serve this room/],
      ['open', /holds nothing of this realm/],
    ] as const) {
      const other = await startRelay(root, { name: `relay-${policy}`, policy });
      const newcomer = await host(`at-${policy}`);
      const refused = await newcomer.run('join -', { input: elsewhere(input, other.url, other.key) });
      assert.equal(refused.code, 4, refused.stderr);
      assert.match(refused.stderr, said);
      await assert.rejects(readdir(newcomer.dataDir), { code: 'ENOENT' });
      await other.stop();
    }
  });

  it('is refused by a relay to which the invitation has not come', async () => {
    const parsed = parseInvitation(await invitation('ws-06'));
    assert.ok(parsed.ok);
    const input = formatInvitation({ ...parsed.value, log: randomLogId(systemRandom) });
    const newcomer = await host('unknown');
    const refused = await newcomer.run('join -', { input });
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /knows no such invitation/);
  });

  it('goes on without a relay, and says that nobody has heard of it', async () => {
    const gone = await startRelay(root, { name: 'relay-gone' });
    await gone.stop();
    const newcomer = await host('alone');
    const input = elsewhere(await invitation('ws-07'), gone.url, gone.key);
    const joined = await newcomer.run('join -', { input });
    assert.equal(joined.code, 0, joined.stderr);
    assert.equal(joined.stdout, '✓ Joined Fern Lab as host ws-07, as far as this machine knows\n');
    assert.match(joined.stderr, /Nobody else has heard of it: ws:\S+ cannot be reached: .*ECONNREFUSED/);
  });

  it('leaves a founder who waits for the others while the relay is gone in no doubt why', async () => {
    await relay.stop();
    const published = await founder.run(['config', 'publish', '-m', 'All', '--wait', '--timeout', '3s']);
    assert.equal(published.code, 12, published.stdout);
    assert.match(
      published.stderr,
      /^! ws:\S+ cannot be reached since \S+ \(.*\): what other hosts have done/m,
    );
    await founder.run('agent stop --force');
    const why = await founder.run('rollout why ws-02');
    assert.match(why.stdout, /^ws:\S+ cannot be reached since/);
    assert.doesNotMatch(why.stdout, /never been heard/);
    assert.match(
      (await founder.run('status')).stdout,
      /^Relay +ws:\S+ +cannot be reached .*\n(.*\n)*! ws:\S+ cannot be reached since/m,
    );
  });
});
