import type { SetupReason } from '../agent/realm-setup.ts';
import type { RequestReason } from '../agent/request-error.ts';
import type { CommandReason } from '../engine/effect.ts';
import type { FaultCode } from '../errors.ts';
import type { LicenceReason } from '../state/grant-import.ts';

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

/** How something ends a command. */
export interface Ending {
  readonly exit: keyof typeof EXIT;
  /** The next step for the user; null where the message says it. */
  readonly hint: string | null;
}

/** How each fault ends a command. */
export const FAULT_ENDINGS = {
  STORE_LOCKED: { exit: 'agent', hint: 'leasehold agent stop ends it, or says why it cannot' },
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
  LISTEN_FAILED: { exit: 'failure', hint: 'name another address, or end what listens there' },
  NOT_A_MEMBER: { exit: 'notAuthorised', hint: 'begin with leasehold init, or leasehold join INVITATION' },
  IDENTITY_LOCKED: { exit: 'notAuthorised', hint: 'name a file with the passphrase: --passphrase-file FILE' },
  IDENTITY_STALE: { exit: 'notAuthorised', hint: 'ask for an invitation, then leasehold identity rotate' },
  FILE_UNREADABLE: { exit: 'notFound', hint: null },
  TIMED_OUT: { exit: 'timedOut', hint: 'give it longer with --timeout' },
  INTERRUPTED: { exit: 'interrupted', hint: null },
} as const satisfies Record<FaultCode, Ending>;

const FOLLOW = 'leasehold rollout why tells what it waits for';
const ASK_ISSUER = 'ask an issuer: leasehold registry find issuer shows who is one, host or person';

/** How each refusal of the agent ends a command. */
export const DENIAL_ENDINGS = {
  'no-configuration': { exit: 'notEntitled', hint: 'this host has applied no version yet: leasehold status' },
  // As for whom no rule lets in, so that scripts find the three answers of `lease check` and no other.
  'unknown-feature': { exit: 'notEntitled', hint: 'leasehold registry list features shows them' },
  'unknown-user': { exit: 'notEntitled', hint: 'name a person of the registry: --user ID' },
  'user-not-entitled': { exit: 'notEntitled', hint: 'leasehold registry find shows the rules' },
  'host-not-entitled': { exit: 'notEntitled', hint: 'leasehold registry find shows the rules' },
  'no-period': {
    exit: 'notEntitled',
    hint: 'add one: leasehold registry add periods/ID feature=… from=… until=…, or days=N from set-up',
  },
  'not-set-up': { exit: 'time', hint: 'reach a relay once: leasehold status says when it is in step' },
  'not-started': { exit: 'notEntitled', hint: null },
  expired: {
    exit: 'notEntitled',
    hint: 'a new version with a later end helps: leasehold registry list periods',
  },
  'offline-too-long': { exit: 'time', hint: 'reach a relay once: leasehold time status' },
  restricted: { exit: 'notEntitled', hint: ASK_ISSUER },
  draining: { exit: 'refused', hint: 'add --wait to queue until the new version is applied' },
  'limit-reached': {
    exit: 'noSeat',
    hint: 'add --wait to queue; a rule sets the limit: leasehold registry list rules',
  },
  reserved: { exit: 'noSeat', hint: 'add --wait to queue; a rule keeps them: leasehold registry list rules' },
  'no-seat': { exit: 'noSeat', hint: 'add --wait to queue; leasehold lease list shows who has them' },
  'time-unknown': { exit: 'time', hint: 'reach a relay once: leasehold time status' },
  'between-terms': { exit: 'time', hint: 'a term ends; add --wait, or try again shortly' },
  'no-term': { exit: 'refused', hint: 'the voters have not opened this term: leasehold doctor' },
  'version-behind': { exit: 'refused', hint: FOLLOW },
  'unknown-class': { exit: 'notEntitled', hint: ASK_ISSUER },
  'not-a-member': {
    exit: 'notAuthorised',
    hint: 'this host becomes a member with the next version: leasehold status',
  },
  'not-an-issuer': { exit: 'notAuthorised', hint: ASK_ISSUER },
  'not-an-editor': { exit: 'notAuthorised', hint: ASK_ISSUER },
  'not-found': { exit: 'notFound', hint: null },
  conflict: { exit: 'conflict', hint: 'look again, then repeat: leasehold config log' },
  'nothing-to-publish': { exit: 'refused', hint: 'the draft is the newest version: leasehold draft status' },
  'invalid-registry': { exit: 'refused', hint: 'leasehold draft status lists what is wrong' },
  'undecided-version': { exit: 'conflict', hint: FOLLOW },
  'already-signed': { exit: 'conflict', hint: FOLLOW },
  'log-id-taken': { exit: 'conflict', hint: 'run the same command again: it draws another' },
  malformed: { exit: 'usage', hint: null },
  'wrong-secret': { exit: 'notAuthorised', hint: null },
  superseded: { exit: 'conflict', hint: 'leasehold config log shows what took its place' },
  'slot-taken': { exit: 'conflict', hint: FOLLOW },
  'not-next-undecided': { exit: 'conflict', hint: FOLLOW },
  'not-compared': { exit: 'relay', hint: 'try again when leasehold status says in step' },
  'identity-stale': { exit: 'notAuthorised', hint: 'ask for an invitation, then leasehold identity rotate' },
} as const satisfies Record<CommandReason, Ending>;

