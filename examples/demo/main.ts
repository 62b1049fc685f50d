import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AgentClient } from '../../core/agent/client.ts';
import type { Methods, RolloutReport, StatusReport } from '../../core/agent/protocol.ts';
import { type DemoHost, Lab } from './lab.ts';
import { meddle } from './meddler.ts';
import { end, PROGRAMS, run, start } from './processes.ts';
import { type Timeline, timeline } from './timeline.ts';

const REGISTRY = fileURLToPath(new URL('../../../examples/lab.registry.json', import.meta.url));
const CLOCK_BACK = new URL('clock-back.js', import.meta.url).href;

const FEATURE = 'lumen-trace-edit';
const BLOCK_PERIOD = 'optics-2027';
const LEAVER = 'tomas.arnesen';
const GROUP = 'optics-team';
const STAYER = 'yuki.harada';
/** Seconds after publication at which the shortened period ends: long enough for steps 2 to 5 on a slow machine. */
const PERIOD_LEFT = 30;
/** Seconds to wait for anything, at most. */
const PATIENCE = 60;

/** Asks again until the answer is good; throws when patience runs out. */
async function until<T>(what: string, ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 1000 * PATIENCE;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${PATIENCE} s; ${JSON.stringify(answer)}`);
    await pause(20);
  }
}

interface Tool {
  kill(): Promise<void>;
}

interface Scene {
  readonly lab: Lab;
  readonly line: Timeline;
  readonly a: DemoHost;
  readonly b: DemoHost;
  readonly c: DemoHost;
  readonly agents: Map<DemoHost, AgentClient>;
}

function agentOf({ agents }: Scene, host: DemoHost): AgentClient {
  const agent = agents.get(host);
  if (agent === undefined) throw new Error(`no line to ${host.id}`);
  return agent;
}

const statusOf = (scene: Scene, host: DemoHost): Promise<StatusReport> =>
  agentOf(scene, host).request('status', {});
const contentOf = (scene: Scene, host: DemoHost): Promise<Methods['configuration']['result']> =>
  agentOf(scene, host).request('configuration', { version: null });

async function applied(scene: Scene, host: DemoHost, version: number): Promise<void> {
  await until(
    `${host.id} applies version ${version}`,
    () => statusOf(scene, host),
    (now) => now.applied === version,
  );
}

/** 1: a realm, two hosts by invitation, a version compiled from the lab's registry and applied by all three. */
async function begin(scene: Scene): Promise<void> {
  const { a, b, c, lab, line } = scene;
  line.step(1, 'A realm is made, two hosts join, the first version is applied');
  const made = await run(PROGRAMS.relay, ['init', '--data-dir', lab.relayDir, '--json']);
  const { timeKey: key } = (JSON.parse(made.stdout) as { data: { timeKey: string } }).data;
  const relay = await lab.startRelay();
  line.tell(`relay (level store) listens on port ${relay.port}, pid ${relay.child.pid}`);
  const url = `ws://127.0.0.1:${relay.port}`;
  const keys = ['--relay-key', key, '--recovery-file', `${lab.root}/recovery.txt`];
  await a.must('--relay', url, 'init', 'Halden Optics', '--host', a.id, '--class', 'office', ...keys);
  scene.agents.set(a, await a.agent());
  line.tell(`${a.id} founded the realm: issuer, editor, the only voter`);
  await a.must('registry', 'import', REGISTRY, '--yes');
  const registry = JSON.parse(await readFile(REGISTRY, 'utf8')) as Record<string, object>;
  const size = (name: string) => Object.keys(registry[name] ?? {}).length;
  line.tell(
    `registry drafted: ${size('hosts')} hosts, ${size('people')} people, ${size('software')} products, ${size('features')} features`,
  );
  for (const host of [b, c]) {
    const invited = await a.must('invite', 'host', host.id, '--class', 'office', '--role', 'voter');
    const joined = await run(PROGRAMS.leasehold, ['join', '-'], { env: host.env, input: invited.stdout });
    if (joined.code !== 0) throw new Error(`join on ${host.id}: ${joined.stderr}`);
    scene.agents.set(host, await host.agent());
    line.tell(`${host.id} joined by invitation`);
  }
  const newcomers = () => agentOf(scene, a).request('draft', {});
  await until('the joins reach the issuer', newcomers, (draft) => draft.newcomers.length === 2);
  const start = line.elapsed();
  await a.must('config', 'publish', '-m', 'First version');
  await Promise.all([a, b, c].map((host) => applied(scene, host, 2)));
  line.observe(
    true,
    `version 2 certified and applied by ${a.id}, ${b.id}, ${c.id}, ${ms(line, start)} after the command`,
  );
  await sameBytes(scene, 2);
}

