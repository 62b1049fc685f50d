import type { FaultCode } from '../../../core/errors.ts';
import type { Reader } from './reader.ts';

/** What helps after a failure. */
export type Repair = 'start' | 'log' | 'join' | 'settings';

interface Failure {
  /** {0} is what the fault says itself. */
  readonly text: string;
  readonly repair: Repair;
}

/** What is said of the faults that a connection to the agent can end with. */
export const FAILURES = {
  AGENT_UNAVAILABLE: { text: 'The host agent does not answer: {0}.', repair: 'start' },
  AGENT_PROTOCOL: {
    text: 'The host agent is of another version; restart it when no lease is open: {0}.',
    repair: 'log',
  },
  NOT_A_MEMBER: { text: 'This host does not belong to a realm yet.', repair: 'join' },
  STORE_LOCKED: { text: 'Another process holds the data of the host agent: {0}.', repair: 'log' },
  STORE_UNWRITABLE: { text: 'The host agent cannot write its data: {0}.', repair: 'settings' },
  STORE_CORRUPT: { text: 'The data of the host agent is damaged: {0}.', repair: 'log' },
  STORE_NEWER: { text: 'The data of the host agent is of a newer version: {0}.', repair: 'log' },
  STORE_FAILED: { text: 'The store of the host agent failed: {0}.', repair: 'log' },
  DISK_FULL: { text: 'No space is left on the disk of the host agent: {0}.', repair: 'start' },
  SOCKET_PATH_TOO_LONG: { text: 'The path of the agent socket is too long: {0}.', repair: 'settings' },
  SOCKET_UNSAFE: { text: 'The directory of the agent socket belongs to somebody else: {0}.', repair: 'log' },
  IDENTITY_LOCKED: { text: 'The key of this host is locked: {0}.', repair: 'log' },
  FILE_UNREADABLE: { text: 'A file of the host agent cannot be read: {0}.', repair: 'log' },
  RELAY_REFUSED: { text: 'The relay refuses this host: {0}.', repair: 'log' },
  RELAY_UNREACHABLE: { text: 'The relay cannot be reached: {0}.', repair: 'log' },
} as const satisfies Partial<Record<FaultCode, Failure>>;

/** A failure for people: the sentence, and what helps. A fault that is not in the list says itself. */
export function failureText(
  code: string,
  detail: string,
  { say }: Reader,
): { readonly text: string; readonly repair: Repair } {
  const all: Readonly<Record<string, Failure>> = FAILURES;
  const known = Object.hasOwn(all, code) ? all[code] : undefined;
  if (known === undefined) return { text: detail, repair: 'log' };
  return { text: say(known.text, detail.replace(/\.$/, '')), repair: known.repair };
}
