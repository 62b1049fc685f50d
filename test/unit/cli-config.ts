import assert from 'node:assert/strict';
import { main } from '../../core/cli/main.ts';
import { toHex } from '../../core/units.ts';
import { encodeCbor } from '../../core/wire/cbor.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { fakeIo, NOW, ran, run, until } from '../support/fake-io.ts';
import { CANDIDATE, type Draft, EVERYWHERE, published, rollingOut, rollout } from '../support/rollouts.ts';

describe('config publish', () => {
  it('signs the draft with a message', async () => {
    const { agent } = rollingOut([]);
    const { code, out } = await run(['config', 'publish', '-m', 'More seats'], { agent });
    assert.equal(code, 0);
    assert.equal(out, '✓ Signed v43 as c4c4c4c4c4c4: More seats\n  ws02 becomes a member\n');
    assert.deepEqual(published(agent), [{ do: 'publish', message: 'More seats', expect: null }]);
  });

  it('passes on what is expected, so that nothing is signed on another base', async () => {
    const { agent } = rollingOut([]);
    assert.equal((await run('config publish -m x --expect v42', { agent })).code, 0);
    assert.deepEqual(published(agent), [{ do: 'publish', message: 'x', expect: 42 }]);
    const moved = rollingOut([]);
    assert.equal((await run('config publish -m x --expect v41', { agent: moved.agent })).code, 5);
    assert.deepEqual(published(moved.agent), []);
  });

  const refused: readonly [why: string, line: string, draft: Partial<Draft>, exit: number][] = [
    ['without a message', 'config publish', {}, 2],
    ['when nothing changes', 'config publish -m x', { changes: [] }, 13],
    [
      'when the draft is wrong',
      'config publish -m x',
      { problems: [{ path: 'policy', code: 'no-voter', text: 'nobody votes' }] },
      13,
    ],
  ];
  for (const [why, line, draft, exit] of refused) {
    it(`signs nothing ${why}, and ends with ${exit}`, async () => {
      const { agent } = rollingOut([], draft);
      assert.equal((await run(line, { agent })).code, exit);
      assert.deepEqual(published(agent), []);
    });
  }

  it('publishes for a newcomer alone', async () => {
    const { agent } = rollingOut([], { changes: [], newcomers: ['ws02'] });
    assert.equal((await run('config publish -m x', { agent })).code, 0);
  });

  it('shows what it would sign in a dry run', async () => {
    const { agent } = rollingOut([]);
    const { code, out } = await run('config publish -m x -n', { agent });
    assert.equal(code, 0);
    assert.equal(out, 'Would sign v43 on v42: x\n  features.sim.pro.seats: 8 → 9\n');
    assert.deepEqual(published(agent), []);
  });

  it('waits until all have applied it', async () => {
    const { advance, agent } = rollingOut([rollout({ certified: false }), rollout(), EVERYWHERE]);
    const io = fakeIo({ agent });
    const ending = main('config publish -m x --wait'.split(' '), io);
    await until(() => agent.asked.filter((method) => method === 'rollout').length === 1);
    advance();
    await until(() => agent.asked.filter((method) => method === 'rollout').length === 2);
    advance();
    const { code, out } = await ran(io, ending);
    assert.equal(code, 0);
    assert.match(out, /✓ v43 is applied everywhere: 2 hosts\n$/);
  });

  it('waits for no more than the certificate if asked', async () => {
    const { agent } = rollingOut([rollout()]);
    const { code, out } = await run('config publish -m x --wait=certified', { agent });
    assert.equal(code, 0);
    assert.match(out, /✓ v43 is certified: 2 acks, 2 needed/);
  });

  it('arranges that it happens by itself, and clears that', async () => {
    const asked: unknown[] = [];
    const agent = fakeAgent({
      schedule: (params) => {
        asked.push(params);
        return { cron: '0 6 * * 1', message: 'weekly', next: NOW, last: null };
      },
    });
    const { code, out } = await run(['config', 'publish', '-m', 'weekly', '--schedule', '0 6 * * 1'], {
      agent,
    });
    assert.equal(code, 0);
    assert.equal(out, '✓ Publishes by itself, next at 2030-03-17 17:46:40 UTC\n');
    await run('config publish --unschedule', { agent });
    assert.deepEqual(asked, [
      { cron: '0 6 * * 1', message: 'weekly' },
      { cron: null, message: '' },
    ]);
  });

  it('refuses what is no cron expression, asking nothing', async () => {
    const { code, io } = await run(['config', 'publish', '-m', 'x', '--schedule', 'every monday']);
    assert.equal(code, 2);
    assert.deepEqual(io.connected, []);
  });

  it('says when it would publish in a dry run', async () => {
    const agent = fakeAgent();
    const words = ['config', 'publish', '-m', 'x', '--schedule', '0 6 * * 1', '-n'];
    const { code, out } = await run(words, { agent });
    assert.equal(code, 0);
    assert.equal(out.split('\n').filter((line) => / 06:00:00 UTC$/.test(line)).length, 3);
    assert.deepEqual(agent.asked, ['foresee']);
  });

  it('is no duty for a host that could never publish', async () => {
    const agent = fakeAgent({}, () => ({
      ok: false,
      reason: 'not-an-issuer',
      detail: 'ws-02 has the roles: voter',
    }));
    for (const dry of [[], ['-n']]) {
      const words = ['config', 'publish', '-m', 'x', '--schedule', '0 6 * * 1', ...dry];
      assert.equal((await run(words, { agent })).code, 4);
    }
    assert.equal(agent.asked.includes('schedule'), false);
  });
});