async function sameBytes(scene: Scene, version: number): Promise<void> {
  const all = await Promise.all([scene.a, scene.b, scene.c].map((host) => contentOf(scene, host)));
  const [first] = all;
  const same = all.every((one) => one.bytes === first?.bytes && one.version === version);
  const size = (first?.bytes.length ?? 0) / 2;
  scene.line.observe(same, `all three hold the same ${size} bytes, SHA-256 ${first?.content.slice(0, 16)}…`);
}

function ms(line: Timeline, since: number): string {
  return `${(line.elapsed() - since).toFixed(0)} ms`;
}

/** 2: two seats in use on a while the next version is published: b and c switch at once, a drains. */
async function change(scene: Scene): Promise<{ tools: readonly Tool[]; ends: number }> {
  const { a, b, c, line } = scene;
  line.step(2, 'A version is published while host a has two seats in use');
  const tools = [];
  for (const user of [LEAVER, STAYER]) {
    const program = ['--', process.execPath, '-e', "console.log('working'); setInterval(() => {}, 1000)"];
    const options = ['--feature', FEATURE, '--user', user, '--tool', 'lumen', '--on-drain', 'ignore'];
    const child = await a.spawn(['lease', 'run', ...options, ...program], /working/);
    tools.push({ kill: () => end(child, 'SIGTERM') });
    line.tell(`${user} works with ${FEATURE} on ${a.id}, pid ${child.pid}`);
  }
  const soon = new Date(Date.now() + 1000 * PERIOD_LEFT).toISOString().replace(/\.\d+Z$/, 'Z');
  await a.must('registry', 'set', `groups/${GROUP}`, `members-=${LEAVER}`);
  await a.must('registry', 'remove', `people/${LEAVER}`, '--yes');
  await a.must('registry', 'set', `features/${FEATURE}`, 'seats=12');
  await a.must('registry', 'set', `periods/${BLOCK_PERIOD}`, `until=${soon}`);
  line.tell(`draft: ${LEAVER} leaves, ${FEATURE} 8 → 12 seats, ${BLOCK_PERIOD} ends at ${soon}`);
  const start = line.elapsed();
  await a.must('config', 'publish', '-m', 'Autumn changes');
  await Promise.all([b, c].map((host) => applied(scene, host, 3)));
  line.observe(
    true,
    `acks arrived, the certificate formed, ${b.id} and ${c.id} applied version 3 after ${ms(line, start)}`,
  );
  const here = await until(
    'a drains',
    () => statusOf(scene, a),
    (now) => now.pending?.certified === true,
  );
  line.observe(
    here.applied === 2,
    `${a.id} drains: it still has ${here.leases.length} leases, and version 2`,
  );
  return { tools, ends: Date.parse(soon) / 1000 };
}

