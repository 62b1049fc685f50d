import { type Evidence, emptyEvidence, note } from '../../core/state/evidence.ts';
import type { Member, Roster } from '../../core/state/roster.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash, LogId, PrincipalId, PublicKey } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';

/** The id of a test's version or candidate. */
export function hashNamed(name: string): Hash {
  return Buffer.from(name).toString('hex').padStart(64, '0') as Hash;
}

/** The key of a log in rosters made here. */
export function keyAt(log: number): PublicKey {
  return log.toString(16).padStart(64, '0') as PublicKey;
}

/** Members in short: id → class (null for a person), roles and logs. */
interface Short {
  readonly class?: string | null;
  readonly roles?: Member['roles'];
  readonly logs?: readonly number[];
}

/** A roster of members in short; each has the log that its place gives it. Classes are named after their terms in seconds. */
export function shortRoster(
  members: Readonly<Record<string, Short>>,
  policy: Partial<Roster['policy']> = {},
): Roster {
  const entries = Object.entries(members).map(([id, short], i): [PrincipalId, Member] => {
    const hostClass = short.class === undefined ? 'c100' : short.class;
    const logs = (short.logs ?? [i + 1]).map((log) => ({ log: log as LogId, key: keyAt(log) }));
    const kind = hostClass === null ? 'person' : 'host';
    return [
      id as PrincipalId,
      { id: id as PrincipalId, kind, name: id, class: hostClass, roles: short.roles ?? [], logs },
    ];
  });
  const names = [...new Set(entries.flatMap(([, member]) => member.class ?? []))];
  const classOf = (name: string) => ({
    ...{ term: seconds(Number(name.slice(1))), ahead: 2, maxOffline: seconds(1000), clock: 'none' as const },
  });
  return {
    members: new Map(entries),
    policy: {
      ...{ issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle', deadline: null, relays: [] },
      classes: new Map(names.map((name) => [name, classOf(name)])),
      recovery: { keys: [], threshold: 1 },
      ...policy,
    },
  };
}

/** A certified version. */
export function versionOf(number: number, roster: Roster, more: Partial<Version> = {}): Version {
  const parent = number === 1 ? null : hashNamed(`v${number - 1}`);
  const firstTerms = new Map([...roster.policy.classes.keys()].map((name) => [name, 0]));
  return {
    ...{
      version: number,
      id: hashNamed(`v${number}`),
      parent,
      roster,
      content: hashNamed(`content ${number}`),
    },
    ...{ frontier: new Map(), message: '', author: null, ackers: [], firstTerms, generation: 0 },
    ...more,
  };
}

/** Evidence in which these logs opened a term of a version. */
export function opened(
  evidence: Evidence | null,
  of: Version,
  hostClass: string,
  term: number,
  logs: readonly number[],
): Evidence {
  const into = evidence ?? emptyEvidence();
  for (const log of logs) {
    const body = { version: of.version, of: of.id, class: hostClass, term };
    note(into, { type: 'term', body, log, key: keyAt(log), proven: true } as unknown as VerifiedRecord);
  }
  return into;
}
