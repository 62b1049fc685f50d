import type { Hash } from '../units.ts';
import type { KnownRelay } from './realm-file.ts';

const SYNC_PATH = '/v1/sync';

/** Where a realm's room is at a relay, and what to show at its door. */
export function roomAddress({ register, token, url }: Omit<KnownRelay, 'key'>, realm: Hash) {
  const address = new URL(url);
  // People give the address of the relay; its rooms lie under this path.
  if (address.pathname === '/') address.pathname = SYNC_PATH;
  return {
    url: address.href.replace(/\/$/, ''),
    room: realm,
    params: {
      hello: '1',
      ...(token === null ? {} : { token }),
      ...(register === null ? {} : { register }),
    },
  };
}
