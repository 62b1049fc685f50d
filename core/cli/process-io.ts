import { homedir, tmpdir } from 'node:os';
import type { WriteStream } from 'node:tty';
import { processState } from '../adapters/process-probe.ts';
import { systemRandom } from '../adapters/random.ts';
import { loginName } from '../agent/user-name.ts';
import { Fault } from '../errors.ts';
import { seconds } from '../units.ts';
import type { Io, PassedSignal, Sink, StopSignal } from './io.ts';
import { systemFiles } from './system-files.ts';

const STOPS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PASSED: readonly PassedSignal[] = [...STOPS, 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/** This process, its terminal and its machine; `agentMain` is the program that starts an agent, if not the usual one. */
export function processIo(options: { readonly agentMain?: string } = {}): Io {
  const { env, platform } = process;
  const uid = process.getuid?.() ?? null;
  return {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin: {
      get isTTY() {
        return process.stdin.isTTY === true;
      },
      text: async () => (await import('node:stream/consumers')).text(process.stdin),
      ask: async (question) => {
        const { createInterface } = await import('node:readline/promises');
        const terminal = createInterface({ input: process.stdin, output: process.stderr });
        try {
          return await terminal.question(question);
        } catch (cause) {
          // Control-C at the question is an answer, not a mistake of ours.
          throw new Fault('INTERRUPTED', { cause });
        } finally {
          terminal.close();
        }
      },
    },
    cwd: process.cwd(),
    around: { platform, env, homedir: homedir(), uid, tmpdir: tmpdir() },
    // Asked for by few commands, and a fifth of the time that `--help` takes.
    get timeZone() {
      return Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
    login: loginName(),
    files: systemFiles,
    pid: process.pid,
    parent: process.ppid,
    random: systemRandom,
    now: () => seconds(Date.now() / 1000),
    after: (span, then) => {
      const timer = setTimeout(then, span * 1000);
      return () => clearTimeout(timer);
    },
    onSignal: (listener) => hearing(STOPS, listener),
    onPassedSignal: (listener) => hearing(PASSED, listener),
    isRunning: (pid) => processState(pid).alive,
    holderOf: async (dataDir) => (await import('../agent/lock.ts')).lockHolder(dataDir),
    startOf: (pid) => processState(pid).start,
    spawn: async (...given) => (await import('./child.ts')).spawnChild(...given),
    setClock: async (instant) => (await import('./set-clock.ts')).setSystemClock(platform, instant),
    knock: async (door, timeout) => (await import('./knock.ts')).knock(door, timeout),
    connect: async (wanted) => {
      const { connectAgent } = await import('../agent/client.ts');
      return connectAgent({ ...wanted, ...options, client: 'leasehold', leases: 'own' });
    },
  };
}

function hearing<S extends NodeJS.Signals>(signals: readonly S[], listener: (signal: S) => void): () => void {
  const told = (signal: NodeJS.Signals) => listener(signal as S);
  for (const signal of signals) process.on(signal, told);
  return () => {
    for (const signal of signals) process.off(signal, told);
  };
}

function sinkOf(stream: WriteStream): Sink {
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (piece) => void stream.write(piece),
  };
}