/** 3: the exact answer to "why pending". */
async function explain(scene: Scene): Promise<void> {
  const { a, b, line } = scene;
  line.step(3, 'Why is it pending?');
  const ask = (): Promise<RolloutReport | null> => agentOf(scene, b).request('rollout', { version: 3 });
  const complete = (report: RolloutReport | null) =>
    report?.hosts.every(({ id, leases, state }) =>
      id === a.id ? leases.length === 2 : state === 'applied',
    ) === true;
  const report = await until('b hears of the leases on a', ask, complete);
  for (const sentence of report?.why ?? []) line.tell(sentence);
  const leases = report?.hosts.find(({ id }) => id === a.id)?.leases ?? [];
  const named = leases.every(
    ({ pid, tool, user }) => tool === 'lumen' && pid !== null && [LEAVER, STAYER].includes(user),
  );
  line.observe(
    named && leases.length === 2,
    `asked on ${b.id}: both leases of ${a.id}, with tool, user and process`,
  );
}

/** 4: the leases come back, a applies, and who left is denied. */
async function settle(scene: Scene, tools: readonly Tool[]): Promise<void> {
  const { a, line } = scene;
  line.step(4, 'The leases are returned');
  const start = line.elapsed();
  await Promise.all(tools.map((tool) => tool.kill()));
  await applied(scene, a, 3);
  line.observe(true, `${a.id} applied version 3, ${ms(line, start)} after its tools ended`);
  await sameBytes(scene, 3);
  const denied = await a.leasehold('lease', 'checkout', FEATURE, '--user', LEAVER);
  line.observe(denied.code === 7, `${LEAVER} is denied (exit ${denied.code}): ${firstLine(denied.stderr)}`);
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

/** 5: without the relay leasing goes on; on the same data it comes back whole. */
async function interrupt(scene: Scene): Promise<string> {
  const { a, b, lab, line } = scene;
  line.step(5, 'The relay is killed, and comes back on the same data');
  const before = await statusOf(scene, b);
  if (lab.relay !== null) await end(lab.relay.child, 'SIGKILL');
  const down = await until(
    'b notices',
    () => statusOf(scene, b),
    ({ relay }) => relay.state !== 'synced',
  );
  line.tell(`relay killed; ${b.id} says: ${down.relay.state}`);
  const lease = await b.leasehold('lease', 'checkout', FEATURE, '--user', STAYER);
  line.observe(lease.code === 0, `${b.id} leases without it: ${firstLine(lease.stdout)}`);
  await b.must('lease', 'return', '--all', '--yes');
  const realm = before.realm?.id ?? '';
  const token = await run(PROGRAMS.relay, ['realm', 'token', realm, '--data-dir', lab.relayDir, '--json']);
  if (token.code !== 0) throw new Error(`realm token: ${token.stderr}`);
  const { port } = await lab.startRelay();
  const read = (JSON.parse(token.stdout) as { data: { token: string } }).data.token;
  const room = { url: `ws://127.0.0.1:${port}/v1/sync`, room: realm, token: read };
  const kept = await meddle({ ...room, records: 0, harmless: true });
  const synced = (now: StatusReport) => now.relay.state === 'synced';
  const [again] = await Promise.all([a, b].map((host) => until('sync', () => statusOf(scene, host), synced)));
  line.observe(
    kept.followed >= before.records,
    `back on the same data: a reader finds ${kept.followed} records at the relay, ${before.records} were confirmed`,
  );
  line.tell(`${a.id} and ${b.id} are in step with it again, ${again?.records} records each`);
  return read;
}

/** 6: signed time passes the end of the period; turning the host's clock back changes nothing. */
async function expire(scene: Scene, ends: number): Promise<void> {
  const { b, line } = scene;
  line.step(6, 'Signed time passes the end of a period');
  const tryIt = () => b.leasehold('lease', 'checkout', FEATURE, '--user', STAYER);
  const past = ({ time }: StatusReport) => (time.lower ?? 0) > ends;
  await until('signed time passes the end', () => statusOf(scene, b), past);
  const denied = await tryIt();
  line.observe(denied.code === 7, `${b.id} is denied (exit ${denied.code}): ${firstLine(denied.stderr)}`);
  await agentOf(scene, b).close();
  await b.must('agent', 'stop', '--force');
  const args = ['--data-dir', b.dataDir, '--socket', b.socket];
  const agent = await start(PROGRAMS.agent, args, /"event":"serving"/, {
    env: b.env,
    nodeArgs: ['--import', CLOCK_BACK],
  });
  scene.lab.keep(agent.child);
  scene.agents.set(b, await b.agent());
  const now = await statusOf(scene, b);
  line.tell(
    `${b.id} restarted with its clock turned back: it says ${new Date(now.time.wall * 1000).toISOString()}`,
  );
  const still = await tryIt();
  line.observe(still.code === 7, `still denied (exit ${still.code}): ${firstLine(still.stderr)}`);
}

/** 7: a stock client follows the room and then attacks it. */
async function attack(scene: Scene, token: string): Promise<void> {
  const { a, lab, line } = scene;
  line.step(7, 'A stock y-websocket client follows the room, then attacks it');
  const status = await statusOf(scene, a);
  const port = lab.relay?.port ?? 0;
  const realm = status.realm?.id ?? '';
  const result = await meddle({
    url: `ws://127.0.0.1:${port}/v1/sync`,
    room: realm,
    token,
    records: status.records,
  });
  line.observe(
    result.followed >= status.records,
    `a plain Y.Doc shows ${result.followed} records in ${result.logs} logs`,
  );
  line.tell('it deletes everything in its document, and pushes a forged record');
  const metrics = async () => (await fetch(`http://127.0.0.1:${lab.relay?.adminPort}/metrics`)).text();
  const both = (text: string) => ['delete-set', 'bad-signature'].every((reason) => countOf(text, reason) > 0);
  const refused = await until('the relay counts both', metrics, both);
  line.observe(both(refused), `the relay refused and counted both: ${reasonsOf(refused).join(', ')}`);
  const after = await meddle({
    url: `ws://127.0.0.1:${port}/v1/sync`,
    room: realm,
    token,
    records: status.records,
    harmless: true,
  });
  const intact = await statusOf(scene, a);
  line.observe(
    after.followed >= status.records && intact.records >= status.records,
    `every record survives: ${after.followed} at the relay, ${intact.records} on ${a.id}`,
  );
}

const REJECTED = /^leasehold_relay_message_rejected_total\{reason="([^"]+)"\} (\d+)$/gm;

