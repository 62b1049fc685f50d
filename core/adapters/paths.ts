import { posix, win32 } from 'node:path';
import { Fault } from '../errors.ts';
import { hashOf } from '../wire/hash.ts';

/** What a process knows of where it runs: `process.platform`, `process.env`, `os.homedir()`, the uid, `os.tmpdir()`. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
  /** Null where there are no uids (Windows). */
  readonly uid: number | null;
  readonly tmpdir: string;
}

/** Where an agent listens: a Unix socket in a directory of its own, or a named pipe. */
export type SocketPlace =
  | { readonly kind: 'socket'; readonly directory: string; readonly path: string }
  | { readonly kind: 'pipe'; readonly path: string };

/** Bytes of a socket's path; Node 20 silently cuts longer ones, and listens somewhere else. */
export const MAX_SOCKET_PATH_BYTES = 95;

/** The user's data directory: LEASEHOLD_DATA_DIR, or what the system prescribes. Holds the store and the keys. */
export function dataDirectory(around: Surroundings): string {
  return around.env.LEASEHOLD_DATA_DIR || userDirectory(around, 'data');
}

/** The data directory of an agent that runs as a service of the whole machine. */
export function systemDataDirectory({ platform, env }: Surroundings): string {
  if (platform === 'win32') return win32.join(env.ProgramData || 'C:\\ProgramData', 'leasehold');
  return platform === 'darwin' ? '/Library/Application Support/leasehold' : '/var/lib/leasehold';
}

/**
 * The directory of what must outlive a restored data directory, and so lies beside it: LEASEHOLD_STATE_DIR, or what the
 * system prescribes.
 */
export function stateDirectory(around: Surroundings): string {
  return around.env.LEASEHOLD_STATE_DIR || userDirectory(around, 'state');
}

/**
 * Where the agent of this data directory may listen, the best place first; a client tries them all.
 * `realDataDirectory` is the data directory's real path; `pipeSuffix` the secret part of a pipe's name, on Windows.
 */
export function socketPlaces(
  around: Surroundings,
  realDataDirectory: string,
  pipeSuffix = '',
): readonly SocketPlace[] {
  const name = `leasehold-${hashOf(new TextEncoder().encode(realDataDirectory)).slice(0, 8)}`;
  const { platform, env, uid, tmpdir } = around;
  if (platform === 'win32') {
    return [{ kind: 'pipe', path: `\\\\.\\pipe\\${name}${pipeSuffix === '' ? '' : `-${pipeSuffix}`}` }];
  }
  if (platform === 'darwin') return [socketIn(posix.join(tmpdir, name))];
  // A cron job has no XDG_RUNTIME_DIR, and must find the agent of the session all the same.
  const runtime = absolute(env.XDG_RUNTIME_DIR) ?? `/run/user/${uid}`;
  return [socketIn(posix.join(runtime, name)), socketIn(`/tmp/${name.replace('-', `-${uid}-`)}`)];
}

/** Throws Fault SOCKET_PATH_TOO_LONG for the path of a Unix socket that this system would cut. */
export function checkSocketPath(path: string, platform: NodeJS.Platform): void {
  if (platform === 'win32') return;
  const length = new TextEncoder().encode(path).length;
  if (length > MAX_SOCKET_PATH_BYTES) {
    throw new Fault('SOCKET_PATH_TOO_LONG', {
      detail: `expected ${MAX_SOCKET_PATH_BYTES} bytes at most, came ${length} in ${path}`,
    });
  }
}

function socketIn(directory: string): SocketPlace {
  return { kind: 'socket', directory, path: posix.join(directory, 's') };
}

const XDG = {
  data: ['XDG_DATA_HOME', '.local/share'],
  state: ['XDG_STATE_HOME', '.local/state'],
} as const;

const ELSEWHERE = { data: 'leasehold', state: 'leasehold-state' } as const;

function userDirectory({ platform, env, homedir }: Surroundings, kind: keyof typeof XDG): string {
  if (platform === 'win32') {
    return win32.join(env.LOCALAPPDATA || win32.join(homedir, 'AppData', 'Local'), ELSEWHERE[kind]);
  }
  if (platform === 'darwin') return posix.join(homedir, 'Library/Application Support', ELSEWHERE[kind]);
  const [variable, inHome] = XDG[kind];
  return posix.join(absolute(env[variable]) ?? posix.join(homedir, inHome), 'leasehold');
}

/** The XDG base directory specification: a relative path is invalid and is to be ignored. */
function absolute(path: string | undefined): string | null {
  return path !== undefined && posix.isAbsolute(path) ? path : null;
}
