import type { AgentEvent, Answer, LeaseOver } from '../../core/engine/effect.ts';
import type { Command } from '../../core/engine/input.ts';
import type { Lease, Tie } from '../../core/engine/lease.ts';
import { ASK_FOR } from '../../core/engine/seat-asking.ts';
import { seconds } from '../../core/units.ts';
import type { SeededRandom } from '../support/random.ts';
import type { SimHost } from './host.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** A program that wants a seat, or has one. */
export interface Tool {
  readonly client: number;
  readonly host: SimHost;
  readonly tie: Tie;
  state: 'asking' | 'queued' | 'holding' | 'over';
  connected: boolean;
  alive: boolean;
  ticket: number;
  lease: Lease | null;
}

/** The tools of all hosts: they behave as honest tools do, and die as programs do. */
export interface Tools {
  readonly all: readonly Tool[];
  /** Leases that tools were told of so far. */
  readonly granted: number;
  /** A program asks for a seat; with `until`, somebody borrows one. */
  checkout(host: SimHost, feature: string, user: string, until?: number): void;
  answered(host: SimHost, command: Command, client: number, answer: Answer): void;
  event(host: SimHost, to: number | 'all', event: AgentEvent): void;
  /** The agent's process is gone: connections break. */
  disconnected(host: SimHost): void;
  /** The agent is back: tools take up their leases, save those that it had ended without being able to say so. */
  reconnect(host: SimHost, ended: (lease: string) => boolean): void;
  /** The machine has stopped, and every program on it. */
  stopped(host: SimHost): void;
  isGone(lease: Lease): boolean;
  /** Everybody gives back what they have. */
  finish(): void;
}

/** How long a tool goes on without its agent when its lease hangs on the connection: less than the agent's grace. */
const PATIENCE = 20;

/** Between two words of a tool that says when it is in use. */
const BREATH = 40;

const OVER: ReadonlySet<string> = new Set<LeaseOver>(['ended', 'idle', 'removed', 'returned']);

/** What tools need of the world. */
interface ToolsOptions {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly trace: Trace;
  /** For which a tool holds a seat, on average. */
  readonly hold: number;
  /** One tool in so many says when it is in use; 0 for none. */
  readonly speaks: number;
  /** After which a tool that waits for a seat gives up, on average. */
  readonly waits: number;
}

