import type { Hash, LogId, PrincipalId, PublicKey } from '../units.ts';
import type { Verified, VerifiedRecord } from '../verify/record.ts';
import { type Body, SELF_CONTAINED } from '../wire/bodies.ts';
import { type Ack, casts, hasQuorum, memberOf, withRole } from './quorum.ts';
import type { Roster } from './roster.ts';

/** Who signed something, as far as a record says: a log and its key. A roster turns it into a principal, or not. */
export interface Signatory {
  readonly log: LogId;
  readonly key: PublicKey;
}

/** Every statement that counts for membership, versions and terms, indexed; a set, so the order of arrival leaves no trace. */
export interface Evidence {
  readonly candidates: Map<Hash, Verified<'candidate'>>;
  readonly byParent: Map<Hash, Hash[]>;
  readonly signatures: Map<Hash, Verified<'sign'>[]>;
  readonly acks: Map<number, Verified<'ack'>[]>;
  /** Hashes of what is noted: the same may travel in its log, inside a candidate and as a stray. */
  readonly noted: Set<Hash>;
  readonly terms: Map<string, Signatory[]>;
  readonly revocations: Map<Hash, Verified<'revoke'>>;
  readonly recoveries: Map<Hash, Verified<'recover'>>;
  readonly removals: Verified<'removal'>[];
  /** Reserved log id → the invitations that reserve it. */
  readonly invitations: Map<LogId, Verified<'invite'>[]>;
  /** Set-ups by `setupKey`. */
  readonly setups: Map<string, Verified<'setup'>[]>;
}

/** No statements. */
export function emptyEvidence(): Evidence {
  return {
    candidates: new Map(),
    byParent: new Map(),
    signatures: new Map(),
    acks: new Map(),
    noted: new Set(),
    terms: new Map(),
    revocations: new Map(),
    recoveries: new Map(),
    removals: [],
    invitations: new Map(),
    setups: new Map(),
  };
}

/** Notes a record if it is evidence whose own signature verified. True if it may have decided something. */
export function note(evidence: Evidence, record: VerifiedRecord): boolean {
  if (record.type === 'inert' || !record.proven || evidence.noted.has(record.hash)) return false;
  if (SELF_CONTAINED.has(record.type) && record.type !== 'ack') evidence.noted.add(record.hash);
  switch (record.type) {
    case 'candidate':
      evidence.candidates.set(record.hash, record);
      push(evidence.byParent, record.body.parent, record.hash);
      // The attack: what counts by its place in a log would count again wherever it is carried.
      for (const carried of record.carried) if (carried.type === 'ack') noteAck(evidence, carried);
      return true;
    case 'sign':
      push(evidence.signatures, record.body.target, record);
      return true;
    case 'ack':
      noteAck(evidence, record);
      return true;
    case 'term':
      push(evidence.terms, termKey(record.body.of, record.body.class, record.body.term), record);
      return true;
    case 'revoke':
      evidence.revocations.set(record.hash, record);
      return true;
    case 'recover':
      // Without a recovery key's signature it is nobody's business, and costs nobody work.
      if (record.signers.length > 0) evidence.recoveries.set(record.hash, record);
      return true;
    case 'removal':
      evidence.removals.push(record);
      return true;
    case 'setup':
      push(evidence.setups, setupKey(record.body.period, record.log), record);
      // It begins a period, and decides nothing about versions.
      return false;
    case 'invite':
      push(evidence.invitations, record.body.log, record);
      return true;
    default:
      return false;
  }
}

function noteAck(evidence: Evidence, record: Verified<'ack'>): void {
  if (evidence.noted.has(record.hash)) return;
  evidence.noted.add(record.hash);
  push(evidence.acks, record.body.version, record);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** The key under which openings of one term are counted. */
export function termKey(of: Hash, hostClass: string, term: number): string {
  return `${of}/${hostClass}/${term}`;
}

/** The key under which a log's set-ups for one period stand. */
export function setupKey(period: string, log: LogId): string {
  return `${period}/${log}`;
}

/** An ack record as a statement of one of the roster's members, or null if it is nobody's, or by a log that casts no votes. */
export function toAck(record: Verified<'ack'>, roster: Roster): Ack | null {
  const member = memberOf(roster, record.log, record.key);
  if (member === undefined || !casts(member, record.log)) return null;
  const { version, candidate, terms } = record.body;
  return { voter: member.id, version, candidate, terms, signatory: { log: record.log, key: record.key } };
}

/** Whether an ack speaks of a candidate that is known, or of a version for which one is. */
export function isAwaited({ candidates }: Evidence, { candidate, version }: Body<'ack'>): boolean {
  if (candidate !== null) return candidates.has(candidate);
  return [...candidates.values()].some(({ body }) => body.version === version);
}

/** Acks for a version by members of a roster. */
export function acksFor(evidence: Evidence, version: number, roster: Roster): readonly Ack[] {
  const records = evidence.acks.get(version) ?? [];
  return records.map((record) => toAck(record, roster)).filter((ack) => ack !== null);
}

/** The members of a roster among those who signed something. */
export function membersAmong(signatories: readonly Signatory[], roster: Roster): ReadonlySet<PrincipalId> {
  const members = signatories.map(({ log, key }) => memberOf(roster, log, key)?.id);
  return new Set(members.filter((id) => id !== undefined));
}

/** Whether a quorum of a version's voters opened a term (DESIGN: seats). */
export function isTermOpen(
  evidence: Evidence,
  of: { readonly id: Hash; readonly roster: Roster },
  hostClass: string,
  term: number,
): boolean {
  const openers = evidence.terms.get(termKey(of.id, hostClass, term)) ?? [];
  const casting = openers.filter(({ key, log }) => {
    const member = memberOf(of.roster, log, key);
    return member !== undefined && casts(member, log);
  });
  return hasQuorum(membersAmong(casting, of.roster), of.roster);
}

/**
 * The first seq of a log that no longer counts: a fork freezes it where the histories part, and a revocation by enough
 * issuers ends it (rule R8). Acks are exempt: each is self-contained. Null while nothing restricts it.
 */
export function endOfLog(
  evidence: Evidence,
  forks: ReadonlyMap<LogId, { readonly seq: number }>,
  roster: Roster,
  log: LogId,
): number | null {
  const ends: number[] = [];
  const fork = forks.get(log);
  if (fork !== undefined) ends.push(fork.seq);
  for (const [id, record] of evidence.revocations) {
    const end = record.body.logs.get(log);
    if (end !== undefined && isRevocationValid(evidence, id, record, roster)) ends.push(end);
  }
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Whether enough issuers of a roster have signed a revocation (rule R8). */
export function isRevocationValid(evidence: Evidence, id: Hash, record: Signatory, roster: Roster): boolean {
  const signers = membersAmong([record, ...(evidence.signatures.get(id) ?? [])], roster);
  const issuers = withRole(roster, 'issuer');
  return [...issuers].filter((issuer) => signers.has(issuer)).length >= roster.policy.issuers;
}
