import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AgentClient, connectAgent } from '../../core/agent/client.ts';
import { isFault } from '../../core/errors.ts';
import { answerWhen, statusWhen, stopAgent } from '../support/agent-world.ts';
import { succeeds } from '../support/lab.ts';
import { type Finished, type Host, makeHost, startOn, startRelay } from '../support/programs.ts';
import { withTempDir } from '../support/temp-dir.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const TRIAL = [process.execPath, at('build/examples/trial/main.js')];
const SHIFTED = `--import ${new URL('../support/shifted-clock.js', import.meta.url).href}`;

/** An environment in which the wall clock is so many days off. */
const shifted = (env: NodeJS.ProcessEnv, days: number): NodeJS.ProcessEnv => ({
  ...env,
  NODE_OPTIONS: SHIFTED,
  TEST_CLOCK_DAYS: String(days),
});

function tryIt(host: Host): Promise<Finished> {
  const started = startOn(host, TRIAL);
  return started.finished;
}

async function refuses(host: Host, why: RegExp): Promise<void> {
  const { code, stderr, stdout } = await tryIt(host);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, why);
}

async function agentOf({ dataDir, env }: Host): Promise<AgentClient> {
  const socket = env.LEASEHOLD_AGENT_SOCKET ?? '';
  return connectAgent({ dataDir, socket, spawn: false, timeout: 10, client: 'test/1' });
}

/** Stops the agent of a host, if one runs, and waits until it has let go of its directory. */
async function stop(host: Host): Promise<void> {
  try {
    await stopAgent(await agentOf(host), host.dataDir);
  } catch (error) {
    if (!isFault(error, 'AGENT_UNAVAILABLE')) throw error;
  }
}

describe('a trial of thirty days from set-up', () => {
  it('cannot be prolonged by the clock, by deleting the data directory, nor by going offline', () =>
    withTempDir(async (root) => {
      const relayEnv = { ...process.env };
      const relay = await startRelay(root, { env: relayEnv });
      const vendor = await makeHost(root, 'vendor');
      const customer = await makeHost(root, 'customer');
      const hosts = [vendor, customer];
      try {
        const given = ['--host', 'vendor', '--person', 'ana', '--relay', relay.url, '--relay-key', relay.key];
        const files = ['--recovery-file', join(root, 'recovery')];
        const registry = ['--import', at('examples/trial/trial.registry.yaml')];
        await succeeds(vendor.run(['init', 'Sketch trials', ...given, ...files, ...registry]));
        await enter(vendor, customer);
        const first = await succeeds(tryIt(customer));
        assert.match(first.stdout, /the trial goes on/);

        // Thirty-one days later by the relay's clock, which is all that counts.
        await relay.stop();
        Object.assign(relayEnv, shifted(relayEnv, 31));
        await relay.start();
        const ended = /expired: its period ended at 20/;
        const later = await agentOf(customer);
        await answerWhen(
          later,
          () => later.request('time', {}),
          ({ lower }) => (lower ?? 0) > Date.now() / 1000 + 30.5 * 86_400,
        );
        await later.close();
        await refuses(customer, ended);

        await stop(customer);
        const back = { ...customer, env: shifted(customer.env, -400) };
        await refuses(back, ended);
        await stop(customer);

        await relay.stop();
        await refuses(customer, ended);
        await stop(customer);
        await rm(dirname(customer.dataDir), { recursive: true });
        await refuses(await makeHost(root, 'customer'), /belongs to no realm/);

        await relay.start();
        await enter(vendor, await makeHost(root, 'customer'));
        await refuses(customer, ended);
      } finally {
        await Promise.all(hosts.map(stop));
        await relay.kill();
      }
    })).timeout(90_000);
});

/** Lets the customer's machine join under its id, and waits until a version names it there. */
async function enter(vendor: Host, customer: Host): Promise<void> {
  const { stdout: input } = await succeeds(vendor.run('invite host customer --valid 60d'));
  await succeeds(customer.run('join -', { input }));
  const founder = await agentOf(vendor);
  await answerWhen(
    founder,
    () => founder.request('draft', {}),
    ({ newcomers }) => newcomers.includes('customer'),
  );
  await founder.close();
  await succeeds(vendor.run('config publish -m Welcome --wait --timeout 25s'));
  const agent = await agentOf(customer);
  await statusWhen(agent, ({ applied, newest }) => applied !== null && applied === newest);
  await agent.close();
}
