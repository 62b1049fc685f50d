import { setTimeout as pause } from 'node:timers/promises';
import type { AgentClient } from '../../core/agent/client.ts';
import type { Methods, StatusReport } from '../../core/agent/protocol.ts';
import type { DemoHost, Lab } from './lab.ts';
import type { Finished } from './processes.ts';
import type { Timeline } from './timeline.ts';

/** The feature that the tools use, and who uses it throughout. */
export const FEATURE = 'lumen-trace-edit';
export const STAYER = 'yuki.harada';
/** Seconds to wait for anything, at most. */
const PATIENCE = 60;
/** The exit code of a refusal that no free seat would change. */
const NOT_ENTITLED = 7;

/** Asks again until the answer is good; throws when patience runs out. */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  good: (answer: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + 1000 * PATIENCE;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${PATIENCE} s; ${JSON.stringify(answer)}`);
    await pause(20);
  }
}

/** What the steps play on. */
export interface Scene {
  readonly lab: Lab;
  readonly line: Timeline;
  readonly a: DemoHost;
  readonly b: DemoHost;
  readonly c: DemoHost;
  readonly agents: Map<DemoHost, AgentClient>;
}

/** The line to a host's agent. */
export function agentOf({ agents }: Scene, host: DemoHost): AgentClient {
  const agent = agents.get(host);
  if (agent === undefined) throw new Error(`no line to ${host.id}`);
  return agent;
}

/** What a host says of itself. */
export const statusOf = (scene: Scene, host: DemoHost): Promise<StatusReport> =>
  agentOf(scene, host).request('status', {});
/** The configuration that a host has applied. */
export const contentOf = (scene: Scene, host: DemoHost): Promise<Methods['configuration']['result']> =>
  agentOf(scene, host).request('configuration', { version: null });

/** Waits until a host has applied a version. */
export async function applied(scene: Scene, host: DemoHost, version: number): Promise<void> {
  await until(
    `${host.id} applies version ${version}`,
    () => statusOf(scene, host),
    (now) => now.applied === version,
  );
}

/** The first line of what a program wrote. */
export function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

/** Observes that a checkout with --json was refused, for this reason and naming this: another refusal proves nothing. */
export function isDenied(
  { line }: Scene,
  { code, stderr }: Finished,
  expected: { readonly exit?: number; readonly reason: string; readonly naming: string },
  who: string,
): void {
  const error = errorIn(stderr);
  line.observe(
    code === (expected.exit ?? NOT_ENTITLED) &&
      error?.code === expected.reason &&
      error.message.includes(expected.naming),
    `${who} is denied (exit ${code}): ${error === null ? firstLine(stderr) : `${error.code}, ${error.message}`}`,
  );
}

function errorIn(stderr: string): { readonly code: string; readonly message: string } | null {
  try {
    return (JSON.parse(stderr) as { error: { code: string; message: string } }).error;
  } catch {
    return null;
  }
}
