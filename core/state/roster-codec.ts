import { no, ok, type Result } from '../result.ts';
import {
  fromHex,
  type Hash,
  isLogId,
  type LogId,
  type PrincipalId,
  type PublicKey,
  seconds,
} from '../units.ts';
import { hashOf } from '../wire/hash.ts';
import { encodedMap, encoderOf } from './encoding.ts';
import {
  type HostClass,
  type Member,
  type MemberLog,
  ROLES,
  type Roster,
  type RosterPolicy,
} from './roster.ts';

import {
  countFrom,
  entriesOf,
  inOrder,
  keyFrom,
  listOf,
  Malformed,
  mapOf,
  membersFrom,
  oneOf,
  pairFrom,
  textFrom,
  want,
} from './value-reading.ts';

/** What one roster has and its parent has not: members set or (null) removed, and the policy if it differs. */
export interface RosterChange {
  readonly members: ReadonlyMap<PrincipalId, Member | null>;
  readonly policy?: RosterPolicy;
}

/** Why a roster or a change of one cannot be read or applied. */
export type RosterReason = 'malformed' | 'not-a-member' | 'log-twice' | 'key-twice' | 'no-change';

/** A roster as a CBOR value: Maps throughout, log ids as integers, keys as bytes. */
export function rosterToValue(roster: Roster): Map<string, unknown> {
  const members = new Map([...roster.members].map(([id, member]) => [id, memberToValue(member)]));
  return new Map<string, unknown>([
    ['members', members],
    ['policy', policyToValue(roster.policy)],
  ]);
}

/** The roster in a decoded value; total on untrusted input. */
export function rosterFromValue(value: unknown): Result<Roster, RosterReason> {
  return reading(() => {
    const fields = mapOf(value, ['members', 'policy']);
    return {
      members: membersFrom(fields.get('members'), (member, id) => memberFrom(member, id)),
      policy: policyFrom(fields.get('policy')),
    };
  }, checkUnique);
}

/** Deterministic CBOR (RFC 8949, 4.2) of a roster. */
export function encodeRoster(roster: Roster): Uint8Array {
  const members = Array.from(roster.members, ([id, member]) => [id, encodedMember(member)] as const);
  return encodedMap([
    ['members', encodedMap(members)],
    ['policy', encodedPolicy(roster.policy)],
  ]);
}

const hashes = new WeakMap<Roster, Hash>();

/** What a roster is called: the hash of its encoding. Asked for at every step of a candidate, made once. */
export function rosterHash(roster: Roster): Hash {
  const known = hashes.get(roster);
  if (known !== undefined) return known;
  const hash = hashOf(encodeRoster(roster));
  hashes.set(roster, hash);
  return hash;
}

/** The change that makes the child of the parent. */
export function diffRoster(parent: Roster, child: Roster): RosterChange {
  const members = new Map<PrincipalId, Member | null>();
  for (const id of [...new Set([...parent.members.keys(), ...child.members.keys()])].sort()) {
    const [was, is] = [parent.members.get(id), child.members.get(id)];
    if (is === undefined) members.set(id, null);
    else if (was === undefined || !sameMember(was, is)) members.set(id, is);
  }
  return samePolicy(parent.policy, child.policy) ? { members } : { members, policy: child.policy };
}

function sameMember(a: Member, b: Member): boolean {
  return a === b || sameBytes(encodedMember(a), encodedMember(b));
}

/** Whether two policies are written alike. */
export function samePolicy(a: RosterPolicy, b: RosterPolicy): boolean {
  return a === b || sameBytes(encodedPolicy(a), encodedPolicy(b));
}

/** The child that the change makes of the parent; refuses what `diffRoster` would not have written. */
export function applyRosterChange(parent: Roster, change: RosterChange): Result<Roster, RosterReason> {
  const members = new Map(parent.members);
  for (const [id, member] of change.members) {
    const was = parent.members.get(id);
    if (member === null && !members.delete(id)) return no('not-a-member', id);
    if (member === null) continue;
    if (was !== undefined && sameMember(was, member)) return no('no-change', NO_CHANGE);
    members.set(id, member);
  }
  if (change.policy !== undefined && samePolicy(parent.policy, change.policy)) {
    return no('no-change', NO_CHANGE);
  }
  const ordered = new Map([...members].sort(([a], [b]) => (a < b ? -1 : 1)));
  return checkUnique({ members: ordered, policy: change.policy ?? parent.policy });
}

const NO_CHANGE = 'the change names what stays as it is';

/** A change as a CBOR value, as a candidate carries it. */
export function rosterChangeToValue(change: RosterChange): Map<string, unknown> {
  const members = new Map(
    [...change.members].map(([id, member]) => [id, member === null ? null : memberToValue(member)]),
  );
  const fields = new Map<string, unknown>([['members', members]]);
  if (change.policy !== undefined) fields.set('policy', policyToValue(change.policy));
  return fields;
}

