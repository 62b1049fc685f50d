import type { Roster } from '../../core/state/roster.ts';
import { ack, type Parent, withMember } from './candidates.ts';
import { type Knowledge, knowledgeOf } from './knowledge.ts';
import type { TestRealm } from './realm.ts';

/** Three issuers, three voting hosts and one that does not vote. */
export const SIZE = { hosts: 4, issuers: 3, voters: 3 };

/** What somebody knows to whom the logs of a realm have arrived, or arrived in the other order. */
export async function known(realm: TestRealm, backwards = false): Promise<Knowledge> {
  const knows = knowledgeOf(realm.id);
  await knows.arriveAll(backwards ? [...realm.runs()].reverse() : realm.runs());
  return knows;
}

/** The numbers of the versions that count. */
export function versions({ state }: Knowledge): number[] {
  return state.membership.versions.map(({ version }) => version);
}

/** Gives two of the voters' acks to a candidate. */
export async function certify(
  realm: TestRealm,
  candidate: Parent,
  voters = ['host-1', 'host-2'],
): Promise<Parent> {
  for (const voter of voters) await ack(realm, voter, candidate.version, candidate);
  return candidate;
}

/** The roster with another name for the host that does not vote. */
export const renamed = (roster: Roster, name: string) => withMember(roster, 'host-4', { name });
