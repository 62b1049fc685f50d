import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAgent } from '../../core/agent/client.ts';
import { statusWhen } from '../support/agent-world.ts';
import { type Host, makeHost, type Relay, startProgram, startRelay } from '../support/programs.ts';
import { removeTree } from '../support/temp-dir.ts';

describe('A relay that serves the realms of a list', () => {
  let root: string;
  let relay: Relay;
  let founder: Host;

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
    relay = await startRelay(root, { policy: 'list' });
    founder = await makeHost(root, 'ws-01');
  });

  after(async () => {
    await founder.run('agent stop --force');
    await relay.stop();
    await removeTree(root);
  });

  it('takes a new one while it runs, from the file that init wrote', async () => {
    const [genesis, recovery] = [join(root, 'genesis'), join(root, 'recovery')];
    const given = ['--relay', relay.url, '--relay-key', relay.key, '--person', 'ana', '--host', 'ws-01'];
    const files = ['--genesis-file', genesis, '--recovery-file', recovery];
    const made = await founder.run(['init', 'Fern Lab', ...given, ...files]);
    assert.equal(made.code, 0, made.stderr);
    assert.ok(made.stderr.includes(`leasehold-relay realm add ${genesis}`), made.stderr);

    const early = await founder.run('invite host ws-02 --json');
    assert.equal(early.code, 10, early.stderr);
    assert.match(early.stderr, /in step/);
    assert.doesNotMatch(early.stderr, /rotate/);

    const shown = await founder.run('config show --genesis');
    assert.equal(shown.stdout, await readFile(genesis, 'utf8'));
    const add = startProgram('leasehold-relay', ['realm', 'add', genesis, '--data-dir', relay.dataDir]);
    const added = await add.finished;
    assert.equal(added.code, 0, added.stderr);

    const { dataDir, env } = founder;
    const socket = env.LEASEHOLD_AGENT_SOCKET ?? '';
    const agent = await connectAgent({ dataDir, socket, spawn: false, timeout: 10, client: 'test/1' });
    await statusWhen(agent, ({ relay: link }) => link.state === 'synced');
    await agent.close();
    const invited = await founder.run('invite host ws-02');
    assert.equal(invited.code, 0, invited.stderr);
  });
});