describe('config sign and void', () => {
  const change = { path: 'features/sim.pro/seats', kind: 'changed', before: 5, after: 8 } as const;
  const proposal = { candidate: CANDIDATE, version: 43, author: 'ben', message: 'More seats' };
  const waiting = [{ ...proposal, changes: [change], summary: ['sim.pro: seats 5 → 8'], refused: null }];

  it('list what waits for a signature', async () => {
    const { out } = await run('config sign', { agent: fakeAgent({ unsigned: () => waiting }) });
    assert.equal(out, 'c4c4c4c4c4c4  v43 by ben: More seats\n  sim.pro: seats 5 → 8\n');
  });

  it('show what is to be signed as this host compiled it, and not as its author calls it', async () => {
    const dry = await run('config sign c4c4 -n', { agent: fakeAgent({ unsigned: () => waiting }) });
    assert.match(dry.out, /^Would sign v43 of ben: More seats\n {2}.*features\/sim\.pro\/seats/);
    const bad = [{ ...waiting[0], ...proposal, changes: [], summary: [], refused: 'content-differs: x' }];
    const told = await run('config sign c4c4 -n', { agent: fakeAgent({ unsigned: () => bad }) });
    assert.match(told.out, /this host refuses it: content-differs: x/);
  });

  it('sign what is named by its beginning, with a yes', async () => {
    const agent = fakeAgent({ unsigned: () => waiting });
    assert.equal((await run('config sign c4c4', { agent })).code, 2);
    assert.deepEqual(agent.commands, []);
    assert.equal((await run('config sign c4c4 --yes', { agent })).code, 0);
    assert.deepEqual(agent.commands, [{ do: 'sign', candidate: CANDIDATE }]);
  });

  it('sign nothing that does not wait', async () => {
    assert.equal((await run('config sign ffff --yes', { agent: fakeAgent() })).code, 3);
  });

  it('close a version with a yes', async () => {
    const agent = fakeAgent();
    await run('config void v43 -n', { agent });
    assert.deepEqual(agent.commands, []);
    assert.equal((await run('config void v43 --yes', { agent })).code, 0);
    assert.deepEqual(agent.commands, [{ do: 'void', version: 43 }]);
  });
});

describe('config reading', () => {
  const SHOWN = { version: 42, content: 'aa', realm: 'bb', hosts: { 'lab-3': ['cc'] } };

  it('shows a version as this host compiled it', async () => {
    const value = new Map<string, never>([
      ['lots', new Map([['sim.pro', new Map([['lab-3', 8]])]]) as never],
      ['parent', new Uint8Array([1, 255]) as never],
      ['registry', new Map([['realm', new Map([['name', 'Fern Lab']])]]) as never],
    ]);
    const agent = fakeAgent({
      configuration: () => ({ ...SHOWN, bytes: toHex(encodeCbor(value)) }),
    });
    const { out } = await run('config show', { agent });
    assert.equal(
      out,
      '# v42, content aa\nrealm: bb\nhosts:\n  lab-3:\n    - cc\nlots:\n  sim.pro:\n    lab-3: 8\nregistry:\n  realm:\n    name: Fern Lab\n',
    );
  });

  it('ends with 8 when bytes do not decode', async () => {
    const agent = fakeAgent({ configuration: () => ({ ...SHOWN, bytes: 'ff' }) });
    assert.equal((await run('config show', { agent })).code, 8);
  });

  it('verifies every version, and ends with 8 if a check fails', async () => {
    const check = (ok: boolean) => ({ version: 2, check: 'signatures', ok, detail: ok ? '' : '1 of 2' });
    const good = fakeAgent({ verify: () => ({ checks: [check(true)] }) });
    const bad = fakeAgent({ verify: () => ({ checks: [check(true), check(false)] }) });
    assert.equal(
      (await run('config verify', { agent: good })).out,
      '✓ v2 signatures\nEverything holds: 1 check\n',
    );
    const { code, out } = await run('config verify', { agent: bad });
    assert.equal(code, 8);
    assert.match(out, /✗ v2 signatures: 1 of 2\n1 of 2 checks failed/);
  });
});
