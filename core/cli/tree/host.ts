import type { Command } from 'commander';
import type { LogOptions } from '../agent.ts';
import type { StatusOptions } from '../status.ts';
import { type Bind, count, DRY_RUN } from './binding.ts';

/** This host: its state, its agent, and what helps when something is wrong. */
export function addHostCommands(program: Command, bind: Bind): void {
  program
    .command('status')
    .helpGroup('This host:')
    .summary('everything that matters, on one screen')
    .option('-a, --all', 'also who uses what on every host, who waits, and how old that is')
    .action(
      bind(async (options: StatusOptions) => {
        const { status } = await import('../status.ts');
        return (io) => status(io, options);
      }),
    );
  program
    .command('doctor')
    .helpGroup('This host:')
    .summary('look for what is wrong, and say how to put it right')
    .action(
      bind(async () => {
        const { doctor } = await import('../doctor.ts');
        return (io) => doctor(io);
      }),
    );
  addTime(program, bind);
  addAgent(program, bind);
}

function addTime(program: Command, bind: Bind): void {
  const time = program.command('time').helpGroup('This host:').summary('signed time');
  time
    .command('status')
    .summary('what is known of the present, from whom, and how far the local clock is off')
    .action(
      bind(async () => {
        const { timeStatus } = await import('../time.ts');
        return (io) => timeStatus(io);
      }),
    );
  time
    .command('report')
    .summary('the proof that a relay lies about time, if there is one, in the form of RFC 10049')
    .action(
      bind(async () => {
        const { timeReport } = await import('../time-files.ts');
        return (io) => timeReport(io);
      }),
    );
  time
    .command('attest')
    .summary('a signed statement of the present, to carry to where no relay reaches')
    .option('--for <whom>', 'for whom it is, in your words')
    .action(
      bind(async (options: { for?: string }) => {
        const { attestTime } = await import('../time-files.ts');
        return (io) => attestTime(io, options);
      }),
    );
  time
    .command('verify')
    .summary('what such a proof or statement is worth, by the keys of this realm')
    .argument('<file>', 'what report or attest has written')
    .option('--import', 'also take in the times of a statement: they are past')
    .action(
      bind(async (file: string, options: { import?: boolean }) => {
        const { verifyTimeFile } = await import('../time-files.ts');
        return (io) => verifyTimeFile(io, { file, ...options });
      }),
    );
  time
    .command('set-clock')
    .summary('set the clock of this machine to what signed time says')
    .option(...DRY_RUN)
    .action(
      bind(async (options: { dryRun?: boolean }) => {
        const { setClock } = await import('../time.ts');
        return (io) => setClock(io, options);
      }),
    );
}

function addAgent(program: Command, bind: Bind): void {
  const agent = program
    .command('agent')
    .helpGroup('This host:')
    .summary('the process that runs the key manager');
  agent
    .command('start')
    .summary('start it if it does not run')
    .option(...DRY_RUN)
    .action(
      bind(async (options: { dryRun?: boolean }) => {
        const { startAgent } = await import('../agent.ts');
        return (io) => startAgent(io, options);
      }),
    );
  agent
    .command('stop')
    .summary('stop it when no lease is open')
    .option('--force', 'stop it though leases are open; they stay, and are freed when their tools are gone')
    .option(...DRY_RUN)
    .action(
      bind(async (options: { force?: boolean; dryRun?: boolean }) => {
        const { stopAgent } = await import('../agent.ts');
        return (io) => stopAgent(io, options);
      }),
    );
  agent
    .command('status')
    .summary('whether it runs')
    .action(
      bind(async () => {
        const { agentStatus } = await import('../agent.ts');
        return (io) => agentStatus(io);
      }),
    );
  agent
    .command('logs')
    .summary('what it has written down')
    .option('-f, --follow', 'go on until interrupted')
    .option('--lines <n>', 'how many of the last lines', count, 100)
    .action(
      bind(async (options: LogOptions) => {
        const { agentLogs } = await import('../agent.ts');
        return (io) => agentLogs(io, options);
      }),
    );
}