/** The change in a decoded value; total on untrusted input. */
export function rosterChangeFromValue(value: unknown): Result<RosterChange, RosterReason> {
  return reading((): RosterChange => {
    const fields = mapOf(value, ['members'], ['policy']);
    const members = membersFrom(fields.get('members'), (member, id) =>
      member === null ? null : memberFrom(member, id),
    );
    return fields.has('policy') ? { members, policy: policyFrom(fields.get('policy')) } : { members };
  }, ok);
}

function memberToValue(member: Member): Map<string, unknown> {
  return new Map<string, unknown>([
    ['kind', member.kind],
    ['name', member.name],
    ['class', member.class],
    ['roles', [...member.roles].sort()],
    ['logs', new Map(member.logs.map(({ log, key }) => [log as number, fromHex(key)]))],
  ]);
}

const encodedMember = encoderOf(memberToValue);

function memberFrom(value: unknown, id: PrincipalId): Member {
  const fields = mapOf(value, ['kind', 'name', 'class', 'roles', 'logs']);
  const kind = oneOf(fields.get('kind'), ['host', 'person'] as const);
  const hostClass = fields.get('class');
  want((kind === 'host') === (hostClass !== null), 'hosts have a class, people have none');
  const roles = listOf(fields.get('roles'), (role) => oneOf(role, ROLES));
  want(inOrder(roles), 'roles sorted, each once');
  const logs = entriesOf(fields.get('logs')).map(([log, key]): MemberLog => {
    if (!isLogId(log)) throw new Malformed('a log id');
    return { log, key: keyFrom(key) };
  });
  want(logs.length > 0, 'a member has a log');
  logs.sort((a, b) => a.log - b.log);
  const name = textFrom(fields.get('name'));
  return { id, kind, name, logs, class: hostClass === null ? null : textFrom(hostClass), roles };
}

function policyToValue(policy: RosterPolicy): Map<string, unknown> {
  const classes = [...policy.classes].map(
    ([id, { term, ahead, maxOffline, clock }]) =>
      [id, new Map<string, unknown>(Object.entries({ term, ahead, maxOffline, clock }))] as const,
  );
  return new Map<string, unknown>([
    ['issuers', policy.issuers],
    ['liars', policy.liars],
    ['lyingRelays', policy.lyingRelays],
    ['apply', policy.apply],
    ['deadline', policy.deadline],
    ['classes', new Map(classes)],
    ['relays', policy.relays.map(({ url, key }) => [url, fromHex(key)])],
    ['recovery', [policy.recovery.keys.map((key) => fromHex(key)), policy.recovery.threshold]],
  ]);
}

const encodedPolicy = encoderOf(policyToValue);

function policyFrom(value: unknown): RosterPolicy {
  const fields = mapOf(value, [
    'issuers',
    'liars',
    'lyingRelays',
    'apply',
    'deadline',
    'classes',
    'relays',
    'recovery',
  ]);
  const classes = entriesOf(fields.get('classes')).map(([id, of]) => [textFrom(id), classFrom(of)] as const);
  const [keys, threshold] = pairFrom(fields.get('recovery'));
  const deadline = fields.get('deadline');
  return {
    issuers: countFrom(fields.get('issuers')),
    liars: countFrom(fields.get('liars')),
    lyingRelays: countFrom(fields.get('lyingRelays')),
    apply: oneOf(fields.get('apply'), ['idle', 'drain'] as const),
    deadline: deadline === null ? null : seconds(countFrom(deadline)),
    classes: new Map([...classes].sort(([a], [b]) => (a < b ? -1 : 1))),
    relays: listOf(fields.get('relays'), (relay) => {
      const [url, key] = pairFrom(relay);
      return { url: textFrom(url), key: keyFrom(key) };
    }),
    recovery: { keys: listOf(keys, keyFrom), threshold: countFrom(threshold) },
  };
}

function classFrom(value: unknown): HostClass {
  const fields = mapOf(value, ['term', 'ahead', 'maxOffline', 'clock']);
  return {
    term: seconds(countFrom(fields.get('term'))),
    ahead: countFrom(fields.get('ahead')),
    maxOffline: seconds(countFrom(fields.get('maxOffline'))),
    clock: oneOf(fields.get('clock'), ['none', 'rtc'] as const),
  };
}

/** A log or a key that two principals share would be counted once for each of them. */
function checkUnique(roster: Roster): Result<Roster, RosterReason> {
  const logs = new Set<LogId>();
  const keys = new Set<PublicKey>();
  for (const member of roster.members.values()) {
    for (const { log, key } of member.logs) {
      if (logs.has(log)) return no('log-twice', `log ${log}`);
      if (keys.has(key)) return no('key-twice', `key of log ${log}`);
      logs.add(log);
      keys.add(key);
    }
  }
  return ok(roster);
}

function reading<A, B extends A>(
  read: () => A,
  then: (value: A) => Result<B, RosterReason>,
): Result<B, RosterReason> {
  try {
    return then(read());
  } catch (thrown) {
    if (thrown instanceof Malformed) return no('malformed', `expected ${thrown.message}`);
    throw thrown;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
