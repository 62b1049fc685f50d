import assert from 'node:assert/strict';
import { COMMANDS, READING } from '../support/command-tree.ts';
import { fakeAgent, QUIET } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';

describe('the tree of commands', () => {
  it('has every noun and verb', () => {
    const names = COMMANDS.map(([path]) => path);
    const wanted = [
      'init',
      'invite',
      'join',
      'leave',
      'identity show',
      'identity rotate',
      'identity export',
      'registry list',
      'registry show',
      'registry add',
      'registry set',
      'registry remove',
      'registry find',
      'registry import',
      'registry export',
      'registry validate',
      'registry schema',
      'draft status',
      'draft diff',
      'draft discard',
      'config publish',
      'config sign',
      'config show',
      'config diff',
      'config log',
      'config verify',
      'revoke',
      'rollout status',
      'rollout watch',
      'rollout wait',
      'rollout why',
      'lease checkout',
      'lease return',
      'lease list',
      'lease run',
      'lease check',
      'status',
      'time status',
      'agent start',
      'agent stop',
      'agent status',
      'agent logs',
      'doctor',
      'completion',
      'help',
      'checkout',
      'return',
      'remove',
      'run',
    ];
    assert.deepEqual(
      wanted.filter((name) => !names.includes(name)),
      [],
    );
  });

  for (const [path, command] of COMMANDS) {
    if (READING.includes(path)) continue;
    it(`lets ${path} be tried with --dry-run`, () => {
      assert.ok(command.options.some((option) => option.long === '--dry-run' && option.short === '-n'));
    });
  }

  for (const [path, command] of COMMANDS) {
    it(`says in help what ${path} does, within 80 columns`, async () => {
      if (path === '__complete') return;
      assert.notEqual(command.summary(), '');
      const { code, out } = await run([...path.split(' '), '--help']);
      assert.equal(code, 0);
      const long = out.split('\n').filter((line) => line.length > 80);
      assert.deepEqual(long, []);
    });
  }

  it('takes no secret as a word', () => {
    const words = COMMANDS.flatMap(([, command]) => command.options.map(({ long }) => long ?? ''));
    assert.deepEqual(
      words.filter((word) => /pass|secret|token/.test(word) && !word.endsWith('-file')),
      [],
    );
  });
});

describe('slips', () => {
  const cases: readonly [line: string, message: RegExp][] = [
    ['statsu', /unknown command 'statsu'.*[Dd]id you mean.*status/],
    ['lease chekout', /unknown command 'chekout'.*checkout/],
    ['status --jsno', /unknown option '--jsno'.*--json/],
    ['registry list festures', /Allowed choices are software, features/],
    ['lease list --timeout 5', /expected a span such as 30s/],
    ['config show vX', /version such as v42, from v1 to v999999999/],
    ['checkout sim.pro --pid 0', /number from 1 to 4294967295/],
    ['checkout sim.pro --pid 4294967296', /number from 1 to 4294967295/],
    ['agent logs --lines -5', /whole number from 0 to 999999/],
    ['invite robot r2', /host, person/],
    ['checkout', /missing required argument 'feature'/],
  ];
  for (const [line, message] of cases) {
    it(`are told with exit code 2 and help: ${line}`, async () => {
      const { code, err, io, out } = await run(line);
      assert.equal(code, 2);
      assert.match(err, message);
      assert.equal(out, '');
      assert.deepEqual(io.connected, []);
    });
  }

  it('name the help of the command that was meant', async () => {
    const { err } = await run('--relay wss://r lease checkout');
    assert.match(err, /\n {2}leasehold lease checkout --help\n$/);
  });

  it('are told to programs in JSON', async () => {
    const { code, err } = await run('status --json --nonsense');
    assert.equal(code, 2);
    assert.equal(JSON.parse(err).error.code, 'USAGE');
  });

  it('show the verbs of a noun that came alone, with exit code 2', async () => {
    const { code, err, out } = await run('lease');
    assert.equal(code, 2);
    assert.match(err, /checkout .*take a seat/);
    assert.equal(out, '');
  });
});

describe('global options', () => {
  it('reach the agent of the directory and socket that they name', async () => {
    const { io } = await run('status --data-dir /d --agent-socket /s --timeout 3s');
    assert.deepEqual(io.connected, [{ dataDir: '/d', socket: '/s', spawn: true, timeout: 3 }]);
  });

  it('stand before or after the command', async () => {
    for (const line of ['--json status', 'status --json']) {
      assert.equal(JSON.parse((await run(line)).out).kind, 'Status');
    }
  });

  it('go before the environment, which goes before the usual places', async () => {
    const env = { LEASEHOLD_DATA_DIR: '/e', LEASEHOLD_AGENT_SOCKET: '/es' };
    assert.deepEqual((await run('status', { env })).io.connected[0], {
      dataDir: '/e',
      socket: '/es',
      spawn: true,
      timeout: 10,
    });
    assert.equal((await run('status --data-dir /d', { env })).io.connected[0]?.dataDir, '/d');
    const bare = await run('status', { env: { LEASEHOLD_DATA_DIR: '' } });
    assert.equal(bare.io.connected[0]?.dataDir, '/home/ana/.local/share/leasehold');
  });

  it('write the data to a file that only the user can read', async () => {
    const { err, io, out } = await run('status --json -o /s.json');
    assert.equal(out, '', err);
    const written = io.written.get('/s.json');
    assert.deepEqual(JSON.parse(written?.text ?? '').data, QUIET);
    assert.equal(written?.secret, true);
  });

  it('take - as standard output', async () => {
    assert.match((await run('status -o -')).out, /^Host/);
  });

  it('never ask where nobody can answer', async () => {
    const agent = fakeAgent({ leases: () => [] });
    const { code, err, io } = await run('config void v3 --no-input', { agent, tty: true });
    assert.equal(code, 2);
    assert.match(err, /--yes/);
    assert.deepEqual(io.questions, []);
  });

  it('close the connection whatever happens', async () => {
    const agent = fakeAgent({
      leases: () => {
        throw new Error('oops');
      },
    });
    await run('lease list', { agent });
    assert.ok(agent.isClosed);
  });
});
