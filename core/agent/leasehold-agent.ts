#!/usr/bin/env node
import './small-heap.ts';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { logSink } from '../adapters/log-sink.ts';
import { dataDirectory, stateDirectory } from '../adapters/paths.ts';
import { Fault, isFault } from '../errors.ts';
import { readAgentFile } from './agent-file.ts';
import { startAgent } from './lifecycle.ts';
import { startReporter } from './start-report.ts';
import { currentSurroundings } from './surroundings.ts';

/** Exit codes: those of sysexits(3) where it has one. 75 asks a supervisor to try again. */
const EXIT = { success: 0, failure: 1, usage: 64, notAMember: 78, locked: 75 } as const;

const USAGE = `Usage: leasehold-agent [--data-dir DIR] [--agent-socket PATH] [--idle SECONDS] [--grace SECONDS]
Runs the key manager of this host. --idle 0 (or LEASEHOLD_AGENT_IDLE=0) keeps it running, as a service.
LEASEHOLD_DATA_DIR and LEASEHOLD_AGENT_SOCKET stand for --data-dir and --agent-socket.
The passphrase of a protected key is read from the file that LEASEHOLD_PASSPHRASE_FILE names.
`;

const STDOUT = 1;
const TEN_MINUTES = 600;
const ONE_MINUTE = 60;
const FIRST_CLIENT = 2;

async function main(): Promise<number> {
  const reporter = startReporter(process.env);
  const level = process.env.LEASEHOLD_LOG ?? 'info';
  const log = pino({ level, base: { pid: process.pid } }, logSink(STDOUT));
  let failure: unknown = null;
  let isStopping = false;
  const given = readArguments();
  if (given === null) {
    process.stderr.write(USAGE);
    return EXIT.usage;
  }
  const around = currentSurroundings();
  try {
    const agent = await startAgent({
      ...{ dataDir: given.dataDir ?? dataDirectory(around), stateDir: stateDirectory(around), around },
      ...(given.socket === undefined ? {} : { socket: given.socket }),
      mode: given.idle === 0 ? 'service' : 'on-demand',
      idle: { after: 1000 * given.idle, grace: 1000 * given.grace },
      passphrase: await readPassphrase(process.env.LEASEHOLD_PASSPHRASE_FILE),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      note: (event, detail) => {
        log.info({ event, ...errorsAsText(detail) });
        if (event === 'waiting') reporter.waits('STORE_LOCKED');
        if (event === 'stopping') isStopping = true;
        // What fails while it stops is not why it stops.
        if (event === 'failed' && !isStopping) failure = (detail as { readonly error?: unknown }).error;
      },
    });
    if (agent === null) {
      await sayServed(given.dataDir ?? dataDirectory(around));
      return EXIT.success;
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void agent.stop('asked'));
    const reason = await agent.stopped;
    if (reason === 'failed') reporter.ends(failure);
    return reason === 'failed' ? EXIT.failure : EXIT.success;
  } catch (error) {
    log.error({ event: 'not-started', ...errorsAsText({ error }) });
    reporter.ends(error);
    if (isFault(error, 'STORE_LOCKED')) return EXIT.locked;
    return isFault(error, 'NOT_A_MEMBER') ? EXIT.notAMember : EXIT.failure;
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        'data-dir': { type: 'string' },
        socket: { type: 'string' },
        'agent-socket': { type: 'string' },
        idle: { type: 'string' },
        grace: { type: 'string' },
      },
    });
    const idle = Number(values.idle ?? (process.env.LEASEHOLD_AGENT_IDLE || defaultIdle()));
    const grace = Number(values.grace ?? FIRST_CLIENT);
    if (!(idle >= 0) || !(grace >= 0)) return null;
    const named = values['agent-socket'] ?? values.socket;
    const socket = named ?? (process.env.LEASEHOLD_AGENT_SOCKET || undefined);
    return { dataDir: values['data-dir'], socket, idle, grace };
  } catch {
    return null;
  }
}

async function sayServed(dataDir: string): Promise<void> {
  const pid = (await readAgentFile(dataDir))?.pid;
  process.stderr.write(`an agent${pid === undefined ? '' : ` (pid ${pid})`} serves ${dataDir} already\n`);
}

/** On Windows a process of the editor's program keeps the editor from being updated, so it does not stay long. */
function defaultIdle(): number {
  return process.platform === 'win32' && process.versions.electron !== undefined ? ONE_MINUTE : TEN_MINUTES;
}

async function readPassphrase(path: string | undefined): Promise<string | null> {
  if (path === undefined || path === '') return null;
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', { detail: path, cause });
  }
}

/** An error as its fault code and message; the stack only for what is a bug. */
function errorsAsText(detail: unknown): Record<string, unknown> {
  const { error, ...rest } = { ...(detail as Record<string, unknown>) };
  if (error === undefined) return rest;
  if (isFault(error)) return { ...rest, fault: error.code, error: error.message };
  return { ...rest, error: error instanceof Error ? error.stack : String(error) };
}

void main().then((code) => {
  process.exitCode = code;
});