/** No tools yet. */
export function newTools(options: ToolsOptions): Tools {
  const { hold, random, speaks, timeline, trace, waits } = options;
  const byClient = new Map<number, Tool>();
  const byLease = new Map<string, Tool>();
  const all: Tool[] = [];

  function end(tool: Tool): void {
    if (tool.state === 'over') return;
    tool.state = 'over';
    // A program without its seat ends, and with it its connection.
    tool.alive = false;
    all.splice(all.indexOf(tool), 1);
    gone(tool);
  }

  function grant(tool: Tool, lease: Lease): void {
    if (tool.state === 'over') return;
    tool.state = 'holding';
    tool.lease = lease;
    byLease.set(lease.id, tool);
    trace.note(
      `${tool.host.name} lends ${lease.feature} as ${lease.id} until ${lease.end}${lease.tie === 'borrow' ? ', borrowed' : ''}`,
    );
    timeline.after(-Math.log(1 - random.next()) * hold, () => move(tool));
    if (tool.client % speaks === 0) speak(tool);
  }

  // Of those that say when they are in use, one in two falls silent after its first word.
  function speak(tool: Tool): void {
    if (tool.state !== 'holding' || tool.lease === null) return;
    if (tool.connected) tool.host.submit(tool.client, { do: 'active', lease: tool.lease.id });
    if (tool.client % (2 * speaks) === 0) timeline.after(BREATH, () => speak(tool));
  }

  function move(tool: Tool): void {
    if (tool.state !== 'holding') return;
    const chance = random.next();
    if (chance < 0.6) giveBack(tool);
    else if (chance < 0.75) end(tool);
    else {
      hangUp(tool);
      timeline.after(random.next() * PATIENCE, () => attach(tool));
      timeline.after(random.next() * 3 * hold, () => move(tool));
    }
  }

  function giveUp(tool: Tool): void {
    if (tool.state === 'queued') end(tool);
  }

  function giveBack(tool: Tool): void {
    const { host, lease } = tool;
    if (lease !== null && tool.connected) {
      host.submit(tool.client, { do: 'return', lease: lease.id, reason: null });
    }
    end(tool);
  }

  function gone(tool: Tool): void {
    tool.host.use((runtime) => {
      runtime.clientGone(tool.client);
      return undefined;
    });
  }

  function hangUp(tool: Tool): void {
    if (!tool.connected) return;
    tool.connected = false;
    gone(tool);
    if (tool.tie === 'process' || tool.lease?.tie === 'borrow') return;
    const broken = timeline.now();
    timeline.after(PATIENCE, () => {
      if (!tool.connected && timeline.now() - broken >= PATIENCE) end(tool);
    });
  }

  function attach(tool: Tool): void {
    const { host, lease } = tool;
    if (tool.state !== 'holding' || tool.connected || lease === null || host.runtime === null) return;
    host.submit(tool.client, { do: 'attach', lease: lease.id, secret: lease.secret });
  }

  const on = (host: SimHost) => all.filter((tool) => tool.host === host);
  return {
    all,
    get granted() {
      return byLease.size;
    },
    checkout(host, feature, user, until) {
      const client = byClient.size + 1;
      const tie: Tie = random.int(3) === 0 ? 'process' : 'connection';
      const tool: Tool = {
        ...{ client, host, tie, state: 'asking', connected: true, alive: true, ticket: 0, lease: null },
      };
      byClient.set(client, tool);
      all.push(tool);
      const process = { tool: 'tool', pid: random.int(3) === 0 && tie !== 'process' ? null : client };
      host.submit(client, {
        do: 'checkout',
        request: {
          ...{ feature, user, tie, wait: random.int(2) === 0 },
          process: { ...process, startTime: null },
          ...(until === undefined ? {} : { until: seconds(until) }),
        },
        id: `lease-${client}`,
        secret: `secret-${client}`,
      });
      // The agent looks at the clock each second: whoever waited for another host's seat is told so.
      timeline.after(ASK_FOR + 1, () => host.use((runtime) => runtime.tick()));
    },
    answered(_host, command, client, answer) {
      const tool = byClient.get(client);
      if (tool === undefined) return;
      if (command.do === 'checkout') {
        if (!answer.ok) end(tool);
        else if (answer.kind === 'lease') grant(tool, answer.lease);
        else if (answer.kind === 'queued' && tool.state === 'asking') {
          tool.state = 'queued';
          tool.ticket = answer.ticket;
          if (waits < Infinity) timeline.after(-Math.log(1 - random.next()) * waits, () => giveUp(tool));
        }
      }
      if (command.do === 'attach') {
        if (answer.ok) tool.connected = true;
        else end(tool);
      }
    },
    event(host, to, event) {
      if (event.event === 'granted' && to !== 'all') {
        const tool = byClient.get(to);
        if (tool !== undefined) grant(tool, event.lease);
      }
      if (event.event === 'denied' && to !== 'all') {
        const tool = byClient.get(to);
        if (tool !== undefined) end(tool);
      }
      if (event.event !== 'lease') return;
      const tool = byLease.get(event.lease);
      if (tool === undefined || tool.host !== host) return;
      if (OVER.has(event.state)) end(tool);
      const renewed = host.runtime?.model.leases.get(event.lease)?.lease;
      if (event.state === 'granted' && renewed !== undefined) tool.lease = renewed;
    },
    disconnected(host) {
      for (const tool of on(host)) {
        if (tool.state !== 'holding') end(tool);
        else hangUp(tool);
      }
    },
    reconnect(host, ended) {
      for (const tool of on(host)) {
        if (tool.lease !== null && ended(tool.lease.id)) end(tool);
        timeline.after(random.next() * 5, () => attach(tool));
      }
    },
    stopped(host) {
      for (const tool of on(host)) end(tool);
    },
    isGone(lease) {
      const tool = byClient.get(lease.process.pid ?? 0);
      return tool === undefined || !tool.alive;
    },
    finish() {
      for (const tool of [...all]) {
        if (tool.state === 'holding') giveBack(tool);
        else end(tool);
      }
    },
  };
}