const COPY_AGAIN = { exit: 'failure', hint: 'copy it again, as a whole' } as const;

/** How each reason to leave a data directory as it is ends a command. */
export const SETUP_ENDINGS = {
  'already-a-member': { exit: 'conflict', hint: 'use another --data-dir, or leasehold leave first' },
  'not-empty': { exit: 'conflict', hint: 'use another --data-dir' },
  'other-realm': { exit: 'conflict', hint: 'use another --data-dir, or leasehold leave first' },
  'invitation-not-accepted': { exit: 'conflict', hint: 'ask for a new invitation' },
  'invitation-used': { exit: 'conflict', hint: 'ask for a new invitation' },
  'invitation-expired': { exit: 'notEntitled', hint: 'ask for a new invitation' },
  'invitation-unknown': {
    exit: 'notFound',
    hint: 'ask whether the host that made it reaches the relay, then join again; or for a new invitation',
  },
  'record-refused': { exit: 'refused', hint: 'ask for a new invitation' },
  'recovery-threshold': { exit: 'usage', hint: null },
  'invalid-registry': { exit: 'refused', hint: 'leasehold registry validate FILE' },
  'not-a-member': { exit: 'notFound', hint: null },
  'too-large': { exit: 'failure', hint: 'give the file that holds the invitation' },
  'other-text': { exit: 'failure', hint: 'an invitation begins with leasehold-invite:1:' },
  'newer-format': { exit: 'failure', hint: 'install a newer leasehold' },
  'not-base64url': COPY_AGAIN,
  damaged: COPY_AGAIN,
  'body-form': { exit: 'failure', hint: 'ask for a new invitation' },
  'cbor-truncated': COPY_AGAIN,
  'cbor-too-deep': COPY_AGAIN,
  'cbor-not-minimal': COPY_AGAIN,
  'cbor-key-order': COPY_AGAIN,
  'cbor-unsupported': COPY_AGAIN,
  'cbor-text': COPY_AGAIN,
  'cbor-trailing': COPY_AGAIN,
} as const satisfies Record<SetupReason, Ending>;

const TYPE_AGAIN = { exit: 'failure', hint: 'compare it with what the vendor sent, group by group' } as const;
const ASK_VENDOR = { exit: 'verification', hint: 'ask the vendor for the code as it was issued' } as const;

