/** Every fault: the world failed, not the input and not us. The README lists them; a test compares the lists. */
export const FAULTS = {
  STORE_LOCKED: 'another process holds the data directory',
  STORE_UNWRITABLE: 'the data directory cannot be written',
  STORE_CORRUPT: 'the data directory does not hold what was written there',
  STORE_NEWER: 'the data directory was written by a newer version',
  STORE_FAILED: 'the store failed',
  DISK_FULL: 'no space is left on the disk',
  SOCKET_PATH_TOO_LONG: 'the path of the agent socket is too long for this system',
  SOCKET_UNSAFE: 'the directory of the agent socket belongs to somebody else',
  AGENT_UNAVAILABLE: 'the host agent cannot be reached',
  AGENT_PROTOCOL: 'the host agent speaks another protocol version',
  RELAY_UNREACHABLE: 'the relay cannot be reached',
  RELAY_REFUSED: 'the relay refuses this connection',
  LISTEN_FAILED: 'nothing can listen at this address',
  NOT_A_MEMBER: 'this data directory belongs to no realm yet',
  IDENTITY_LOCKED: 'the signing key cannot be used',
  IDENTITY_STALE: 'this data directory is older than what this host has signed',
  FILE_UNREADABLE: 'a file cannot be read',
  TIMED_OUT: 'the time for this ran out',
  INTERRUPTED: 'interrupted',
} as const;

/** The closed set of fault codes. */
export type FaultCode = keyof typeof FAULTS;

/** The one class thrown when the world fails; `message` says what was expected and what came. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, options: { detail?: string; cause?: unknown } = {}) {
    super(options.detail === undefined ? FAULTS[code] : `${FAULTS[code]}: ${options.detail}`, {
      cause: options.cause,
    });
    this.name = 'Fault';
    this.code = code;
  }
}

/** Whether the value is a Fault, and if a code is given, one of that code. */
export function isFault(value: unknown, code?: FaultCode): value is Fault {
  return value instanceof Fault && (code === undefined || value.code === code);
}
