import assert from 'node:assert/strict';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';

describe('help', () => {
  for (const topic of ['exit-codes', 'environment', 'formatting', 'offline', 'versions']) {
    it(`has a page on ${topic}, within 100 columns`, async () => {
      const { code, out } = await run(`help ${topic}`);
      assert.equal(code, 0);
      assert.ok(out.split('\n').every((line) => line.length <= 100));
    });
  }

  it('tells how to make hosts drain for a version, and until when', async () => {
    const { out } = await run('help versions');
    assert.match(out, /leasehold registry set policy apply=drain/);
    assert.match(out, /leasehold registry set policy deadline=3600/);
  });

  it('shows a command as its own --help does', async () => {
    assert.equal((await run('help lease run')).out, (await run('lease run --help')).out);
  });

  it('ends with 3 for what is neither', async () => {
    assert.equal((await run('help nonsense')).code, 3);
  });

  for (const line of ['', '--json', 'lease', 'registry --no-color']) {
    it(`is what "leasehold ${line}" is told, with exit code 2, since it asks for nothing`, async () => {
      const { code, err, out } = await run(line === '' ? [] : line);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /^Usage: leasehold/);
    });
  }

  it('asks no agent', async () => {
    assert.deepEqual((await run('--help')).io.connected, []);
  });
});

const DRAFTED = {
  policy: { apply: 'idle' },
  people: { ana: { name: 'Ana', note: 'x' }, ben: { name: 'Ben' } },
  periods: { p1: {} },
  hosts: { 'ws-01': {}, 'ws-02': {} },
  classes: { office: {} },
  software: { sim: {} },
};

describe('completion', () => {
  const agent = fakeAgent({
    registry: () => ({ registry: DRAFTED, base: 4 }),
    versions: () => [],
    features: () => [
      { id: 'sim.pro', name: 'Pro', seats: 1, lot: 1, inUse: 0, from: null, until: null, reason: null },
      { id: 'sim.mesh', name: 'Mesh', seats: 1, lot: 1, inUse: 0, from: null, until: null, reason: null },
    ],
  });
  const cases: readonly [words: string[], offered: string[]][] = [
    [['st'], ['status']],
    [
      ['lease', 'ch'],
      ['check', 'checkout'],
    ],
    [
      ['lease', 'checkout', ''],
      ['sim.mesh', 'sim.pro'],
    ],
    [['lease', 'checkout', 'sim.p'], ['sim.pro']],
    [['lease', 'run', '--feature', 'sim.m'], ['sim.mesh']],
    [['registry', 'list', 'fea'], ['features']],
    [['config', 'publish', '--exp'], ['--expect']],
    [['config', 'publish', '--dat'], ['--data-dir']],
    [['--data-dir', 'x', 'agent', 'sto'], ['stop']],
    [['lease', 'run', '--feature', 'sim.pro', '--', 'm'], []],
    [['completion', 'p'], ['powershell']],
    [['nonsense', 'x'], []],
    [
      ['registry', 'show', 'p'],
      ['people/ana', 'people/ben', 'periods/p1', 'policy'],
    ],
    [
      ['registry', 'remove', 'people/ana/'],
      ['people/ana/name', 'people/ana/note'],
    ],
    [
      ['checkout', 'sim.pro', '--user', ''],
      ['ana', 'ben'],
    ],
    [['borrow', 'sim.pro', '--user', 'b'], ['ben']],
    [['invite', 'host', 'ws-03', '--role', 'e'], ['editor']],
    [['invite', 'host', 'ws-03', '--class', ''], ['office']],
    [['registry', 'import', 'x.opt', '--software', ''], ['sim']],
    [
      ['rollout', 'why', ''],
      ['ws-01', 'ws-02'],
    ],
    [['remove', 'l-1', '--host', 'ws-02'], ['ws-02']],
    [
      ['revoke', ''],
      ['ana', 'ben', 'ws-01', 'ws-02'],
    ],
  ];
  for (const [words, offered] of cases) {
    it(`offers ${offered.join(', ') || 'nothing'} for ${words.join(' ')}`, async () => {
      const { code, out } = await run(['__complete', '--', ...words], { agent });
      assert.equal(code, 0);
      assert.deepEqual(out.split('\n').filter(Boolean), offered);
    });
  }

  it('neither starts nor waits for an agent', async () => {
    const { io } = await run(['__complete', '--', 'checkout', ''], { agent });
    assert.deepEqual(io.connected, [{ dataDir: '/data', spawn: false, timeout: 0.3 }]);
  });

  it('finds the agent of a directory that is named from where the shell is', async () => {
    const { io } = await run(['--data-dir', 'lab', '__complete', '--', 'checkout', ''], { agent });
    assert.equal(io.connected[0]?.dataDir, '/home/ada/lab');
  });

  it('leaves no connection behind: the shell waits for its end', async () => {
    const asked = fakeAgent({ leases: () => [] });
    await run(['__complete', '--', 'return', ''], { agent: asked });
    assert.equal(asked.isClosed, true);
  });

  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    it(`has a script for ${shell} that asks for the words`, async () => {
      const { code, out } = await run(`completion ${shell}`);
      assert.equal(code, 0);
      assert.match(out, /leasehold __complete -- /);
    });
  }
});
