import type { Configuration } from '../state/compile.ts';
import { type Evidence, isTermOpen } from '../state/evidence.ts';
import type { TimeView } from '../state/clock.ts';
import type { HostClass } from '../state/roster.ts';
import type { Version } from '../state/versions.ts';
import { type PrincipalId, type Seconds, seconds } from '../units.ts';
import { governing } from './vote.ts';

/** A term of a class: half-open, in seconds since 1970. */
export interface TermSpan {
  readonly index: number;
  readonly from: Seconds;
  readonly until: Seconds;
}

/** Why a host has no lots at this moment. */
export type LotDenial = 'time-unknown' | 'between-terms' | 'no-term' | 'version-behind' | 'unknown-class';

/** The lots of a host: which term they are for, or why there are none. */
export type LotView =
  | { readonly ok: true; readonly term: TermSpan; lot(feature: string): number }
  | { readonly ok: false; readonly reason: LotDenial };

/** What lots depend on: all of it a function of the ledger, the applied version and the time interval. */
export interface LotQuestion {
  readonly host: PrincipalId;
  readonly versions: readonly Version[];
  readonly evidence: Evidence;
  /** The version that this host has applied. */
  readonly applied: Version;
  configuration(version: Version): Configuration | null;
  readonly time: TimeView;
}

/** The term of a class that holds an instant. */
export function termAt(hostClass: HostClass, instant: Seconds): TermSpan {
  const index = Math.floor(instant / hostClass.term);
  return {
    index,
    from: seconds(index * hostClass.term),
    until: seconds((index + 1) * hostClass.term),
  };
}

/** The lots that a host may use now (DESIGN: seats). A holder stops when U reaches the end of a term; a successor starts when L is past it. */
export function lotsNow(question: LotQuestion): LotView {
  const { applied, host, time, versions } = question;
  const name = applied.roster.members.get(host)?.class ?? null;
  const hostClass = name === null ? undefined : applied.roster.policy.classes.get(name);
  if (name === null || hostClass === undefined) return { ok: false, reason: 'unknown-class' };
  if (time.lower === null || time.upper === null) return { ok: false, reason: 'time-unknown' };
  const term = termAt(hostClass, time.lower);
  if (time.upper >= term.until) return { ok: false, reason: 'between-terms' };
  const governor = governing(versions, name, term.index);
  if (governor === null) return { ok: false, reason: 'no-term' };
  // A host that has not applied the governing version has no lots: nobody waits for it, nobody guesses.
  if (applied.version < governor.version) return { ok: false, reason: 'version-behind' };
  if (!isTermOpen(question.evidence, governor, name, term.index)) return { ok: false, reason: 'no-term' };
  return { ok: true, term, lot: (feature) => usableLot(question, feature) };
}

/** The part of a lot that is safe while older versions still govern some class (DESIGN: seats). */
function usableLot(question: LotQuestion, feature: string): number {
  const { applied, host } = question;
  const inForce = versionsInForce(question).map((version) => question.configuration(version));
  const own = question.configuration(applied);
  if (own === null || inForce.some((configuration) => configuration === null)) return 0;
  const known = inForce.filter((configuration) => configuration !== null);
  const hosts = new Set(known.flatMap((configuration) => [...(configuration.lots.get(feature)?.keys() ?? [])]));
  let most = 0;
  for (const other of hosts) {
    most += Math.max(...known.map((configuration) => lotIn(configuration, feature, other)));
  }
  // Whatever mixture of versions the others are on, together they stay within the seats of the applied one.
  if (most <= (own.registry.features[feature]?.seats ?? 0)) return lotIn(own, feature, host);
  return Math.min(...known.map((configuration) => lotIn(configuration, feature, host)));
}

/** From the oldest version that still governs some class at this moment to the applied one. */
function versionsInForce({ applied, time, versions }: LotQuestion): readonly Version[] {
  const oldest = [...applied.roster.policy.classes].map(([name, hostClass]) => {
    const term = termAt(hostClass, time.lower ?? seconds(0));
    return governing(versions, name, term.index)?.version ?? applied.version;
  });
  const first = Math.min(applied.version, ...oldest);
  return versions.filter(({ version }) => version >= first && version <= applied.version);
}

function lotIn(configuration: Configuration, feature: string, host: PrincipalId): number {
  return configuration.lots.get(feature)?.get(host) ?? 0;
}
