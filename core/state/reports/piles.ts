import type { PrincipalId } from '../../units.ts';
import type { UsageDenial, UsageLog } from '../usage.ts';
import type { Span } from './in-use.ts';

/** What one user did with one feature on one host. */
export interface Use {
  readonly host: PrincipalId;
  readonly user: string;
  /** Seats taken, also those that were held already when the span began. */
  readonly checkouts: number;
  readonly seatSeconds: number;
  readonly denials: number;
}

/** How often something occurred. */
export interface Count {
  readonly name: string;
  readonly count: number;
}

/** The events of one feature in a span, cut to it. */
export interface Pile {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Seats taken back from tools that were not in use. */
  readonly takenBack: number;
  /** In order. */
  readonly denied: Float64Array;
  /** By host and user. */
  readonly uses: readonly Use[];
  /** The most frequent first. */
  readonly reasons: readonly Count[];
}

interface Sums {
  checkouts: number;
  seatSeconds: number;
  denials: number;
}

interface Growing {
  sessions: number;
  takenBack: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly denied: number[];
  readonly uses: Map<PrincipalId, Map<string, Sums>>;
  readonly reasons: Map<string, number>;
}

/** Sorts the events of a span by feature. What has no length is a checkout and never a seat in use. */
export function pileUp(
  { denials, sessions }: UsageLog,
  { from, until }: Span,
): { readonly piles: ReadonlyMap<string, Pile>; readonly denials: readonly UsageDenial[] } {
  const sizes = new Map<string, number>();
  const within = sessions.filter((session) => session.from < until && session.until > from);
  const refused = denials.filter(({ at }) => at >= from && at < until).sort((a, b) => a.at - b.at);
  for (const { feature } of within) sizes.set(feature, (sizes.get(feature) ?? 0) + 1);
  for (const { feature } of refused) if (!sizes.has(feature)) sizes.set(feature, 0);
  const piles = new Map([...sizes].map(([feature, size]) => [feature, newPile(size)]));
  for (const session of within) {
    const pile = piles.get(session.feature);
    if (pile === undefined) continue;
    const start = Math.max(session.from, from);
    const end = Math.max(start, Math.min(session.until, until));
    pile.starts[pile.sessions] = start;
    pile.ends[pile.sessions] = end;
    pile.sessions++;
    if (session.idle && session.until < until) pile.takenBack++;
    const use = useOf(pile, session.host, session.user);
    use.checkouts++;
    use.seatSeconds += end - start;
  }
  for (const { at, feature, host, reason, user } of refused) {
    const pile = piles.get(feature);
    if (pile === undefined) continue;
    pile.denied.push(at);
    useOf(pile, host, user).denials++;
    pile.reasons.set(reason, (pile.reasons.get(reason) ?? 0) + 1);
  }
  return { piles: new Map([...piles].map(([feature, pile]) => [feature, grown(pile)])), denials: refused };
}

/** Adds up what stands under the same name, the most used first. */
export function sumBy(
  uses: readonly Use[],
  nameOf: (use: Use) => string,
): readonly (Omit<Use, 'host' | 'user'> & { readonly name: string })[] {
  const sums = new Map<string, { name: string; checkouts: number; seatSeconds: number; denials: number }>();
  for (const use of uses) {
    const name = nameOf(use);
    const sum = sums.get(name) ?? { name, checkouts: 0, seatSeconds: 0, denials: 0 };
    sum.checkouts += use.checkouts;
    sum.seatSeconds += use.seatSeconds;
    sum.denials += use.denials;
    sums.set(name, sum);
  }
  return [...sums.values()].sort(
    (a, b) => b.seatSeconds - a.seatSeconds || b.denials - a.denials || order(a.name, b.name),
  );
}

function newPile(size: number): Growing {
  const times = { starts: new Float64Array(size), ends: new Float64Array(size) };
  return { ...times, sessions: 0, takenBack: 0, denied: [], uses: new Map(), reasons: new Map() };
}

function useOf({ uses }: Growing, host: PrincipalId, user: string): Sums {
  let users = uses.get(host);
  if (users === undefined) {
    users = new Map();
    uses.set(host, users);
  }
  let use = users.get(user);
  if (use === undefined) {
    use = { checkouts: 0, seatSeconds: 0, denials: 0 };
    users.set(user, use);
  }
  return use;
}

function grown({ denied, ends, reasons, starts, takenBack, uses }: Growing): Pile {
  const all = [...uses].flatMap(([host, users]) => [...users].map(([user, use]) => ({ host, user, ...use })));
  return {
    ...{ starts, ends, takenBack },
    denied: Float64Array.from(denied),
    uses: all.sort((a, b) => order(a.host, b.host) || order(a.user, b.user)),
    reasons: [...reasons]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || order(a.name, b.name)),
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
