import type { Command } from 'commander';
import { makeProgram } from '../../core/cli/program.ts';
import { fakeIo } from './fake-io.ts';

/** Every command that can be run, by its path from the top, such as `lease list`. */
export const COMMANDS: readonly (readonly [path: string, command: Command])[] = leaves(
  makeProgram(fakeIo()).program,
);

/** Commands that change nothing. What is hidden is for shells, which read lines. */
export const READING: readonly string[] = [
  'status',
  'doctor',
  'time status',
  'time report',
  'time attest',
  'time verify',
  'agent status',
  'agent logs',
  'lease list',
  'lease check',
  'report usage',
  'report peaks',
  'report denials',
  'seats list',
  'seats explain',
  'reread',
  'registry list',
  'registry show',
  'registry find',
  'registry export',
  'registry validate',
  'registry schema',
  'registry grant list',
  'registry grant show',
  'draft status',
  'draft diff',
  'config preview',
  'config show',
  'config diff',
  'config log',
  'config verify',
  'rollout status',
  'rollout watch',
  'rollout wait',
  'rollout why',
  'identity show',
  'help',
  'completion',
  '__complete',
];

function leaves(command: Command, path: readonly string[] = []): readonly [string, Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]];
  return command.commands.flatMap((below) => leaves(below, [...path, below.name()]));
}
