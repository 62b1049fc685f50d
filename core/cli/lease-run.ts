import { basename } from 'node:path';
import { keepLease, type LeaseState } from '../agent/lease-keeping.ts';
import { leaseName } from '../agent/lease-taking.ts';
import { Fault } from '../errors.ts';
import { type Seconds, seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { AgentConnection, Child, ChildEnd } from './io.ts';
import {
  foreseeLease,
  type Grant,
  giveBack,
  keepingBy,
  type Prospect,
  takeLease,
  userOf,
  type Wish,
} from './lease-request.ts';
import { whyNotStarted } from './program-search.ts';
import { endingOf, Refusal } from './refusal.ts';

/** What `lease run` is told. */
export interface RunOptions {
  readonly feature: string;
  readonly user?: string;
  readonly tool?: string;
  readonly wait?: boolean;
  readonly onDrain: 'signal' | 'ignore';
  readonly dryRun?: boolean;
}

/** What to say when the seat is no longer simply ours. */
const WORDS: ReadonlyMap<LeaseState, string> = new Map([
  ['draining', 'is wanted back for a new version'],
  ['ended', 'has ended'],
  ['removed', 'has been removed'],
  ['idle', 'has been taken back, for it was not in use'],
]);

/** Seconds that giving the seat back may hold up the end; the agent frees it anyway when this process is gone. */
const FAREWELL: Seconds = seconds(2);

/** `lease run`: takes a seat, runs a program, gives the seat back; exit code as documented in `help exit-codes`. */
export async function runWithLease(io: CommandIo, options: Program): Promise<ExitCode> {
  const [command = '', ...args] = options.program;
  if (options.dryRun === true) return plan(io, ownWish(io, options), options.program);
  await mustStart(io, command);
  let agent: AgentConnection;
  try {
    agent = await io.agent();
  } catch (error) {
    return wrapped(io, error);
  }
  const name = leaseName(io.random);
  const signals = signalsFrom(io);
  const stops = [signals.stop];
  const child = await io.spawn(command, args, {
    LEASEHOLD_LEASE: name.id,
    LEASEHOLD_FEATURE: options.feature,
  });
  let grant: Grant;
  try {
    const wish = toolWish(io, options, child);
    grant = await Promise.race([takeLease(io, agent, wish, name), signals.interrupted]);
  } catch (error) {
    signals.stop();
    // With it goes the seat, should one have been given meanwhile.
    child.kill('SIGKILL');
    return wrapped(io, error);
  }
  const { lease } = grant;
  io.out.detail(`Lease ${lease.id} of ${lease.feature} for ${lease.user}`);
  try {
    const tell = (state: LeaseState) => {
      const words = WORDS.get(state);
      if (words === undefined) return;
      io.out.warn(`The seat of this program ${words}`);
      if (options.onDrain === 'signal') child.kill('SIGTERM');
    };
    stops.push(keepLease(keepingBy(io, tell), agent, lease).stop);
    signals.to(child);
    child.go();
    return codeOf(await child.end, command);
  } finally {
    for (const stop of stops) stop();
    await returned(io, lease.id);
  }
}

type Program = RunOptions & { readonly program: readonly string[] };

/** The seat lives as long as the program: who kills this process would otherwise free the seat of one that runs on. */
function toolWish(io: CommandIo, options: Program, { pid }: Child): Wish {
  const wish = ownWish(io, options);
  if (pid === null) return wish;
  return { ...wish, process: { ...wish.process, pid, startTime: io.startOf(pid) }, tie: 'process' };
}

function ownWish(io: CommandIo, { feature, program: [command = ''], tool, user, wait }: Program): Wish {
  return {
    feature,
    user: userOf(io, user),
    process: { tool: tool ?? basename(command), pid: io.pid, startTime: io.startOf(io.pid) },
    tie: 'connection',
    wait: wait ?? false,
  };
}

async function mustStart(io: CommandIo, command: string): Promise<void> {
  const why = await whyNotStarted(io, command);
  if (why !== null) throw notStarted(command, why);
}

async function plan(io: CommandIo, wish: Wish, program: readonly string[]): Promise<ExitCode> {
  let prospect: Prospect;
  try {
    prospect = await foreseeLease(io, wish);
  } catch (error) {
    return wrapped(io, error);
  }
  await mustStart(io, program[0] ?? '');
  const { feature, user } = wish;
  io.out.show('RunPlan', { feature, user, program, ...prospect }, () => [
    `Would ${prospect.queued ? 'wait for' : 'check out'} ${feature} for ${user}, and run ${program.join(' ')}`,
  ]);
  return EXIT.success;
}

/** Whatever went wrong, the program did not run: none of its own exit codes may say so. */
function wrapped(io: CommandIo, error: unknown): ExitCode {
  const ended = endingOf(error);
  if (ended === undefined) throw error;
  io.out.fail(ended);
  return ended.exit === EXIT.interrupted ? EXIT.interrupted : EXIT.wrapper;
}

interface Signals {
  /** Rejects with Fault INTERRUPTED at a signal that comes before there is a program to pass it on to. */
  readonly interrupted: Promise<never>;
  to(program: Child): void;
  stop(): void;
}

/** Listens from now on: a program may send to us, and who stops it may send to us, the moment that it runs. */
function signalsFrom(io: CommandIo): Signals {
  let program: Child | null = null;
  let interrupts = 0;
  let interrupt: (why: Fault) => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  interrupted.catch(() => undefined);
  const stop = io.onPassedSignal((signal) => {
    const isForProgram = signal === 'SIGUSR1' || signal === 'SIGUSR2';
    if (program === null) return isForProgram ? undefined : interrupt(new Fault('INTERRUPTED'));
    // A terminal sends its Ctrl-\ to the program as well.
    if (signal === 'SIGQUIT' && io.stdin.isTTY) return;
    if (signal !== 'SIGINT') return program.kill(signal);
    interrupts++;
    if (interrupts > 1) return program.kill('SIGKILL');
    // A terminal sends its Ctrl-C to the program as well; a second one would end programs that ask first.
    if (!io.stdin.isTTY) program.kill('SIGINT');
  });
  const to = (child: Child) => {
    program = child;
  };
  return { interrupted, to, stop };
}

function codeOf(end: ChildEnd, command: string): ExitCode {
  switch (end.kind) {
    case 'exited':
      return end.code;
    case 'signalled':
      return 128 + end.number;
    case 'not-started':
      throw notStarted(command, end.why);
  }
}

function notStarted(command: string, why: 'not-found' | 'not-executable'): Refusal {
  return why === 'not-found'
    ? new Refusal('COMMAND_NOT_FOUND', `there is no program ${command}`)
    : new Refusal('COMMAND_NOT_EXECUTABLE', `${command} cannot be executed`);
}

async function returned(io: CommandIo, lease: string): Promise<void> {
  let cancel = () => {};
  const cap = new Promise<'late'>((resolve) => {
    cancel = io.after(FAREWELL, () => resolve('late'));
  });
  // The exit code belongs to the program; a seat that could not be given back is freed with this process.
  const outcome = await Promise.race([
    io
      .agent()
      .then((agent) => giveBack(agent, lease, null))
      .then(
        () => 'returned' as const,
        () => 'failed' as const,
      ),
    cap,
  ]);
  cancel();
  if (outcome !== 'returned') io.out.warn('The seat could not be given back; the agent frees it by itself');
}
