import type { TimeView } from '../state/clock.ts';
import type { Configuration } from '../state/compile.ts';
import { type Evidence, isTermOpen } from '../state/evidence.ts';
import { allSeats, entryOf } from '../state/registry.ts';
import type { HostClass } from '../state/roster.ts';
import { ownSource, type SeatBook } from '../state/seat-moves.ts';
import type { Version } from '../state/versions.ts';
import { type LogId, type PrincipalId, type Seconds, seconds } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import type { Span } from './capacity.ts';
import { governing } from './vote.ts';

/** A term of a class: half-open, in seconds since 1970. */
export interface TermSpan {
  readonly index: number;
  readonly from: Seconds;
  readonly until: Seconds;
}

/** Why a host has no lots at this moment. */
export type LotDenial = 'time-unknown' | 'between-terms' | 'no-term' | 'version-behind' | 'unknown-class';

/** The seats of a host in a term of its class, with those that came and without those that went; or why there are none. */
export type LotView =
  | {
      readonly ok: true;
      readonly term: TermSpan;
      /** Seats that it has throughout the rest of the term. */
      lot(feature: string): number;
      /** All that it has, those included which end sooner or begin later. */
      spans(feature: string): readonly Span[];
      /** Seats that the applied version gives and that may be used from a later term on only. */
      withheld(feature: string): number;
      /** When all of these may be used, at the start of a term of this host; null while nobody can say. */
      withheldUntil(feature: string): Seconds | null;
    }
  | { readonly ok: false; readonly reason: LotDenial };

/** What lots depend on: all of it a function of the ledger, the applied version and the time interval. */
export interface LotQuestion {
  readonly host: PrincipalId;
  /** The log that the host's lots belong to. */
  readonly log: LogId;
  readonly versions: readonly Version[];
  readonly evidence: Evidence;
  readonly seats: Pick<SeatBook, 'left' | 'credits' | 'creditsOf'>;
  /** The version that this host has applied. */
  readonly applied: Version;
  /** What a version gives; null where this host does not know it. */
  configuration(version: Version): Pick<Configuration, 'registry' | 'lots'> | null;
}

/** The term of a class that holds an instant. */
export function termAt(hostClass: HostClass, instant: Seconds): TermSpan {
  return termSpan(hostClass, Math.floor(instant / hostClass.term));
}

/** A term of a class by its number. */
export function termSpan(hostClass: HostClass, index: number): TermSpan {
  return {
    index,
    from: seconds(index * hostClass.term),
    until: seconds((index + 1) * hostClass.term),
  };
}

/** The class of a host under the version that it has applied. */
export function classOf(applied: Version, host: PrincipalId): { name: string; hostClass: HostClass } | null {
  const name = applied.roster.members.get(host)?.class ?? null;
  const hostClass = name === null ? undefined : applied.roster.policy.classes.get(name);
  return name === null || hostClass === undefined ? null : { name, hostClass };
}

/** The lots that a host may use now (DESIGN: seats). A holder stops when U reaches the end of a term; a successor starts when L is past it. */
export function lotsNow(question: LotQuestion, time: TimeView): LotView {
  const own = classOf(question.applied, question.host);
  if (own === null) return { ok: false, reason: 'unknown-class' };
  if (time.lower === null || time.upper === null) return { ok: false, reason: 'time-unknown' };
  const term = termAt(own.hostClass, time.lower);
  if (time.upper >= term.until) return { ok: false, reason: 'between-terms' };
  return lotsIn(question, term.index, time.lower);
}

