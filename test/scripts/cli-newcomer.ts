import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { twoHosts } from '../support/two-hosts.ts';

describe('a newcomer on the command line', () => {
  const place = twoHosts();

  it('is invited by a founder, and joins once', async () => {
    const { founder, newcomer, relay, root } = place;
    const given = ['--relay', relay.url, '--relay-key', relay.key, '--person', 'ana'];
    const recovery = join(root, 'recovery');
    const made = await founder.run([
      'init',
      'Fern Lab',
      '--host',
      'ws-01',
      ...given,
      '--recovery-file',
      recovery,
    ]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await readFile(recovery, 'utf8')).trim().split('\n').length, 3);

    const invited = await founder.run('invite host ws-02 --class laptop');
    assert.equal(invited.code, 0, invited.stderr);
    assert.match(invited.stdout, /^leasehold-invite:1:\S+\n$/);
    const again = await newcomer.run('status');
    assert.equal(again.code, 4);
    const joined = await newcomer.run('join -', { input: invited.stdout });
    assert.equal(joined.code, 0, joined.stderr);
    assert.equal(joined.stdout, '✓ Joined Fern Lab as host ws-02\n');
    assert.equal((await newcomer.run('join -', { input: invited.stdout })).code, 5);
  });

  it('becomes a member with the next version, which both apply', async () => {
    const { founder } = place;
    // The join reaches the issuer by the relay; each look is a question to its agent, until the answer has it.
    let newcomers: readonly string[] = [];
    while (newcomers.length === 0) {
      newcomers = JSON.parse((await founder.run('draft status --json')).stdout).data.newcomers;
    }
    assert.deepEqual(newcomers, ['ws-02']);
    const planned = await founder.run('config publish -m Welcome -n');
    assert.match(planned.stdout, /ws-02 joined by invitation and becomes a member/);
    const published = await founder.run('config publish -m Welcome --wait --timeout 25s');
    assert.equal(published.code, 0, published.stderr);
    assert.match(published.stdout, /✓ v2 is applied everywhere: 2 hosts\n$/);
  });

  it('can follow the version and read it, and may not change what it has no role for', async () => {
    const { founder, newcomer } = place;
    const watched = await newcomer.run('rollout watch --json');
    const kinds = watched.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
    assert.deepEqual([kinds[0], kinds.at(-1)], ['RolloutProgress', 'RolloutEnd']);
    assert.equal((await newcomer.run('rollout wait --for here')).code, 0);
    const [here, there] = await Promise.all(
      [founder, newcomer].map((host) => host.run('config show --json')),
    );
    assert.equal(JSON.parse(here?.stdout ?? '').data.content, JSON.parse(there?.stdout ?? '').data.content);

    assert.equal((await newcomer.run('config publish -m Mine')).code, 4);
    assert.equal((await newcomer.run('registry set realm name=Mine')).code, 4);
  });

  it('leaves only by its name', async () => {
    const { newcomer } = place;
    assert.equal((await newcomer.run('leave')).code, 2);
    const left = await newcomer.run('leave --confirm=ws-02');
    assert.equal(left.code, 0, left.stderr);
    assert.equal((await newcomer.run('status')).code, 4);
  });
});
