import type { Ack } from '../../core/state/quorum.ts';
import type { HostClass, Member, Roster, RosterPolicy } from '../../core/state/roster.ts';
import type { Proposal, Version } from '../../core/state/versions.ts';
import { type Hash, type LogId, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import type { Role } from '../../core/wire/roles.ts';

/** A class whose terms are a hundred seconds long. */
export const OFFICE: HostClass = {
  term: seconds(100),
  ahead: 2,
  maxOffline: seconds(1000),
  clock: 'none',
};

/** A made-up hash that is told by a name. */
export function hashNamed(name: string): Hash {
  return Buffer.from(name).toString('hex').padEnd(64, '0') as Hash;
}

/** The log of a principal of one letter; its devices are told by digits: `a1` is the second of `a`. */
export function logNamed(name: string): LogId {
  return (name.charCodeAt(0) * 10 + Number(name.slice(1) || 0)) as LogId;
}

/** The key of a log, or another one for it. */
export function keyNamed(name: string): PublicKey {
  return hashNamed(`key ${name}`) as string as PublicKey;
}

/** A host of class `office` with these roles, and with the logs that are named, or the one of its own name. */
export function memberNamed(
  id: string,
  roles: readonly Role[] = ['voter'],
  logs: readonly string[] = [id],
): Member {
  return {
    ...{ id: id as PrincipalId, kind: 'host', name: id, class: 'office', roles },
    logs: logs.map((name) => ({ log: logNamed(name), key: keyNamed(name) })),
  };
}

/** A roster of these members, one class and thresholds of 1 and 0 unless told. */
export function rosterWith(members: readonly Member[], policy: Partial<RosterPolicy> = {}): Roster {
  return {
    members: new Map(members.map((member) => [member.id, member])),
    policy: {
      ...{ issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle', deadline: null, relays: [] },
      classes: new Map([['office', OFFICE]]),
      recovery: { keys: [], threshold: 1 },
      ...policy,
    },
  };
}

/** A roster whose voters are these letters and whose issuers are those. */
export function electorate(voters: string, issuers = 'i', policy: Partial<RosterPolicy> = {}): Roster {
  const roles = (id: string): Role[] => [
    ...(issuers.includes(id) ? (['issuer'] as const) : []),
    ...(voters.includes(id) ? (['voter'] as const) : []),
  ];
  const ids = [...new Set([...voters, ...issuers])];
  return rosterWith(
    ids.map((id) => memberNamed(id, roles(id))),
    policy,
  );
}

/** A version by its number, `v1` by id; the first has no content. */
export function versionWith(version: number, roster: Roster, more: Partial<Version> = {}): Version {
  return {
    ...{ version, id: hashNamed(`v${version}`), roster, frontier: new Map(), message: '' },
    parent: version === 1 ? null : hashNamed(`v${version - 1}`),
    content: version === 1 ? null : hashNamed(`content ${version}`),
    ...{ author: null, ackers: [], firstTerms: new Map([['office', 0]]), generation: 0 },
    ...more,
  };
}

/** A proposal on a version, signed by `i`. */
export function proposalOn(parent: Version, more: Partial<Proposal> = {}): Proposal {
  return {
    ...{ id: hashNamed('candidate'), version: parent.version + 1, parent: parent.id, roster: parent.roster },
    ...{ content: hashNamed('content'), frontier: new Map(), message: '', author: 'i' as PrincipalId },
    ...{ signers: new Set(['i' as PrincipalId]), skips: new Map() },
    ...more,
  };
}

/** Acks of the voters that are named, each by one letter, as their logs and keys sign them. */
export function acksOf(
  voters: string,
  version: number,
  candidate: Hash | null,
  terms: Readonly<Record<string, number>> = {},
): readonly Ack[] {
  return [...voters].map((voter) => ({
    ...{ voter: voter as PrincipalId, version, candidate, terms: new Map(Object.entries(terms)) },
    signatory: { log: logNamed(voter), key: keyNamed(voter) },
  }));
}

/** Principals of one letter each. */
export const people = (letters: string): ReadonlySet<PrincipalId> => new Set([...letters] as PrincipalId[]);

/** A roster of these voters, of whom so many may lie. */
export const liars = (voters: string, count: number): Roster => electorate(voters, 'i', { liars: count });

/** Acks of these voters with the keys of others: whoever holds a log, but not the key that the roster names. */
export function stolen(voters: string, version: number, candidate: Hash): readonly Ack[] {
  return acksOf(voters, version, candidate).map((ack) => ({
    ...ack,
    signatory: { log: logNamed(ack.voter), key: keyNamed(`thief of ${ack.voter}`) },
  }));
}
