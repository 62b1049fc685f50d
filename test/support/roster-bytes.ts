import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { no, type Result } from '../../core/result.ts';
import type { Roster } from '../../core/state/roster.ts';
import {
  encodeRoster,
  type RosterChange,
  type RosterReason,
  rosterChangeFromValue,
  rosterChangeToValue,
  rosterFromValue,
} from '../../core/state/roster-codec.ts';

/** The roster in the bytes, which must be its one encoding. */
export function decodeRoster(bytes: Uint8Array): Result<Roster, RosterReason> {
  return decoded(bytes, rosterFromValue, encodeRoster);
}

/** Deterministic CBOR of a change. */
export function encodeRosterChange(change: RosterChange): Uint8Array {
  return encode(rosterChangeToValue(change), rfc8949EncodeOptions);
}

/** The change in the bytes, which must be its one encoding; total. */
export function decodeRosterChange(bytes: Uint8Array): Result<RosterChange, RosterReason> {
  return decoded(bytes, rosterChangeFromValue, encodeRosterChange);
}

function decoded<T>(
  bytes: Uint8Array,
  from: (value: unknown) => Result<T, RosterReason>,
  to: (value: T) => Uint8Array,
): Result<T, RosterReason> {
  let value: unknown;
  try {
    value = decode(bytes, {
      useMaps: true,
      strict: true,
      allowIndefinite: false,
      rejectDuplicateMapKeys: true,
    });
  } catch (thrown) {
    return no('malformed', thrown instanceof Error ? thrown.message : undefined);
  }
  const verdict = from(value);
  if (verdict.ok && Buffer.compare(to(verdict.value), bytes) !== 0)
    return no('malformed', 'not the one encoding');
  return verdict;
}