/** The lots of a host in one term of its class, whenever that is, from an instant of it on. */
export function lotsIn(question: LotQuestion, index: number, from?: Seconds): LotView {
  const { applied, evidence, host, versions } = question;
  const own = classOf(applied, host);
  if (own === null) return { ok: false, reason: 'unknown-class' };
  const governor = governing(versions, own.name, index);
  if (governor === null) return { ok: false, reason: 'no-term' };
  // A host that has not applied the governing version has no lots: nobody waits for it, nobody guesses.
  if (applied.version < contentOf(versions, governor).version) return { ok: false, reason: 'version-behind' };
  if (!isTermOpen(evidence, governor, own.name, index)) return { ok: false, reason: 'no-term' };
  const term = termSpan(own.hostClass, index);
  const inForce = versionsInForce(question, term);
  const spans = (feature: string): readonly Span[] => {
    const left = question.seats.left.get(ownSource(question.log, feature, own.name, index)) ?? 0;
    const seats = usableLot(question, inForce, feature) - left;
    return [{ from: term.from, until: term.until, seats }, ...creditSpans(question, feature)];
  };
  const start = Math.max(from ?? term.from, term.from);
  const lot = (feature: string) => {
    const lasting = spans(feature).filter((span) => span.from <= start && span.until >= term.until);
    return Math.max(
      0,
      lasting.reduce((sum, { seats }) => sum + seats, 0),
    );
  };
  const withheld = (feature: string) => {
    const given = question.configuration(applied)?.lots.get(feature)?.get(host) ?? 0;
    return Math.max(0, given - usableLot(question, inForce, feature));
  };
  const withheldUntil = (feature: string) => {
    const given = question.configuration(applied)?.lots.get(feature)?.get(host) ?? 0;
    for (const instant of takeovers(versions, term.until)) {
      const later = termSpan(own.hostClass, Math.ceil(instant / own.hostClass.term));
      if (usableLot(question, versionsInForce(question, later), feature) >= given) return later.from;
    }
    return null;
  };
  return { ok: true, term, lot, spans, withheld, withheldUntil };
}

/** The instants from one on at which some class is taken over by a newer version, the first of them first. */
function takeovers(versions: readonly Version[], from: Seconds): readonly Seconds[] {
  const lengths = new Map<string, Seconds>();
  const instants = versions.flatMap(({ firstTerms, roster }) => {
    for (const [name, { term }] of roster.policy.classes) lengths.set(name, term);
    return [...firstTerms].map(([name, first]) => first * (lengths.get(name) ?? Number.NaN));
  });
  const later = instants.filter((instant) => Number.isFinite(instant) && instant > from);
  return [...new Set([from, ...later])].sort((a, b) => a - b).map(seconds);
}

/** The seats of a host from an instant until another, over as many of its terms as that takes; or until when they are certain. */
export function spansThrough(
  question: LotQuestion,
  feature: string,
  from: Seconds,
  until: Seconds,
): { readonly spans: readonly Span[]; readonly certain: Seconds } {
  const own = classOf(question.applied, question.host);
  const spans = [...creditSpans(question, feature)];
  let certain = from;
  while (own !== null && certain < until) {
    const { index, until: end } = termAt(own.hostClass, certain);
    const view = lotsIn(question, index);
    if (!view.ok) break;
    spans.push(...view.spans(feature).slice(0, 1));
    certain = end;
  }
  return { spans, certain };
}

// A seat that came from another host lasts as long as the term of its giver that it was taken out of.
function creditSpans(question: LotQuestion, feature: string): readonly Span[] {
  const { credits, creditsOf } = question.seats;
  const spans: Span[] = [];
  for (const hash of creditsOf.get(question.log) ?? []) {
    const credit = credits.get(hash);
    if (credit === undefined || credit.seats === 0 || credit.transfer.body.feature !== feature) continue;
    const term = creditTerm(question, credit.transfer);
    if (term !== null) spans.push({ from: term.from, until: term.until, seats: credit.seats });
  }
  return spans;
}

