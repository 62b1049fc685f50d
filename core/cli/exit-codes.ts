import type { CommandReason } from '../engine/effect.ts';
import type { FaultCode } from '../errors.ts';

/** What the process says when it ends. Numbers are never reused for another meaning. */
export const EXIT = {
  success: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  notAuthorised: 4,
  conflict: 5,
  noSeat: 6,
  notEntitled: 7,
  verification: 8,
  agent: 9,
  relay: 10,
  time: 11,
  timedOut: 12,
  refused: 13,
  wrapper: 125,
  notExecutable: 126,
  commandNotFound: 127,
  interrupted: 130,
} as const;

/** An exit code: one of the table, or that of a wrapped program. */
export type ExitCode = number;

/** The meaning of each code, as `leasehold help exit-codes` shows it. */
export const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  success: 'success',
  failure: 'other failure',
  usage: 'usage error',
  notFound: 'not found',
  notAuthorised: 'not authorised, or identity locked',
  conflict: 'conflict: the base moved, or --expect does not match',
  noSeat: 'no seat is free',
  notEntitled: 'not entitled, or expired',
  verification: 'verification failed: signature, hash or chain',
  agent: 'host agent unavailable',
  relay: 'relay unreachable and nothing valid cached',
  time: 'time not trusted',
  timedOut: 'timed out',
  refused: 'refused by policy or quorum',
  wrapper: 'lease run: leasehold failed (otherwise the code of the program, 128+n on signal n)',
  notExecutable: 'lease run: the program cannot be executed',
  commandNotFound: 'lease run: the program is not found',
  interrupted: 'interrupted',
};

interface Ending {
  readonly exit: keyof typeof EXIT;
  /** The next step for the user; null where the message says it. */
  readonly hint: string | null;
}

/** How each fault ends a command. */
export const FAULT_ENDINGS = {
  STORE_LOCKED: { exit: 'agent', hint: 'stop the agent that holds it: leasehold agent stop' },
  STORE_UNWRITABLE: { exit: 'failure', hint: 'check the owner and the mode of the data directory' },
  STORE_CORRUPT: { exit: 'verification', hint: 'restore nothing: leave and join again under a new key' },
  STORE_NEWER: { exit: 'failure', hint: 'install the newer leasehold that wrote it' },
  STORE_FAILED: { exit: 'failure', hint: 'leasehold doctor looks at the disk' },
  DISK_FULL: { exit: 'failure', hint: 'free space on the disk of the data directory' },
  SOCKET_PATH_TOO_LONG: { exit: 'agent', hint: 'set a shorter XDG_RUNTIME_DIR or --agent-socket' },
  SOCKET_UNSAFE: { exit: 'agent', hint: 'remove that directory, or name another with --agent-socket' },
  AGENT_UNAVAILABLE: { exit: 'agent', hint: 'leasehold agent start, then leasehold doctor' },
  AGENT_PROTOCOL: { exit: 'agent', hint: 'restart it when no lease is open: leasehold agent stop' },
  RELAY_UNREACHABLE: { exit: 'relay', hint: 'leasehold doctor tells which relay and why' },
  RELAY_REFUSED: { exit: 'notAuthorised', hint: 'ask the relay operator whether it serves this realm' },
  NOT_A_MEMBER: { exit: 'notAuthorised', hint: 'begin with leasehold init, or leasehold join INVITATION' },
  IDENTITY_LOCKED: { exit: 'notAuthorised', hint: 'name a file with the passphrase: --passphrase-file FILE' },
  IDENTITY_STALE: { exit: 'notAuthorised', hint: 'ask for an invitation, then leasehold identity rotate' },
  FILE_UNREADABLE: { exit: 'notFound', hint: null },
  TIMED_OUT: { exit: 'timedOut', hint: 'give it longer with --timeout' },
  INTERRUPTED: { exit: 'interrupted', hint: null },
} as const satisfies Record<FaultCode, Ending>;

/** How each refusal of the agent ends a command. */
export const DENIAL_ENDINGS = {} as Record<CommandReason, Ending>;

/** Refusals that the command line gives itself. */
export const REFUSAL_ENDINGS = {
  USAGE: { exit: 'usage', hint: null },
  CONFIRMATION_NEEDED: { exit: 'usage', hint: null },
  NOT_FOUND: { exit: 'notFound', hint: null },
  INVALID_FILE: { exit: 'failure', hint: null },
  INVALID_REGISTRY: { exit: 'refused', hint: 'leasehold draft status lists what is wrong' },
  CONFLICT: { exit: 'conflict', hint: null },
  VERIFICATION_FAILED: { exit: 'verification', hint: null },
  REFUSED: { exit: 'refused', hint: null },
  BUSY: { exit: 'conflict', hint: null },
  UNHEALTHY: { exit: 'failure', hint: null },
  COMMAND_NOT_FOUND: { exit: 'commandNotFound', hint: null },
  COMMAND_NOT_EXECUTABLE: { exit: 'notExecutable', hint: null },
} as const satisfies Record<string, Ending>;

/** The codes of refusals that the command line gives itself. */
export type RefusalCode = keyof typeof REFUSAL_ENDINGS;
