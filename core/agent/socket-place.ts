import { randomBytes } from 'node:crypto';
import { checkSocketPath, type SocketPlace, type Surroundings, socketPlaces } from '../adapters/paths.ts';
import { makeDirectoryOf, prepareSocketDirectory } from '../adapters/socket-directory.ts';
import { isFault } from '../errors.ts';

/** Where the agent of a data directory may listen, the best place first; `socket` is where it was told to. */
export function agentPlaces(
  around: Surroundings,
  realDataDirectory: string,
  socket: string | undefined,
): readonly SocketPlace[] {
  if (socket === undefined) {
    // The name of a pipe is public; with a secret part nobody can make it first.
    const suffix = around.platform === 'win32' ? randomBytes(16).toString('hex') : '';
    return socketPlaces(around, realDataDirectory, suffix);
  }
  return [{ kind: 'pipe', path: socket }];
}

/** Throws Fault SOCKET_PATH_TOO_LONG where an agent could listen in none of these places, whatever is there. */
export function mustFit(places: readonly SocketPlace[], { platform }: Surroundings): void {
  let tooLong: unknown = null;
  for (const { path } of places) {
    try {
      checkSocketPath(path, platform);
      return;
    } catch (error) {
      tooLong = error;
    }
  }
  if (tooLong !== null) throw tooLong;
}

/**
 * The first place that this system has, with its directory made or checked.
 * A place that cannot be made or is too long is passed over; one that is somebody else's is not:
 * throws Fault SOCKET_UNSAFE, or SOCKET_PATH_TOO_LONG when no other is left.
 */
export async function preparePlace(places: readonly SocketPlace[], around: Surroundings): Promise<string> {
  let last: unknown;
  for (const place of places) {
    try {
      checkSocketPath(place.path, around.platform);
      if (place.kind === 'socket') await prepareSocketDirectory(place.directory, around.uid ?? 0);
      else if (around.platform !== 'win32') await makeDirectoryOf(place.path);
      return place.path;
    } catch (error) {
      const missing = isFault(error, 'SOCKET_UNSAFE') && error.cause !== undefined;
      if (!missing && !isFault(error, 'SOCKET_PATH_TOO_LONG')) throw error;
      last = error;
    }
  }
  throw last;
}
