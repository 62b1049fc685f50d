import type { LogId } from '../../core/units.ts';
import { type Knowledge, knowledgeOf } from './knowledge.ts';
import { makeRealm, type TestRealm } from './realm.ts';

/** Two hosts, of which one votes, and an issuer. */
export const SIZE = { hosts: 2, issuers: 1, voters: 1 };

/** A small realm, and what somebody knows to whom all of it has arrived. */
export async function setting(seed: string): Promise<{ realm: TestRealm; knows: Knowledge; host: LogId }> {
  const realm = await makeRealm(seed, SIZE);
  const knows = knowledgeOf(realm.id);
  await knows.arriveAll(realm.runs());
  return { realm, knows, host: realm.logOf('host-1') };
}

/** The record with one bit of its signature flipped. */
export function badlySigned(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
  return copy;
}
