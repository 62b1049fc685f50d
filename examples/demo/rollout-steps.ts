import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RolloutReport } from '../../core/agent/rollout-report.ts';
import { end, PROGRAMS, run } from './processes.ts';
import {
  agentOf,
  applied,
  contentOf,
  FEATURE,
  isDenied,
  type Scene,
  STAYER,
  statusOf,
  until,
} from './scene.ts';
import type { Timeline } from './timeline.ts';

const REGISTRY = fileURLToPath(new URL('../../../examples/lab.registry.json', import.meta.url));
const BLOCK_PERIOD = 'optics-2027';
const LEAVER = 'tomas.arnesen';
const GROUP = 'optics-team';
const TOOL = 'lumen';
/** Seconds after publication at which the shortened period ends: long enough for steps 2 to 5 on a slow machine. */
const PERIOD_LEFT = 30;

interface Tool {
  readonly user: string;
  readonly pid: number;
  kill(): Promise<void>;
}

/** 1: a realm, two hosts by invitation, a version compiled from the lab's registry and applied by all three. */
export async function begin(scene: Scene): Promise<void> {
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
export async function change(scene: Scene): Promise<{ tools: readonly Tool[]; ends: number }> {
  const { a, b, c, line } = scene;
  line.step(2, 'A version is published while host a has two seats in use');
  const tools = [];
  for (const user of [LEAVER, STAYER]) {
    const program = [
      '--',
      process.execPath,
      '-e',
      "console.log('working', process.pid); setInterval(() => {}, 1000)",
    ];
    const options = ['--feature', FEATURE, '--user', user, '--tool', TOOL, '--on-drain', 'ignore'];
    const { child, said } = await a.spawn(['lease', 'run', ...options, ...program], /working/);
    const pid = Number(/working (\d+)/.exec(said.join('\n'))?.[1]);
    tools.push({ user, pid, kill: () => end(child, 'SIGTERM') });
    line.tell(`${user} works with ${FEATURE} on ${a.id}, pid ${pid}`);
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
    here.applied === 2 && here.leases.length === tools.length,
    `${a.id} drains: it still has ${here.leases.length} leases, and version 2`,
  );
  return { tools, ends: Date.parse(soon) / 1000 };
}

/** 3: the exact answer to "why pending". */
export async function explain(scene: Scene, tools: readonly Tool[]): Promise<void> {
  const { a, b, line } = scene;
  line.step(3, 'Why is it pending?');
  const ask = (): Promise<RolloutReport | null> => agentOf(scene, b).request('rollout', { version: 3 });
  const complete = (report: RolloutReport | null) =>
    report?.hosts.every(({ id, leases, state }) =>
      id === a.id ? leases.length === tools.length : state === 'applied',
    ) === true;
  const report = await until('b hears of the leases on a', ask, complete);
  for (const sentence of report?.why ?? []) line.tell(sentence);
  const leases = report?.hosts.find(({ id }) => id === a.id)?.leases ?? [];
  const told = leases.map(({ pid, tool, user }) => `${user} by ${tool}, pid ${pid}`).sort();
  const meant = tools.map(({ pid, user }) => `${user} by ${TOOL}, pid ${pid}`).sort();
  line.observe(
    told.join('; ') === meant.join('; '),
    `asked on ${b.id}: the leases of ${a.id} are those two and no other: ${told.join('; ')}`,
  );
}

/** 4: the leases come back, a applies, and who left is denied. */
export async function settle(scene: Scene, tools: readonly Tool[]): Promise<void> {
  const { a, line } = scene;
  line.step(4, 'The leases are returned');
  const start = line.elapsed();
  await Promise.all(tools.map((tool) => tool.kill()));
  await applied(scene, a, 3);
  line.observe(true, `${a.id} applied version 3, ${ms(line, start)} after its tools ended`);
  await sameBytes(scene, 3);
  const denied = await a.leasehold('lease', 'checkout', FEATURE, '--user', LEAVER, '--json');
  isDenied(scene, denied, { reason: 'UNKNOWN_USER', naming: LEAVER }, `${LEAVER} on ${a.id}`);
}
