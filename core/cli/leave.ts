import { readRealmFile } from '../agent/realm-file.ts';
import { leaveRealm } from '../agent/realm-setup.ts';
import { Fault } from '../errors.ts';
import { mustBeIdle, onceUnlocked, stopRunningAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { confirmByName, mustBeName } from './prompt.ts';
import { Denied } from './refusal.ts';

/** What `leave` is told. */
export interface LeaveOptions {
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `leave`: stops the agent and deletes the keys and records of this machine. */
export async function leave(io: CommandIo, options: LeaveOptions): Promise<ExitCode> {
  const { dataDir } = io.settings;
  const file = await readRealmFile(dataDir);
  if (file === null) throw new Fault('NOT_A_MEMBER', { detail: dataDir });
  const { principal, realm } = file;
  if (options.dryRun === true) {
    mustBeName(principal, options.confirm);
    await mustBeIdle(io);
    io.out.show('LeavePlan', { realm, host: principal, dataDir }, () => [
      `Would delete the keys and records of ${principal} in ${dataDir}`,
    ]);
    return EXIT.success;
  }
  await confirmByName(
    io,
    `Delete the keys and records of ${principal} in ${dataDir} for good?`,
    principal,
    options.confirm,
  );
  await stopRunningAgent(io, false);
  const left = await onceUnlocked(io, () => leaveRealm(dataDir));
  if (!left.ok) throw new Denied(left.reason, left.detail);
  io.out.show('Left', { realm, host: principal, dataDir }, () => [
    `${io.out.tone('✓', 'green')} Left ${realm}: ${principal} can sign nothing from here any more`,
  ]);
  io.out.note(`It stays a member until an issuer removes it: leasehold registry remove hosts/${principal}`);
  return EXIT.success;
}
