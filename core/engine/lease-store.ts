import type { StoreWrite } from '../ports.ts';
import { no, ok, type Result } from '../result.ts';
import { isHash, isPrincipalId, seconds } from '../units.ts';
import type { Lease } from './lease.ts';

/** Keys of stored leases start with this. */
export const LEASE_PREFIX = 'lease/';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The write that stores a lease. */
export function writeLease(lease: Lease): StoreWrite & { readonly value: Uint8Array } {
  return { key: `${LEASE_PREFIX}${lease.id}`, value: ENCODER.encode(JSON.stringify(lease)) };
}

/** The write that takes a lease off the disk. */
export function eraseLease({ id }: Lease): StoreWrite {
  return { key: `${LEASE_PREFIX}${id}`, value: null };
}

/** Reads a stored lease; whatever this host did not write itself is refused. */
export function readLease(bytes: Uint8Array): Result<Lease, 'not-a-lease'> {
  let value: Partial<Lease>;
  try {
    value = JSON.parse(DECODER.decode(bytes));
  } catch {
    return no('not-a-lease');
  }
  const { id, secret, feature, user, process, tie, host, version, versionId, since, end } = value;
  const { seatSince, speaks, time, under } = value;
  const whole =
    typeof id === 'string' &&
    typeof secret === 'string' &&
    typeof feature === 'string' &&
    isPrincipalId(user) &&
    isPrincipalId(host) &&
    isHash(versionId) &&
    typeof process?.tool === 'string' &&
    (tie === 'connection' || tie === 'process' || tie === 'borrow' || tie === 'linger') &&
    (time === undefined || (typeof time?.after === 'number' && isHash(time.token))) &&
    (under === undefined || typeof under === 'string') &&
    (seatSince === undefined || typeof seatSince === 'number') &&
    (speaks === undefined || speaks === true) &&
    typeof version === 'number' &&
    typeof since === 'number' &&
    typeof end === 'number';
  if (!whole) return no('not-a-lease');
  const { pid, startTime, tool } = process;
  return ok({
    ...{ id, secret, feature, user, tie, host, version, versionId },
    process: { tool, pid: pid ?? null, startTime: startTime ?? null },
    since: seconds(since),
    end: seconds(end),
    ...(time === undefined ? {} : { time: { after: time.after, token: time.token } }),
    ...(under === undefined ? {} : { under }),
    ...(seatSince === undefined ? {} : { seatSince: seconds(seatSince) }),
    ...(speaks === undefined ? {} : { speaks }),
  });
}
