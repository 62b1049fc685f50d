import assert from 'node:assert/strict';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, makeHost, type Relay, startRelay } from '../support/programs.ts';
import { removeTree } from '../support/temp-dir.ts';

describe('a revocation on the command line', () => {
  let root: string;
  let relay: Relay;
  let founder: Host;
  let other: Host;

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
    relay = await startRelay(root);
    founder = await makeHost(root, 'ws-01');
    other = await makeHost(root, 'ws-02');
    const at = ['--relay', relay.url, '--relay-key', relay.key, '--recovery-file', join(root, 'keys')];
    const made = await founder.run(['init', 'Fern Lab', '--host', 'ws-01', ...at]);
    assert.equal(made.code, 0, made.stderr);
    const { stdout: input } = await founder.run('invite host ws-02 --role voter');
    const joined = await other.run('join -', { input });
    assert.equal(joined.code, 0, joined.stderr);
  });

  after(async () => {
    for (const host of [founder, other]) await host.run('agent stop --force');
    await relay.stop();
    await removeTree(root);
  });

  it('finds an issuer told that a newcomer waits, and nobody after the version that takes it in', async () => {
    const waiting = '! 1 host joined and waits: leasehold config publish  (ws-02)';
    // The join reaches the issuer by the relay; each look is a question to its agent, until the answer has it.
    while (!(await founder.run('status')).stdout.includes(waiting));
    const published = await founder.run('config publish -m Welcome --wait --timeout 25s');
    assert.equal(published.code, 0, published.stderr);
    assert.ok(!(await founder.run('status')).stdout.includes('joined and waits'));
  });

  it('is shown on both sides, with who did it, since when and what to do', async () => {
    const revoked = await founder.run('revoke ws-02 --reason stolen --confirm ws-02');
    assert.equal(revoked.code, 0, revoked.stderr);
    const said = /^! ws-02 is revoked by ws-01 since .*: stolen$/m;
    const here = await founder.run('status');
    assert.match(here.stdout, said);
    assert.match(here.stdout, /^! To go on without it: leasehold registry remove hosts\/ws-02/m);
    let there = '';
    while (!said.test(there)) there = (await other.run('status')).stdout;
    assert.match(there, /^! Nothing is leased anew here: ask ws-01 for an invitation/m);
    const health = await other.run('doctor');
    assert.equal(health.code, 1);
    assert.match(health.stdout, /^✗ identity: ws-02 is revoked by ws-01 since .*: stolen$/m);
  });

  it('is why a voter never acks the next version', async () => {
    assert.equal((await founder.run('registry set realm name=Moss')).code, 0);
    assert.equal((await founder.run('config publish -m Moss')).code, 0);
    const why = await founder.run('rollout why');
    assert.match(why.stdout, /^no quorum is left without ws-02: only the recovery keys can go on$/m);
    assert.match(why.stdout, /^ws-02 is revoked by ws-01 since \S+ \(stolen\): its ack never comes$/m);
    assert.match((await founder.run('rollout status')).stdout, /^ws-02 +revoked +yes +no/m);
  });
});
