import type {
  Child,
  ChildEnd,
  ConnectOptions,
  Io,
  PassedSignal,
  Place,
  StopSignal,
} from '../../core/cli/io.ts';
import type { Door, Knock } from '../../core/cli/knock.ts';
import { main } from '../../core/cli/main.ts';
import { Fault } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import { type FakeAgent, fakeAgent } from './fake-agent.ts';

/** What a test can set about the machine that a command sees. */
export interface Setting {
  /** The agent that is reached, or several for one connection after the other. */
  readonly agent?: FakeAgent | Fault | readonly (FakeAgent | Fault)[];
  readonly tty?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly places?: Readonly<Record<string, Place>>;
  readonly stdin?: string;
  readonly answers?: readonly string[];
  readonly child?: ChildEnd | 'runs';
  /** The process of a program that is held back; null where none can be. */
  readonly pid?: number | null;
  /** Signals that come from a program the moment that it runs. */
  readonly sentAtOnce?: readonly PassedSignal[];
  readonly knock?: Knock;
  /** The fault that a write to the data directory meets. */
  readonly trial?: Fault;
  readonly dataDir?: string;
  readonly login?: string | null;
  /** Who holds the data directory. */
  readonly holder?: { readonly pid: number | null };
  /** Processes that have ended. */
  readonly gone?: readonly number[];
}

/** A command line run on a machine of a test's making, and the levers to move that machine. */
interface FakeIo extends Io {
  readonly out: string[];
  readonly err: string[];
  readonly written: Map<string, { text: string; secret: boolean }>;
  readonly timers: { span: number; fire(): void }[];
  readonly connected: ConnectOptions[];
  /** Programs that run: those that are held back are not among them. */
  readonly spawned: { command: string; args: readonly string[]; env: Readonly<Record<string, string>> }[];
  readonly killed: string[];
  readonly questions: string[];
  readonly knocked: Door[];
  /** Instants to which the clock was set. */
  readonly clockSet: number[];
  signal(signal: PassedSignal): void;
  endChild(end: ChildEnd): void;
}

/** The present of every test: 2030-03-17 17:46:40 UTC. */
export const NOW = 1_900_000_000;

/** The one directory that is always there. */
const ROOT: Place = { real: '/', mode: 0o755, uid: 1000, fileSystem: null, freeBytes: null };

/** Makes the machine. */
export function fakeIo(setting: Setting = {}): FakeIo {
  const { columns = 80, tty = false } = setting;
  const out: string[] = [];
  const err: string[] = [];
  const written: FakeIo['written'] = new Map();
  const timers: FakeIo['timers'] = [];
  const connected: ConnectOptions[] = [];
  const spawned: FakeIo['spawned'] = [];
  const killed: string[] = [];
  const questions: string[] = [];
  const knocked: Door[] = [];
  const clockSet: number[] = [];
  const signals = new Set<(signal: PassedSignal) => void>();
  const stops = new Set<(signal: StopSignal) => void>();
  const hear = (signal: PassedSignal) => {
    for (const listener of [...signals]) listener(signal);
    if (signal !== 'SIGQUIT' && signal !== 'SIGUSR1' && signal !== 'SIGUSR2')
      for (const listener of [...stops]) listener(signal);
  };
  const answers = [...(setting.answers ?? [])];
  let drawn = 0;
  let endChild: (end: ChildEnd) => void = () => undefined;
  const sink = (pieces: string[]) => ({
    isTTY: tty,
    columns,
    write: (text: string) => void pieces.push(text),
  });
  return {
    out,
    err,
    written,
    timers,
    connected,
    spawned,
    killed,
    questions,
    knocked,
    clockSet,
    signal: hear,
    endChild: (end) => endChild(end),
    stdout: sink(out),
    stderr: sink(err),
    stdin: {
      isTTY: tty,
      text: async () => setting.stdin ?? '',
      ask: async (question) => {
        questions.push(question);
        return answers.shift() ?? '';
      },
    },
    cwd: '/home/ada',
    around: {
      platform: 'linux',
      env: { USER: 'ana', LEASEHOLD_DATA_DIR: setting.dataDir ?? '/data', ...setting.env },
      homedir: '/home/ana',
      uid: 1000,
      tmpdir: '/tmp',
    },
    timeZone: 'UTC',
    login: setting.login ?? null,
    files: {
      read: async (path) => {
        const text = setting.files?.[path];
        if (text === undefined) throw new Fault('FILE_UNREADABLE', { detail: `there is no ${path}` });
        return text;
      },
      write: async (path, text, { secret }) => void written.set(path, { text, secret }),
      remove: async (path) => void written.delete(path),
      exists: async (path) => setting.files?.[path] !== undefined,
      isEmpty: async (path) => setting.files?.[path] === '',
      look: async (path) => setting.places?.[path] ?? (path === '/' || path === '.' ? ROOT : null),
      tryOut: async () => setting.trial ?? null,
      follow: async (path, _lines, tell) => {
        tell(setting.files?.[path] ?? '');
        return () => undefined;
      },
    },
    pid: 900,
    parent: 800,
    random: { bytes: (length) => new Uint8Array(length).fill(++drawn) },
    now: () => seconds(NOW),
    after: (span, then) => {
      const timer = { span, fire: then };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    onSignal: (listener) => {
      stops.add(listener);
      return () => void stops.delete(listener);
    },
    onPassedSignal: (listener) => {
      signals.add(listener);
      return () => void signals.delete(listener);
    },
    isRunning: (pid) => setting.gone?.includes(pid) !== true,
    holderOf: async () => setting.holder ?? null,
    startOf: (pid) => `boot:${pid}`,
    spawn: async (command, args, env): Promise<Child> => {
      const end = new Promise<ChildEnd>((resolve) => {
        endChild = resolve;
      });
      const go = () => {
        spawned.push({ command, args, env });
        if (setting.child !== 'runs') endChild(setting.child ?? { kind: 'exited', code: 0 });
        for (const signal of setting.sentAtOnce ?? []) hear(signal);
      };
      return {
        ...{ pid: setting.pid === undefined ? 901 : setting.pid, end, go },
        kill: (signal) => void killed.push(signal),
      };
    },
    setClock: async (instant) => void clockSet.push(instant),
    knock: async (door) => {
      knocked.push(door);
      return setting.knock ?? { kind: 'answers' };
    },
    connect: async (options) => {
      connected.push(options);
      const given = setting.agent ?? fakeAgent();
      const all = Array.isArray(given) ? given : [given];
      const agent: FakeAgent | Fault = all[Math.min(connected.length, all.length) - 1];
      if (agent instanceof Fault) throw agent;
      return agent;
    },
  };
}

/** How a command line went. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly io: FakeIo;
}

/** Runs a command line, given as words or as a text to be split at spaces. */
export async function run(line: string | readonly string[], setting: Setting = {}): Promise<Ran> {
  const io = fakeIo(setting);
  return ran(io, main(typeof line === 'string' ? line.split(' ') : line, io));
}

/** The outcome of a command line that was started on a machine. */
export async function ran(io: FakeIo, code: Promise<number>): Promise<Ran> {
  return { code: await code, out: io.out.join(''), err: io.err.join(''), io };
}

/** Lets everything that is ready go on, until a condition holds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200_000; turn++) {
    if (holds()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error('what was waited for did not come');
}
