import type { Roster } from '../core/state/roster.ts';
import { type Standing, standingOf } from '../core/state/standing.ts';
import type { LogId, PublicKey, Seconds } from '../core/units.ts';
import { BODIES, INVITED_TYPES } from '../core/wire/bodies.ts';
import { MAX_RECORDS_OF_INVITED } from '../core/wire/bounds.ts';
import { decodeRecord } from '../core/wire/record.ts';
import { decodeShape } from '../core/wire/shape.ts';
import type { Room } from './room.ts';

/** Why records may not be in this room, however well they are signed. Those of a stranger may pass when more is known. */
export type AdmissionReason =
  | 'unregistered-room'
  | 'not-a-member'
  | 'log-ended'
  | 'invitation-expired'
  | 'type-of-invited'
  | 'records-of-invited';

/** How many records of a run may be here, and why not more. */
interface Admission {
  readonly count: number;
  readonly reason: AdmissionReason | null;
}

/** Judges by membership alone how much of a run, which follows what the room holds of the log, may be here. No signature is checked. */
export function admit(
  room: Room,
  log: LogId,
  from: number,
  records: readonly Uint8Array[],
  held: PublicKey | null,
  now: Seconds,
): Admission {
  const newest = room.membership.versions.at(-1);
  // Whoever begins a room begins it with the record that it is named after.
  if (newest === undefined) return isGenesis(from, records[0]) ? whole(records) : none('unregistered-room');
  const key = held ?? claimedKey(newest.roster, log, records[0]);
  const standing = standingOf(room.membership, log, key);
  if (standing.kind === 'unknown') return none('not-a-member');
  const ended = standing.end === null ? records.length : Math.max(0, standing.end - from);
  const before = admitOf(standing, from, records, now);
  return ended < before.count ? { count: ended, reason: 'log-ended' } : before;
}

function admitOf(
  standing: Exclude<Standing, { kind: 'unknown' }>,
  from: number,
  records: readonly Uint8Array[],
  now: Seconds,
): Admission {
  if (standing.kind === 'member') return whole(records);
  if (from === 0 && now > standing.invitation.body.until) return none('invitation-expired');
  for (const [i, bytes] of records.entries()) {
    // An invited log costs its holder nothing: without a bound it would be free storage.
    if (from + i >= MAX_RECORDS_OF_INVITED) return { count: i, reason: 'records-of-invited' };
    const record = decodeRecord(bytes);
    // A record of wrong form is verifying's to refuse.
    if (record.ok && !INVITED_TYPES.has(record.value.type)) return { count: i, reason: 'type-of-invited' };
  }
  return whole(records);
}

function whole(records: readonly Uint8Array[]): Admission {
  return { count: records.length, reason: null };
}

function none(reason: AdmissionReason): Admission {
  return { count: 0, reason };
}

function isGenesis(from: number, bytes: Uint8Array | undefined): boolean {
  const record = from === 0 && bytes !== undefined ? decodeRecord(bytes) : null;
  return record?.ok === true && record.value.type === 'genesis';
}

/** The key that the roster gives to a log of which nothing is held yet, if its first record claims the same. */
function claimedKey(roster: Roster, log: LogId, bytes: Uint8Array | undefined): PublicKey | null {
  const record = bytes === undefined ? null : decodeRecord(bytes);
  if (!record?.ok || record.value.type !== 'join') return null;
  const join = decodeShape(BODIES.join, record.value.body);
  if (!join.ok) return null;
  for (const member of roster.members.values()) {
    for (const entry of member.logs) if (entry.log === log && entry.key === join.value.key) return entry.key;
  }
  return null;
}
