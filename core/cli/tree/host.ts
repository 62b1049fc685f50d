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
  program
    .command('time')
    .helpGroup('This host:')
    .summary('signed time')
    .command('status')
    .summary('what is known of the present, from whom, and how far the local clock is off')
    .action(
      bind(async () => {
        const { timeStatus } = await import('../time.ts');
        return (io) => timeStatus(io);
      }),
    );
  addAgent(program, bind);
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
