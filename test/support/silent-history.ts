import assert from 'node:assert/strict';
import type { Crypto } from '../../core/ports.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { isEvidence } from '../../core/verify/stray-room.ts';
import type { Run } from '../../core/wire/append.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { prepareRecord } from '../../core/wire/record.ts';
import { nodeCrypto } from './keys.ts';
import { type PartedHost, type PartedRealm, partedHost } from './parted.ts';
import { encodeBody } from './realm.ts';

/** A host that holds the history without the ack, and has met the other one's first record where told so. */
export async function onSilentHistory(
  parted: PartedRealm,
  knowsFork = true,
  crypto?: Crypto,
): Promise<PartedHost> {
  const host = await partedHost(parted, undefined, crypto);
  const { acking, before, others, silent } = parted;
  await host.hear(...others, before, silent);
  if (knowsFork) await host.hear({ ...acking, records: acking.records.slice(0, 1) });
  assert.deepEqual(host.versions(), [1]);
  return host;
}

/** Acks of the voter for versions that nobody proposed, in histories of their own. */
export function inventedAcks(parted: PartedRealm, count: number, from = 100): Promise<Run> {
  const acks = Array.from({ length: count }, (_, i) => ({ version: from + i, candidate: null }));
  return acksOf(parted, acks);
}

/** Such acks of the voter; the nth states that it has opened n terms. */
export async function acksOf(
  { at, realm, voter }: PartedRealm,
  acks: readonly { readonly version: number; readonly candidate: Hash | null }[],
): Promise<Run> {
  const records = await Promise.all(
    acks.map(async (ack, n) => {
      const body = encodeBody('ack', { ...ack, terms: new Map([['office', n]]) });
      const place = { realm: realm.id, log: voter, seq: at + 1, prev: realm.id, type: 'ack', body };
      const record = prepareRecord(place);
      return record.seal(await realm.signerOf(voter).sign(record.signed));
    }),
  );
  return { log: voter, from: at + 1, records };
}

/** The body of a statement of what its author holds. */
export const headsOf = (next: number): CborValue =>
  encodeBody('heads', { whole: true, next: new Map([[7 as LogId, next]]) });

/** A history of its own that the voter signed from where the others part. */
export async function chainOf(
  { at, before, realm, voter }: PartedRealm,
  length: number,
  [type, body]: readonly [type: string, body: CborValue] = ['heads', headsOf(0)],
  after = hashOf(before.records.at(-1) ?? new Uint8Array()),
  from = at,
): Promise<Run> {
  const records: Uint8Array[] = [];
  let prev = after;
  for (let i = 0; i < length; i++) {
    const record = prepareRecord({ realm: realm.id, log: voter, seq: from + i, prev, type, body });
    const sealed = record.seal(await realm.signerOf(voter).sign(record.signed));
    prev = hashOf(sealed);
    records.push(sealed);
  }
  return { log: voter, from, records };
}

/** Real checks of signatures, counted. */
export function countedCrypto() {
  const checks = { count: 0 };
  const crypto: Crypto = {
    verify(key, message, signature) {
      checks.count += 1;
      return nodeCrypto.verify(key, message, signature);
    },
  };
  return { checks, crypto };
}

/** Pieces of evidence that a host keeps of other histories. */
export function straysOf({ runtime }: PartedHost): number {
  const kept = [...runtime.model.state.ledger.strays.values()].flatMap((strays) => [...strays.values()]);
  return kept.filter(({ record }) => isEvidence(record)).length;
}
/** The last record of a run, alone. */
export const last = ({ log, from, records }: Run): Run => {
  return { log, from: from + records.length - 1, records: records.slice(-1) };
};
