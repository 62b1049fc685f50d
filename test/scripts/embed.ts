import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as library from 'leasehold';
import { answerWhen } from '../support/agent-world.ts';
import { shown, succeeds, withLab } from '../support/lab.ts';
import { type Host, type Running, startOn } from '../support/programs.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const PLOTTER = [process.execPath, at('build/examples/embed/main.js'), 'sim.pro'];

function plotter(host: Host, ...flags: readonly string[]): Running {
  return startOn(host, [...PLOTTER, ...flags]);
}

async function listed(host: Host): Promise<readonly { readonly id: string; readonly state: string }[]> {
  return shown(host.run('lease list --json'));
}

describe('the library', () => {
  it('has three calls, one more to check a token, and one to check a period alone', () => {
    const calls = Object.entries(library).filter(([, value]) => typeof value === 'function');
    const besides = new Set(['Fault', 'isFault', 'isPublicKey']);
    assert.deepEqual(
      calls.map(([name]) => name).filter((name) => !besides.has(name)),
      ['checkout', 'connect', 'mayStart', 'release', 'verifyLeaseToken'],
    );
  });

  it('is shown in the README by the program that is tested here', async () => {
    const [readme, program] = await Promise.all(
      ['README.md', 'examples/embed/main.ts'].map((path) => readFile(at(path), 'utf8')),
    );
    assert.ok(readme?.includes(`\`\`\`ts\n${program}\`\`\``));
  });
});

