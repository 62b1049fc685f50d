import assert from 'node:assert/strict';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentClient, connectAgent } from '../../core/agent/client.ts';
import { isFault } from '../../core/errors.ts';
import { answerWhen, stopAgent } from './agent-world.ts';
import { type Finished, type Host, makeHost, type Relay, startRelay } from './programs.ts';
import { removeTree } from './temp-dir.ts';

/** A relay and hosts as processes; whatever runs there is ended with the test. */
export interface Lab {
  readonly root: string;
  readonly relay: Relay;
  /** `ws-01`: issuer, voter and editor; `ana` may use `sim.pro`, of which there are eight seats. */
  readonly founder: Host;
  /** A member of the lab by its id. */
  of(id: string): Host;
  /** A machine that is in no realm. */
  machine(name: string): Promise<Host>;
  /** An invitation by the founder, for a host with these roles. */
  invitation(id: string, roles: readonly string[]): Promise<string>;
  /** Waits until the founder knows that these have joined and become members with the next version. */
  expected(...ids: readonly string[]): Promise<void>;
  /** A connection to the agent of a host, to wait on what it knows. */
  client(host: Host): Promise<AgentClient>;
}

const REGISTRY = `
software: { sim: { name: Simulator } }
features: { sim.pro: { name: Solver, software: sim, seats: 8 } }
periods: { now: { feature: sim.pro, from: 2020-01-01, until: 2099-12-31 } }
`;

/** Something that stands before a relay, and that the hosts take for it. */
interface Door {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs the work in a lab where these hosts, with their roles, have joined the founder and all have applied version 2; `doorOf` makes what they reach the relay through. */
export async function withLab(
  members: Readonly<Record<string, readonly string[]>>,
  work: (lab: Lab) => Promise<void>,
  doorOf: (relay: string) => Promise<Door> = async (url) => ({ url, close: async () => undefined }),
): Promise<void> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
  const relay = await startRelay(root);
  const door = await doorOf(relay.url);
  const machines: Host[] = [];
  const clients: AgentClient[] = [];
  const machine: Lab['machine'] = async (name) => {
    const made = await makeHost(root, name);
    machines.push(made);
    return made;
  };
  try {
    const founder = await machine('ws-01');
    const client: Lab['client'] = async (of) => {
      const made = await connected(of);
      clients.push(made);
      return made;
    };
    const invitation: Lab['invitation'] = async (id, roles) => {
      const as = roles.flatMap((role) => ['--role', role]);
      return (await succeeds(founder.run(['invite', 'host', id, ...as]))).stdout;
    };
    const expected: Lab['expected'] = async (...ids) => {
      const agent = await client(founder);
      await answerWhen(
        agent,
        () => agent.request('draft', {}),
        ({ newcomers }) => ids.every((id) => newcomers.includes(id)),
      );
    };
    const given = ['--host', 'ws-01', '--person', 'ana', '--relay', door.url, '--relay-key', relay.key];
    const files = ['--recovery-file', join(root, 'recovery'), '--import', '-'];
    await succeeds(founder.run(['init', 'Fern Lab', ...given, ...files], { input: REGISTRY }));
    const hosts = new Map([['ws-01', founder]]);
    for (const [id, roles] of Object.entries(members)) {
      const newcomer = await machine(id);
      await succeeds(newcomer.run('join -', { input: await invitation(id, roles) }));
      hosts.set(id, newcomer);
    }
    await expected(...Object.keys(members));
    await succeeds(founder.run('config publish -m First --wait --timeout 25s'));
    const of: Lab['of'] = (id) => {
      const found = hosts.get(id);
      if (found === undefined) throw new Error(`no ${id} in this lab`);
      return found;
    };
    await work({ root, relay, founder, of, machine, invitation, expected, client });
  } finally {
    for (const made of clients) await made.close();
    await Promise.all(machines.map(ended));
    await door.close();
    await relay.kill();
    await removeTree(root);
  }
}

/** Stops the agent of a host, if one runs, and waits until it has let go of its directory. */
async function ended(host: Host): Promise<void> {
  try {
    await stopAgent(await connected(host), host.dataDir);
  } catch (error) {
    if (!isFault(error, 'AGENT_UNAVAILABLE')) throw error;
  }
}

function connected({ dataDir, env }: Host): Promise<AgentClient> {
  const socket = env.LEASEHOLD_AGENT_SOCKET ?? '';
  return connectAgent({ dataDir, socket, spawn: false, timeout: 10, client: 'test/1' });
}

/** The end of a program that must succeed. */
export async function succeeds(ending: Promise<Finished>): Promise<Finished> {
  const finished = await ending;
  assert.equal(finished.code, 0, `${finished.stdout}${finished.stderr}`);
  return finished;
}

/** The code by which a program that must not succeed told why, and its exit code. */
export async function refused(ending: Promise<Finished>): Promise<readonly [exit: number, code: string]> {
  const { code, stderr, stdout } = await ending;
  assert.notEqual(code, 0, stdout);
  return [code, JSON.parse(stderr).error.code];
}

/** What stands in the envelope that a command printed: its data or its items. */
export async function shown(ending: Promise<Finished>) {
  const { stdout } = await succeeds(ending);
  const { data, items } = JSON.parse(stdout);
  return data ?? items;
}