/** The term whose seats a transfer moves; null while no quorum has opened it for a version that they may be taken from. */
export function creditTerm(
  { evidence, versions }: Pick<LotQuestion, 'evidence' | 'versions'>,
  { body }: Verified<'transfer'>,
): TermSpan | null {
  const of = versions.find(({ id }) => id === body.of);
  const hostClass = of?.roster.policy.classes.get(body.class);
  const governor = governing(versions, body.class, body.term);
  if (of === undefined || hostClass === undefined || governor === null) return null;
  // The attack: a lot of a version whose seats have been shared out anew since, or of a term that nobody opened.
  if (of.version < contentOf(versions, governor).version) return null;
  if (!isTermOpen(evidence, governor, body.class, body.term)) return null;
  return termSpan(hostClass, body.term);
}

/** The version whose registry is in force under one that brings none: a recovery leaves its parent's (rule R9). */
function contentOf(versions: readonly Version[], of: Version): Version {
  const parent = of.content === null ? versions.find(({ id }) => id === of.parent) : undefined;
  return parent === undefined ? of : contentOf(versions, parent);
}

/** The part of a lot that is safe while older versions still govern some class (DESIGN: seats). */
function usableLot(question: LotQuestion, inForce: readonly Version[], feature: string): number {
  const { applied, host } = question;
  const own = question.configuration(applied);
  const known = inForce
    .map((version) => lotsByHolder(question, version, feature))
    .filter((lots) => lots !== null);
  if (own === null || known.length < inForce.length) return 0;
  // Under a version that gives nobody a seat nobody has one to lend, so it says nothing of what others may be lending.
  const giving = known.filter((lots) => lots.size > 0);
  const holders = new Set(giving.flatMap((lots) => [...lots.keys()]));
  let most = 0;
  for (const holder of holders) most += Math.max(...giving.map((lots) => lots.get(holder) ?? 0));
  const holder = holderOf(applied, host);
  const lot = lotsByHolder(question, applied, feature)?.get(holder) ?? 0;
  // Whatever mixture of versions the others are on, together they stay within the seats of the applied one.
  if (most <= allSeats(entryOf(own.registry.features, feature))) return lot;
  return Math.min(lot, ...giving.map((lots) => lots.get(holder) ?? 0));
}

// Lots belong to a log: a host that begins anew under its old id has none of those that its old disk may still be using.
function holderOf(version: Version, host: PrincipalId): string {
  const logs = version.roster.members.get(host)?.logs ?? [];
  return `${host} ${logs.map(({ log }) => log).join(' ')}`;
}

function lotsByHolder(
  question: LotQuestion,
  version: Version,
  feature: string,
): ReadonlyMap<string, number> | null {
  const configuration = question.configuration(version);
  if (configuration === null) return null;
  const lots = configuration.lots.get(feature) ?? new Map<PrincipalId, number>();
  return new Map([...lots].map(([host, seats]) => [holderOf(version, host), seats]));
}

/** From the oldest version that still governs some class while the term runs, to the applied one. */
function versionsInForce({ applied, versions }: LotQuestion, term: TermSpan): readonly Version[] {
  let from = applied.version;
  const takenOver = new Map<string, { readonly first: number; readonly length: Seconds | null }[]>();
  for (const { firstTerms, roster, version } of [...versions].reverse()) {
    for (const [name, first] of firstTerms) {
      const hostClass = roster.policy.classes.get(name) ?? null;
      const later = takenOver.get(name) ?? [];
      if (hostClass !== null && governsStill(hostClass, first, later, term)) from = Math.min(from, version);
      takenOver.set(name, [...later, { first, length: hostClass?.term ?? null }]);
    }
  }
  return versions.filter(({ version }) => version >= from && version <= applied.version);
}

// A class that was dropped goes on for hosts that have not heard of it, until the version that dropped it governs; one
// that came back with terms of another length counts anew.
function governsStill(
  hostClass: HostClass,
  first: number,
  later: readonly { readonly first: number; readonly length: Seconds | null }[],
  { from }: TermSpan,
): boolean {
  const { index } = termAt(hostClass, from);
  const comparable = later.filter(({ length }) => length === null || length === hostClass.term);
  return first <= index && comparable.every((other) => other.first > index);
}