describe('a program with a seat of its own', () => {
  it('works and gives it back; is told why not; waits, and gets what another gives back; lets go for a version', () =>
    withLab({}, async ({ client, founder }) => {
      const agent = await client(founder);
      const first = plotter(founder);
      await first.line(/^Plotting with sim\.pro until 20/);
      first.child.stdin?.end('a\nb\n');
      const done = await succeeds(first.finished);
      assert.match(done.stdout, /\nPlotted a\nPlotted b\nThe seat is returned\n$/);
      assert.deepEqual(await listed(founder), []);

      const eight = Array.from({ length: 8 }, () => plotter(founder));
      await Promise.all(eight.map((one) => one.line(/^Plotting/)));
      const ninth = plotter(founder);
      const denied = await ninth.finished;
      assert.deepEqual([denied.code, denied.stdout], [1, '']);
      assert.match(denied.stderr, /^No seat of sim\.pro: no seat: 8 of this host's 8 seats are in use/);
      const tenth = plotter(founder, '--wait');
      await tenth.line(/^Waiting for a seat of sim\.pro, place 1 in the queue$/);
      eight[0]?.child.stdin?.end();
      await tenth.line(/^Plotting/);

      eight[1]?.child.stdin?.end();
      await succeeds(eight[1]?.finished ?? Promise.reject());
      const idle = ['-e', "console.log('idle'); setInterval(() => {}, 1000)"];
      const wrapped = founder.start([
        ...['run', '--feature', 'sim.pro', '--on-drain=signal', '--', process.execPath, ...idle],
      ]);
      await wrapped.line(/^idle$/);

      await founder.run(['registry', 'set', 'realm', 'name=Moss Lab']);
      await succeeds(founder.run(['config', 'publish', '-m', 'Second']));
      const ends = await Promise.all([...eight, tenth].map((one) => succeeds(one.finished)));
      for (const { stdout } of ends) assert.match(stdout, /The seat is returned\n$/);
      assert.equal((await wrapped.finished).code, 143);
      await answerWhen(
        agent,
        () => agent.request('status', {}),
        ({ applied }) => applied === 3,
      );
    })).timeout(60_000);

  it('keeps one seat and no second while the agent is killed again and again', () =>
    withLab({}, async ({ client, founder }) => {
      const program = plotter(founder);
      await program.line(/^Plotting/);
      const [before] = await listed(founder);
      for (let kill = 1; kill <= 3; kill++) {
        const { pid } = await shown(founder.run('agent status --json'));
        process.kill(pid, 'SIGKILL');
        // Whoever comes first starts the next one: the program, or this.
        await listed(founder);
        const here = await client(founder);
        assert.notEqual(here.hello.pid, pid);
        const [lease, ...others] = await answerWhen(
          here,
          () => here.request('leases', {}),
          ([one]) => one?.state === 'active',
        );
        assert.deepEqual([lease?.id, others], [before?.id, []]);
      }
      program.child.stdin?.end('c\n');
      assert.match((await succeeds(program.finished)).stdout, /Plotted c\nThe seat is returned\n$/);
      assert.deepEqual(await listed(founder), []);
    })).timeout(60_000);

  it('is told when an administrator takes the seat away', () =>
    withLab({}, async ({ founder }) => {
      const program = plotter(founder);
      await program.line(/^Plotting/);
      const [lease] = await listed(founder);
      await succeeds(
        founder.run([
          'lease',
          'remove',
          lease?.id ?? '',
          '--host',
          'ws-01',
          '--reason',
          'maintenance',
          '--yes',
        ]),
      );
      assert.match((await succeeds(program.finished)).stdout, /The seat is removed\n$/);
    })).timeout(60_000);
});

describe('the token of a lease, checked with jose', () => {
  it('holds for the host that gave it and until its end, and is refused from another host, expired, altered or unsigned', () =>
    withLab({ 'ws-02': [] }, async ({ founder, of, root }) => {
      const other = of('ws-02');
      const [config, time, later] = ['config.json', 'time.json', 'later.json'].map((name) =>
        join(root, name),
      );
      await writeFile(config ?? '', (await succeeds(other.run('config show --json'))).stdout);
      const [here, there] = (
        await Promise.all([founder, other].map((host) => shown(host.run('checkout sim.pro --json'))))
      ).map(({ token }) => token as string);
      const now = JSON.parse((await succeeds(other.run('time status --json'))).stdout);
      assert(now.relayTime > 1e9 && now.relayTime <= now.data.upper, 'signed time stands in the envelope');
      await writeFile(time ?? '', JSON.stringify(now));
      await writeFile(
        later ?? '',
        JSON.stringify({ data: { ...now.data, upper: now.data.upper + 86_400 * 400 } }),
      );
      const check = async (host: string, token = '', when = time) => {
        const verify = at('build/examples/embed/verify-lease.js');
        const running = startOn(other, [process.execPath, verify, host, config ?? '', when ?? '']);
        running.child.stdin?.end(`${token}\n`);
        const { code, stderr, stdout } = await running.finished;
        return code === 0 ? stdout : stderr;
      };
      const [header, payload = '', signature] = (there ?? '').split('.');
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const forged = part({ ...claims, sub: 'mallory' });
      const cases: readonly [why: string, verdict: string, expected: RegExp][] = [
        ['its host', await check('ws-02', there), /^Lease [0-9a-f]{20} of sim\.pro for ana until 20/],
        ['the other host', await check('ws-01', here), /^Lease /],
        ["another host's token", await check('ws-02', here), /^ERR_JWS_SIGNATURE_VERIFICATION_FAILED/],
        ['no host of the realm', await check('ws-03', there), /^ERR_JWS_SIGNATURE_VERIFICATION_FAILED/],
        ['expired', await check('ws-02', there, later), /^ERR_JWT_EXPIRED/],
        [
          'altered',
          await check('ws-02', `${header}.${forged}.${signature}`),
          /^ERR_JWS_SIGNATURE_VERIFICATION/,
        ],
        [
          'unsigned',
          await check('ws-02', `${part({ alg: 'none' })}.${payload}.`),
          /^ERR_JOSE_ALG_NOT_ALLOWED/,
        ],
      ];
      for (const [why, verdict, expected] of cases) assert.match(verdict, expected, why);
    })).timeout(60_000);
});
