import type { Member, Roster } from '../../core/state/roster.ts';
import { diffRoster, rosterChangeToValue, rosterHash } from '../../core/state/roster-codec.ts';
import type { Hash } from '../../core/units.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import type { TestRealm } from './realm.ts';

/** The version that a candidate builds on. */
export interface Parent {
  readonly id: Hash;
  readonly version: number;
  readonly roster: Roster;
}

/** The genesis of a realm as a parent. */
export function genesisOf(realm: TestRealm): Parent {
  return { id: realm.id, version: 1, roster: realm.roster };
}

/** Proposes a roster as the version after its parent, or as `version`; its content is made up. */
export async function propose(
  realm: TestRealm,
  author: string,
  parent: Parent,
  roster: Roster,
  more: {
    readonly version?: number;
    readonly skips?: readonly (readonly Uint8Array[])[];
    readonly message?: string;
    /** The roster that it claims to lead to, if another than its change makes. */
    readonly claimed?: Roster;
  } = {},
): Promise<Parent> {
  const version = more.version ?? parent.version + 1;
  const skips = (more.skips ?? []).map((acks, i) => ({ version: parent.version + 1 + i, acks }));
  const bytes = await realm.append(realm.logOf(author), 'candidate', {
    ...{ version, parent: parent.id, frontier: new Map(), message: more.message ?? '', skips },
    change: rosterChangeToValue(diffRoster(parent.roster, roster)) as CborValue,
    ...{ roster: rosterHash(more.claimed ?? roster), content: hashOf(new Uint8Array([version])) },
  });
  return { id: hashOf(bytes), version, roster };
}

/** A principal's ack; null is VOID. */
export function ack(
  realm: TestRealm,
  voter: string,
  version: number,
  candidate: Parent | null,
  terms: Readonly<Record<string, number>> = {},
): Promise<Uint8Array> {
  const body = { version, candidate: candidate?.id ?? null, terms: new Map(Object.entries(terms)) };
  return realm.append(realm.logOf(voter), 'ack', body);
}

/** The roster with a member's roles, or other parts, changed; null takes the member out. */
export function withMember(roster: Roster, id: string, change: Partial<Member> | null): Roster {
  const members = new Map([...roster.members].filter(([, member]) => member.id !== id || change !== null));
  const known = [...roster.members.values()].find((member) => member.id === id);
  if (change !== null && known !== undefined) members.set(known.id, { ...known, ...change });
  return { ...roster, members: new Map([...members].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The roster with other thresholds. */
export function withPolicy(roster: Roster, change: Partial<Roster['policy']>): Roster {
  return { ...roster, policy: { ...roster.policy, ...change } };
}