/** How each reason not to take a licence code ends a command. */
export const LICENCE_ENDINGS = {
  'licence-too-large': { exit: 'failure', hint: 'give the licence code alone' },
  'licence-other-text': { exit: 'failure', hint: 'a licence code begins with GRANT1-' },
  'licence-newer-format': { exit: 'failure', hint: 'install a newer leasehold' },
  'licence-bad-character': TYPE_AGAIN,
  'licence-group-length': TYPE_AGAIN,
  'licence-group-missing': TYPE_AGAIN,
  'licence-group-extra': TYPE_AGAIN,
  'licence-mistyped': TYPE_AGAIN,
  'licence-truncated': TYPE_AGAIN,
  'licence-trailing': TYPE_AGAIN,
  'licence-grant-form': ASK_VENDOR,
  'licence-bad-signature': ASK_VENDOR,
  'licence-unknown-vendor': {
    exit: 'notAuthorised',
    hint: 'if the vendor confirms the fingerprint, add --trust VENDOR',
  },
  'licence-other-vendor': {
    exit: 'refused',
    hint: 'leasehold registry list vendors shows whose key is whose',
  },
  'licence-other-realm': {
    exit: 'refused',
    hint: 'ask the vendor for one for this realm: leasehold status --json',
  },
  'licence-unknown-product': {
    exit: 'notFound',
    hint: 'name it first: leasehold registry add software/ID name=…',
  },
  'licence-unknown-feature': {
    exit: 'notFound',
    hint: 'name it first: leasehold registry add features/ID name=… software=… seats=…',
  },
  'licence-expired': { exit: 'notEntitled', hint: 'ask the vendor for a new one' },
  'licence-superseded': { exit: 'conflict', hint: 'leasehold registry grant list shows what counts' },
  'licence-id-taken': { exit: 'conflict', hint: 'leasehold registry grant show ID shows the other' },
} as const satisfies Record<`licence-${LicenceReason}`, Ending>;

/** How a request that the agent does not answer ends a command. */
export const REQUEST_ENDINGS = {
  'not-found': { exit: 'notFound', hint: null },
  'hello-first': { exit: 'agent', hint: 'stop it and try again: leasehold agent stop' },
  'invalid-params': { exit: 'usage', hint: null },
  'invalid-schedule': { exit: 'usage', hint: 'five fields: minute, hour, day of month, month, day of week' },
  'change-too-large': {
    exit: 'failure',
    hint: 'an entry, as it was and as it is to be, must fit into one message: divide it, such as a group into several',
  },
} as const satisfies Record<RequestReason, Ending>;

/** Refusals that the command line gives itself. */
export const REFUSAL_ENDINGS = {
  USAGE: { exit: 'usage', hint: null },
  CONFIRMATION_NEEDED: { exit: 'usage', hint: null },
  NOT_FOUND: { exit: 'notFound', hint: null },
  INVALID_FILE: { exit: 'failure', hint: null },
  FILE_UNWRITABLE: { exit: 'failure', hint: null },
  INVALID_REGISTRY: { exit: 'refused', hint: 'leasehold draft status lists what is wrong' },
  CONFLICT: { exit: 'conflict', hint: null },
  VERIFICATION_FAILED: { exit: 'verification', hint: null },
  REFUSED: { exit: 'refused', hint: null },
  BUSY: { exit: 'conflict', hint: null },
  INDISPENSABLE: { exit: 'refused', hint: null },
  UNREACHABLE: { exit: 'agent', hint: null },
  UNHEALTHY: { exit: 'failure', hint: null },
  COMMAND_NOT_FOUND: { exit: 'commandNotFound', hint: null },
  COMMAND_NOT_EXECUTABLE: { exit: 'notExecutable', hint: null },
} as const satisfies Record<string, Ending>;

/** The codes of refusals that the command line gives itself. */
export type RefusalCode = keyof typeof REFUSAL_ENDINGS;
