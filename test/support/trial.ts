import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AgentClient, connectAgent } from '../../core/agent/client.ts';
import { isFault } from '../../core/errors.ts';
import { answerWhen, statusWhen, stopAgent } from './agent-world.ts';
import { succeeds } from './lab.ts';
import { type Finished, type Host, makeHost, type Relay, startOn, startRelay } from './programs.ts';
import { withTempDir } from './temp-dir.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const TRIAL = [process.execPath, at('build/examples/trial/main.js')];
const AGENT = at('dist/leasehold-agent.cjs');
const SHIFTED = `--import ${new URL('shifted-clock.js', import.meta.url).href}`;

/** The realm of examples/trial with its relay, whoever gives the trial, and the host that tries. */
interface Trial {
  readonly root: string;
  readonly relay: Relay;
  readonly customer: Host;
  /** Lets the relay sign times that are so many days later; the agent of the customer has heard of it. */
  passes(days: number): Promise<void>;
  /** Lets the customer's machine, which is in no realm, join under its id. */
  enter(): Promise<void>;
}

/** Runs the work where the customer has joined and has not started the program. */
export async function withTrial(work: (trial: Trial) => Promise<void>): Promise<void> {
  await withTempDir(async (root) => {
    const relayEnv = { ...process.env };
    const relay = await startRelay(root, { env: relayEnv });
    const vendor = await makeHost(root, 'vendor');
    const customer = await makeHost(root, 'customer');
    try {
      const given = ['--host', 'vendor', '--person', 'ana', '--relay', relay.url, '--relay-key', relay.key];
      const files = ['--recovery-file', join(root, 'recovery')];
      const registry = ['--import', at('examples/trial/trial.registry.yaml')];
      await succeeds(vendor.run(['init', 'Sketch trials', ...given, ...files, ...registry]));
      await enter(vendor, customer);
      await work({
        ...{ root, relay, customer },
        async passes(days) {
          await relay.stop();
          Object.assign(relayEnv, shifted(relayEnv, days));
          await relay.start();
          const agent = await agentOf(customer);
          const then = Date.now() / 1000 + (days - 0.5) * 86_400;
          const ask = () => agent.request('time', {});
          await answerWhen(agent, ask, ({ lower }) => (lower ?? 0) > then);
          await agent.close();
        },
        enter: () => enter(vendor, customer),
      });
    } finally {
      await Promise.all([vendor, customer].map(stop));
      await relay.kill();
    }
  });
}

/** Starts the agent of a host with a wall clock that is so many days off. */
export async function agentWithClock({ dataDir, env }: Host, days: number): Promise<void> {
  const args = ['--data-dir', dataDir, '--socket', env.LEASEHOLD_AGENT_SOCKET ?? ''];
  const host = { env: shifted(env, days) } as Host;
  await startOn(host, [process.execPath, AGENT, ...args]).line(/"event":"serving"/);
}

/** An environment in which the wall clock is so many days off. */
function shifted(env: NodeJS.ProcessEnv, days: number): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: SHIFTED, TEST_CLOCK_DAYS: String(days) };
}

/** Starts the program on a host, behind a command if one is given. */
export function tryIt(host: Host, ...behind: readonly string[]): Promise<Finished> {
  return startOn(host, [...behind, ...TRIAL]).finished;
}

/** Sees the program refuse to start on a host, for a reason that it says. */
export async function refuses(host: Host, why: RegExp, ...behind: readonly string[]): Promise<void> {
  const { code, stderr, stdout } = await tryIt(host, ...behind);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, why);
}

/** Stops the agent of a host, if one runs, and waits until it has let go of its directory. */
export async function stop(host: Host): Promise<void> {
  try {
    await stopAgent(await agentOf(host), host.dataDir);
  } catch (error) {
    if (!isFault(error, 'AGENT_UNAVAILABLE')) throw error;
  }
}

async function agentOf({ dataDir, env }: Host): Promise<AgentClient> {
  const socket = env.LEASEHOLD_AGENT_SOCKET ?? '';
  return connectAgent({ dataDir, socket, spawn: false, timeout: 10, client: 'test/1' });
}

/** Lets the customer's machine join under its id, and waits until a version names it there. */
async function enter(vendor: Host, customer: Host): Promise<void> {
  const { stdout: input } = await succeeds(vendor.run('invite host customer --valid 60d'));
  const founder = await agentOf(vendor);
  // A relay that has just started knows of the invitation once the vendor has found it again.
  await statusWhen(founder, ({ relay }) => relay.state === 'synced');
  await succeeds(customer.run('join -', { input }));
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
