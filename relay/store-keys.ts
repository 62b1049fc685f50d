import type { StoreRange } from '../core/ports.ts';
import type { Hash, LogId } from '../core/units.ts';

/**
 * Every key that a relay writes. Numbers are eight hex digits, so that keys sort as numbers do.
 *
 *   realm/<realm>                 a registered realm
 *   room/<room>/head/<log>        seq, hash, key of a log's end: written with the records, so that start reads no record
 *   room/<room>/log/<log>/<seq>   a record, as received
 *   room/<room>/evidence/<n>      the n-th record that decides membership, with the parts before it
 *   room/<room>/fork/<log>        the second record that was signed for one place
 *   room/<room>/stray/<log>/<hash>  a record of either history of a forked log, with the parts that it is put together from
 *   time/mark                     the highest time that was signed
 */
export const TIME_MARK_KEY = 'time/mark';

/** After every hex digit and slash. */
const END = '~';

/** The key of a registered realm. */
export function realmKey(realm: Hash): string {
  return `realm/${realm}`;
}

/** All registered realms. */
export const ALL_REALMS: StoreRange = { from: 'realm/', to: `realm/${END}` };

/** The key of a log's head. */
export function headKey(room: string, log: LogId): string {
  return `room/${room}/head/${digits(log)}`;
}

/** All heads of a room. */
export function headsOf(room: string): StoreRange {
  return within(`room/${room}/head/`);
}

/** The key of a record. */
export function recordKey(room: string, log: LogId, seq: number): string {
  return `room/${room}/log/${digits(log)}/${digits(seq)}`;
}

/** All records of a room, by log and seq. */
export function recordsOf(room: string): StoreRange {
  return within(`room/${room}/log/`);
}

/** Records of a log from `from` up to, not including, `to`. */
export function recordsBetween(room: string, log: LogId, from: number, to: number): StoreRange {
  return { from: recordKey(room, log, from), to: recordKey(room, log, to) };
}

/** The log and seq that a record's key names. */
export function placeOf(key: string): { readonly log: LogId; readonly seq: number } {
  const at = key.length - 17;
  return {
    log: Number.parseInt(key.slice(at, at + 8), 16) as LogId,
    seq: Number.parseInt(key.slice(at + 9), 16),
  };
}

/** The key of the n-th evidence of a room. */
export function evidenceKey(room: string, n: number): string {
  return `room/${room}/evidence/${digits(n)}`;
}

/** All evidence of a room, in the order of its arrival. */
export function evidenceOf(room: string): StoreRange {
  return within(`room/${room}/evidence/`);
}

/** The key of the proof that a log has two histories. */
export function forkKey(room: string, log: LogId): string {
  return `room/${room}/fork/${digits(log)}`;
}

/** All fork proofs of a room. */
export function forksOf(room: string): StoreRange {
  return within(`room/${room}/fork/`);
}

/** The key of a record of either history of a forked log. */
export function strayKey(room: string, log: LogId, hash: Hash): string {
  return `room/${room}/stray/${digits(log)}/${hash}`;
}

/** The log and the hash that such a key names. */
export function placeOfStray(key: string): { readonly log: LogId; readonly hash: Hash } {
  const [log = '', hash = ''] = key.split('/').slice(-2);
  return { log: Number.parseInt(log, 16) as LogId, hash: hash as Hash };
}

/** All such records of a room. */
export function straysOf(room: string): StoreRange {
  return within(`room/${room}/stray/`);
}

/** Everything of a room. */
export function roomRange(room: string): StoreRange {
  return within(`room/${room}/`);
}

function within(prefix: string): StoreRange {
  return { from: prefix, to: prefix + END };
}

function digits(value: number): string {
  return value.toString(16).padStart(8, '0');
}
