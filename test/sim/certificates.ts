import type { StoreImage } from '../../core/adapters/store-memory.ts';
import type { Roster } from '../../core/state/roster.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { decodeBody } from '../../core/verify/body.ts';
import { decodeCbor } from '../../core/wire/cbor.ts';
import { decodeRecord, type SealedRecord } from '../../core/wire/record.ts';

/** What an ack says; null of another record. */
export function statedAck(
  record: SealedRecord,
): { readonly version: number; readonly candidate: Hash | null } | null {
  if (record.type !== 'ack') return null;
  const decoded = decodeBody(record, () => undefined);
  return decoded.ok && decoded.value.type === 'ack' ? decoded.value.body : null;
}

const acksBySignature = new Map<string, { log: LogId; version: number; candidate: Hash | null } | null>();
const KEPT = 50_000;

/** The ack that a record's bytes hold; decoded once, since every host has the same. */
function ackIn(bytes: Uint8Array): { log: LogId; version: number; candidate: Hash | null } | null {
  const name = Buffer.from(bytes.subarray(bytes.length - 64)).toString('latin1');
  const known = acksBySignature.get(name);
  if (known !== undefined) return known;
  const record = decodeRecord(bytes);
  const ack = record.ok ? statedAck(record.value) : null;
  const value = record.ok && ack !== null ? { log: record.value.log, ...ack } : null;
  if (acksBySignature.size > KEPT) acksBySignature.clear();
  acksBySignature.set(name, value);
  return value;
}

/** The record of a stray, after its parts. */
function strayIn(value: Uint8Array): Uint8Array | null {
  const list = decodeCbor(value);
  const last = list.ok && Array.isArray(list.value) ? list.value.at(-1) : undefined;
  return last instanceof Uint8Array ? last : null;
}

/** Why the records on a disk are no certificate of a version on its parent, counted anew from the bytes; null when they are one. */
export function certificateFlaw(image: StoreImage, child: Version, parent: Version): string | null {
  const logs = new Set<LogId>();
  for (const [key, value] of image) {
    const bytes = key.startsWith('record/') ? value : key.startsWith('stray/') ? strayIn(value) : null;
    const ack = bytes === null ? null : ackIn(bytes);
    if (ack !== null && ack.candidate === child.id && ack.version === child.version) logs.add(ack.log);
  }
  for (const roster of [parent.roster, child.roster]) {
    const { acked, voters } = countVoters(roster, logs);
    if (2 * acked > voters) continue;
    const whose = roster === parent.roster ? 'parent' : 'child';
    const from = [...logs].join(', ');
    return `version ${child.version} has ${acked} acks of the ${voters} voters of its ${whose} on disk, from ${from}`;
  }
  return null;
}

function countVoters(roster: Roster, logs: ReadonlySet<LogId>) {
  let voters = 0;
  let acked = 0;
  for (const member of roster.members.values()) {
    if (!member.roles.includes('voter')) continue;
    voters += 1;
    if (member.logs.some(({ log }) => logs.has(log))) acked += 1;
  }
  return { acked, voters };
}
