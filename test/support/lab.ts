import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentClient, connectAgent } from '../../core/agent/client.ts';
import { isFault } from '../../core/errors.ts';
import { answerWhen, stopAgent } from './agent-world.ts';
import { type Finished, type Host, makeHost, type Relay, startRelay } from './programs.ts';

/** A relay and hosts as processes; whatever runs there is ended with the test. */
export interface Lab {
  readonly root: string;
  readonly relay: Relay;
  /** Issuer, voter and editor; `ana` may use `sim.pro`, of which there are eight seats. */
  readonly founder: Host;
  /** A host without a realm. */
  host(name: string): Promise<Host>;
  /** A host that has joined with these roles; a member once the founder publishes. */
  joined(name: string, ...roles: readonly string[]): Promise<Host>;
  /** Hosts that are members by the version that this publishes, and have applied it. */
  members(hosts: Readonly<Record<string, readonly string[]>>): Promise<readonly Host[]>;
  /** A connection to the agent of a host, to wait on what it knows. */
  client(host: Host): Promise<AgentClient>;
}

const REGISTRY = `
software: { sim: { name: Simulator } }
features: { sim.pro: { name: Solver, software: sim, seats: 8 } }
periods: { now: { feature: sim.pro, from: 2020-01-01, until: 2099-12-31 } }
`;

/** Runs the work in a lab whose founder has applied version 2. */
export async function withLab(work: (lab: Lab) => Promise<void>): Promise<void> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
  const relay = await startRelay(root);
  const hosts: Host[] = [];
  const clients: AgentClient[] = [];
  const host: Lab['host'] = async (name) => {
    const made = await makeHost(root, name);
    hosts.push(made);
    return made;
  };
  const client: Lab['client'] = async (of) => {
    const made = await connected(of);
    clients.push(made);
    return made;
  };
  try {
    const founder = await host('ws-01');
    const given = ['--host', 'ws-01', '--person', 'ana', '--relay', relay.url, '--relay-key', relay.key];
    const files = ['--recovery-file', join(root, 'recovery'), '--import', '-'];
    await succeeds(founder.run(['init', 'Fern Lab', ...given, ...files], { input: REGISTRY }));
    await succeeds(founder.run('config publish -m First --wait'));
    const joined: Lab['joined'] = async (name, ...roles) => {
      const newcomer = await host(name);
      const as = roles.flatMap((role) => ['--role', role]);
      const { stdout } = await succeeds(founder.run(['invite', 'host', name, ...as]));
      await succeeds(newcomer.run('join -', { input: stdout }));
      const agent = await client(founder);
      await answerWhen(
        agent,
        () => agent.request('draft', {}),
        ({ newcomers }) => newcomers.includes(name),
      );
      return newcomer;
    };
    const members: Lab['members'] = async (wanted) => {
      const made: Host[] = [];
      for (const [name, roles] of Object.entries(wanted)) made.push(await joined(name, ...roles));
      await succeeds(founder.run('config publish -m Welcome --wait --timeout 25s'));
      return made;
    };
    await work({ root, relay, founder, host, joined, members, client });
  } finally {
    for (const made of clients) await made.close();
    await Promise.all(hosts.map(ended));
    await relay.kill();
    await rm(root, { recursive: true, force: true });
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