function countOf(metrics: string, wanted: string): number {
  const [, , count] = [...metrics.matchAll(REJECTED)].find(([, reason]) => reason === wanted) ?? [];
  return Number(count ?? 0);
}

function reasonsOf(metrics: string): string[] {
  return [...metrics.matchAll(REJECTED)]
    .filter(([, , count]) => Number(count) > 0)
    .map(([, reason, count]) => `${reason} ×${count}`);
}

async function main(): Promise<number> {
  const line = timeline((text) => process.stdout.write(`${text}\n`));
  const lab = await Lab.open();
  const [a, b, c] = await Promise.all(['od-ws01', 'od-ws02', 'od-ws03'].map((id) => lab.addHost(id)));
  if (a === undefined || b === undefined || c === undefined) return 1;
  const scene: Scene = { lab, line, a, b, c, agents: new Map() };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void lab.close().finally(() => process.exit(130)));
  }
  try {
    await begin(scene);
    const { ends, tools } = await change(scene);
    await explain(scene);
    await settle(scene, tools);
    const token = await interrupt(scene);
    await expire(scene, ends);
    await attack(scene, token);
    line.tell('');
    process.stdout.write(
      `\nAll ${line.observed()} observations hold, after ${(line.elapsed() / 1000).toFixed(1)} s.\n`,
    );
    return 0;
  } catch (error) {
    process.stdout.write(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const agent of scene.agents.values()) await agent.close();
    await lab.close();
  }
}

process.exitCode = await main();
