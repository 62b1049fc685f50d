import { dataPaths } from '../agent/data-directory.ts';
import { Fault } from '../errors.ts';
import { mustBeAtRest, runningAgent, stopRunningAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Refusal } from './refusal.ts';

/** `agent start`: starts it if it does not run, and says which it is. */
export async function startAgent(io: CommandIo, options: { readonly dryRun?: boolean }): Promise<ExitCode> {
  if (options.dryRun === true) {
    const running = (await runningAgent(io)) !== null;
    io.out.show('AgentPlan', { running }, () => [
      running ? 'It runs already' : `Would start the agent of ${io.settings.dataDir}`,
    ]);
    return EXIT.success;
  }
  return show(io, '✓');
}

/** `agent status`: whether it runs; exit code 9 if not. */
export async function agentStatus(io: CommandIo): Promise<ExitCode> {
  if ((await runningAgent(io)) === null) {
    await mustBeAtRest(io);
    io.out.show('Agent', { running: false }, () => [`Not running for ${io.settings.dataDir}`]);
    return EXIT.agent;
  }
  return show(io, '');
}

/** `agent stop`: stops it unless it has leases; `force` stops it though it has. */
export async function stopAgent(
  io: CommandIo,
  options: { readonly force?: boolean; readonly dryRun?: boolean },
): Promise<ExitCode> {
  if (options.dryRun === true) {
    const agent = await runningAgent(io);
    if (agent === null) await mustBeAtRest(io);
    const leases = agent === null ? [] : await agent.request('leases', {});
    io.out.show('AgentPlan', { running: agent !== null, leases: leases.length }, () => [
      agent === null ? 'It does not run' : `Would stop it, with ${counted(leases.length, 'lease')} open`,
    ]);
    return EXIT.success;
  }
  const stopped = await stopRunningAgent(io, options.force === true);
  if (!stopped) await mustBeAtRest(io);
  io.out.show('Agent', { running: false, stopped }, () => [
    stopped ? `${io.out.tone('✓', 'green')} Stopping` : 'It did not run',
  ]);
  return EXIT.success;
}

/** What `agent logs` is told. */
export interface LogOptions {
  readonly follow?: boolean;
  readonly lines: number;
}

/** `agent logs`: the end of its log, and with --follow what comes after, until interrupted. */
export async function agentLogs(io: CommandIo, options: LogOptions): Promise<ExitCode> {
  const path = dataPaths(io.settings.dataDir).log;
  if (!(await io.files.exists(path))) {
    throw new Refusal(
      'NOT_FOUND',
      `there is no log at ${path}`,
      'the agent has not run here: leasehold agent start',
    );
  }
  if (options.follow !== true) {
    const text = (await io.files.read(path)).trimEnd();
    const lines = options.lines === 0 || text === '' ? [] : text.split('\n').slice(-options.lines);
    io.out.list('AgentLog', lines.map(entryOf), () => lines);
    return EXIT.success;
  }
  const stop = await io.files.follow(
    path,
    options.lines,
    linesOf((line) => tellLine(io, line)),
  );
  await new Promise<void>((resolve) => {
    const quiet = io.onSignal(() => {
      quiet();
      resolve();
    });
  });
  stop();
  throw new Fault('INTERRUPTED');
}

function tellLine(io: CommandIo, line: string): void {
  io.out.piece('AgentLogEntry', entryOf(line), () => [line]);
}

/** A line of the log as the fields that the agent wrote; what a crash left there has none. */
function entryOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { text: line };
  }
}

/** Tells of whole lines, however the text is cut. */
function linesOf(tell: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  };
}

async function show(io: CommandIo, sign: '✓' | ''): Promise<ExitCode> {
  const agent = await io.agent();
  const { agent: about } = await agent.request('status', {});
  io.out.show('Agent', { running: true, ...about }, () => [
    `${sign === '' ? '' : `${io.out.tone(sign, 'green')} `}Running, pid ${about.pid}, version ${about.version}, ` +
      `${counted(about.clients, 'client')}, ${about.mode}`,
  ]);
  return EXIT.success;
}
