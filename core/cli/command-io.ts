import { resolve } from 'node:path';
import { dataDirectory } from '../adapters/paths.ts';
import type { Seconds } from '../units.ts';
import type { AgentConnection, Io } from './io.ts';
import type { Calendar } from './moment.ts';
import { type Output, output } from './output.ts';

/** The options that every command takes, as typed. */
export interface GlobalOptions {
  readonly dataDir?: string;
  readonly agentSocket?: string;
  readonly relay?: string;
  readonly timeout?: Seconds;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
  readonly input?: boolean;
  readonly yes?: boolean;
  readonly output?: string;
}

/** Flags before environment before the system's usual places. */
interface Settings {
  readonly dataDir: string;
  readonly socket: string | null;
  readonly relay: string | null;
  /** Null where the command has a limit of its own. */
  readonly timeout: Seconds | null;
  /** Whether a person may be asked. */
  readonly input: boolean;
  readonly yes: boolean;
}

/** What a command gets: the machine, what was asked for globally, and how to speak. */
export interface CommandIo extends Io {
  readonly settings: Settings;
  readonly out: Output;
  readonly calendar: Calendar;
  /** The host agent; started if none runs, unless told not to. The same connection each time, closed after the command. */
  agent(options?: { readonly spawn: boolean }): Promise<AgentConnection>;
  /** Another connection in place of one that broke. */
  reconnect(): Promise<AgentConnection>;
}

/** Seconds to reach the agent. */
const CONNECT_TIMEOUT = 10;

/** Joins the machine and the global options. `close` ends the connection to the agent, if one was made. */
export function commandIo(io: Io, options: GlobalOptions): { io: CommandIo; close(): Promise<void> } {
  const { env } = io.around;
  const socket = options.agentSocket ?? (env.LEASEHOLD_AGENT_SOCKET || null);
  const settings: Settings = {
    // The agent is a process of its own with another working directory.
    dataDir: resolve(io.cwd, options.dataDir ?? dataDirectory(io.around)),
    socket: socket === null ? null : resolve(io.cwd, socket),
    relay: options.relay ?? (env.LEASEHOLD_RELAY_URL || null),
    timeout: options.timeout ?? null,
    input: options.input !== false && io.stdin.isTTY,
    yes: options.yes === true,
  };
  const manner = {
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    colour: options.color !== false,
  };
  let connection: Promise<AgentConnection> | undefined;
  let relayTime: () => number | null = () => null;
  const out = output(io.stdout, io.stderr, env, manner, () => relayTime());
  const agent = ({ spawn } = { spawn: true }): Promise<AgentConnection> => {
    const { dataDir, socket, timeout } = settings;
    connection ??= io
      .connect({
        dataDir,
        ...(socket === null ? {} : { socket }),
        spawn,
        timeout: Math.min(timeout ?? CONNECT_TIMEOUT, CONNECT_TIMEOUT),
      })
      .then((connected) => {
        relayTime = connected.relayTime;
        return connected;
      });
    return connection;
  };
  const reconnect = (): Promise<AgentConnection> => {
    connection = undefined;
    return agent();
  };
  const calendar = {
    get timeZone() {
      return io.timeZone;
    },
    get now() {
      return io.now();
    },
  };
  return {
    io: { ...io, settings, out, calendar, agent, reconnect },
    close: async () => {
      const open = await connection?.catch(() => undefined);
      await open?.close();
    },
  };
}
