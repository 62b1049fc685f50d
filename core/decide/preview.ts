import type { Configuration } from '../state/compile.ts';
import { allSeats, entryOf } from '../state/registry.ts';
import type { UsageDenial, UsageLog, UsageSession } from '../state/usage.ts';
import { type PrincipalId, type Seconds, seconds } from '../units.ts';
import { type CheckoutDecision, type CheckoutDenial, decideCheckout } from './checkout.ts';
import { keptSeats, type Use } from './limits.ts';
import type { LotView } from './lots.ts';

/** What a replay is made from. */
interface PreviewQuestion {
  /** The configuration that is tried. */
  readonly configuration: Configuration;
  readonly usage: UsageLog;
  /** Use that began from here on is judged; what was open before holds its seats. */
  readonly since: Seconds;
  /** How much later than they were checkouts are taken to come again, when periods are looked at. */
  readonly later: Seconds;
}

/** One user's checkouts of one feature that would be denied for one reason. */
export interface PreviewDenial {
  readonly feature: string;
  readonly user: string;
  readonly reason: CheckoutDenial;
  /** Of the last of them. */
  readonly detail: string;
  /** Checkouts that were granted then, and ones that were refused then, too. */
  readonly granted: number;
  readonly refused: number;
  readonly first: Seconds;
  readonly last: Seconds;
  readonly hosts: readonly PrincipalId[];
  /** Who had seats of the feature at those moments, and at how many of them; those who had them most often first. */
  readonly holders: readonly { readonly user: string; readonly host: string; readonly times: number }[];
}

/** What would have become of past checkouts under a configuration. */
export interface Preview {
  /** Checkouts that were granted then, and that were refused. */
  readonly granted: number;
  readonly refused: number;
  /** Who would be denied, the most often first. */
  readonly denials: readonly PreviewDenial[];
  /** Checkouts that were refused then and would be granted. */
  readonly relieved: readonly { readonly feature: string; readonly user: string; readonly times: number }[];
}

/**
 * Asks for every checkout of the past again under another configuration, by the same decisions that hosts make. Seats are
 * those of the whole realm, as they float; who was refused then takes no seat now, as nobody knows for how long he would have.
 */
export function previewUsage(question: PreviewQuestion): Preview {
  const { configuration, usage } = question;
  const replay = new Replay(configuration, question.later);
  const tally = new Tally();
  const ends = usage.sessions.map((session, i) => ({ until: session.until, i }));
  ends.sort((a, b) => a.until - b.until);
  const held = new Uint8Array(usage.sessions.length);
  let [next, granted, refused] = [0, 0, 0];
  const free = (now: Seconds) => {
    for (let end = ends[next]; end !== undefined && end.until <= now; end = ends[++next]) {
      const session = usage.sessions[end.i];
      if (session !== undefined && held[end.i] === 1) replay.release(session);
    }
  };
  for (const { event, i } of inOrder(usage)) {
    const now = 'at' in event ? event.at : event.from;
    free(now);
    const decision = replay.ask(event, now);
    const lasts = 'until' in event && event.until > now;
    if (decision.allow && lasts) {
      held[i] = 1;
      replay.hold(event);
    }
    if (now < question.since) continue;
    if ('at' in event) refused += 1;
    else granted += 1;
    tally.note(event, now, decision, () => replay.usesOf(event.feature));
  }
  return { granted, refused, ...tally.result() };
}

type Past = UsageSession | UsageDenial;

function inOrder({ denials, sessions }: UsageLog): readonly { readonly event: Past; readonly i: number }[] {
  const events: { readonly event: Past; readonly i: number; readonly at: number }[] = [
    ...sessions.map((event, i) => ({ event, i, at: event.from })),
    ...denials.map((event) => ({ event, i: -1, at: event.at })),
  ];
  return events.sort((a, b) => a.at - b.at);
}

interface InUse {
  /** Seats, and uses by user and host. */
  seats: number;
  readonly uses: Map<string, { readonly use: Use; count: number }>;
}

const FOREVER = seconds(Number.POSITIVE_INFINITY);

/** The seats of the whole realm as one host's, at a moment of the past. */
class Replay {
  readonly #configuration: Configuration;
  readonly #later: Seconds;
  readonly #inUse = new Map<string, InUse>();
  readonly #keeping = new Map<string, readonly PrincipalId[]>();
  readonly #setUps = new Map<string, Seconds>();

  constructor(configuration: Configuration, later: Seconds) {
    this.#configuration = configuration;
    this.#later = later;
  }

  // A period by days is taken to begin with a host's first checkout of the past that is replayed.
  #setUp(period: string, host: string, now: Seconds): Seconds {
    const key = `${host}/${period}`;
    const at = this.#setUps.get(key) ?? now;
    this.#setUps.set(key, at);
    return at;
  }

  ask({ feature, host, user }: Past, at: Seconds): CheckoutDecision {
    const now = seconds(at + this.#later);
    if (this.#isShared(feature, user, host)) return { allow: true, end: FOREVER, warnings: [] };
    const { seats } = this.#of(feature);
    const uses = () => this.usesOf(feature);
    return decideCheckout({
      ...{ configuration: this.#configuration, host, user, feature, uses },
      setUp: (period) => this.#setUp(period, host, now),
      time: { lower: now, upper: now, offlineAge: seconds(0), conflict: false },
      lots: this.#lots(feature, user, host),
      inUse: seats,
      ends: () => new Array<Seconds>(seats).fill(FOREVER),
      maxOffline: FOREVER,
      deadline: null,
    });
  }

  hold({ feature, host, user }: UsageSession): void {
    const inUse = this.#of(feature);
    const key = `${user} ${host}`;
    const known = inUse.uses.get(key) ?? { use: { user, host }, count: 0 };
    if (known.count === 0 || !this.#isPerUser(feature)) inUse.seats += 1;
    known.count += 1;
    inUse.uses.set(key, known);
  }

  release({ feature, host, user }: UsageSession): void {
    const inUse = this.#of(feature);
    const key = `${user} ${host}`;
    const known = inUse.uses.get(key);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count === 0) inUse.uses.delete(key);
    if (known.count === 0 || !this.#isPerUser(feature)) inUse.seats -= 1;
  }

  usesOf(feature: string): readonly Use[] {
    const isPerUser = this.#isPerUser(feature);
    return [...this.#of(feature).uses.values()].flatMap(({ count, use }) =>
      new Array<Use>(isPerUser ? 1 : count).fill(use),
    );
  }

  #of(feature: string): InUse {
    const known = this.#inUse.get(feature) ?? { seats: 0, uses: new Map() };
    this.#inUse.set(feature, known);
    return known;
  }

  #isPerUser(feature: string): boolean {
    return entryOf(this.#configuration.registry.features, feature)?.per === 'user';
  }

  // Processes of one user on one host share a seat where the feature counts users.
  #isShared(feature: string, user: string, host: string): boolean {
    return this.#isPerUser(feature) && this.#of(feature).uses.has(`${user} ${host}`);
  }

  #lots(feature: string, user: string, host: PrincipalId): LotView {
    const { registry, roster } = this.#configuration;
    if (roster.members.get(host)?.kind !== 'host') return { ok: false, reason: 'unknown-class' };
    const seats = allSeats(entryOf(registry.features, feature));
    const term = { index: 0, from: seconds(Number.NEGATIVE_INFINITY), until: FOREVER };
    // The decision itself leaves to others what is kept for them on this host; here the other hosts' seats count, too.
    const spans = () => [{ ...term, seats: seats - this.#keptElsewhere(feature, user, host) }];
    return { ok: true, term, lot: () => seats, spans, withheld: () => 0, withheldUntil: () => null };
  }

  #keptElsewhere(feature: string, user: string, host: PrincipalId): number {
    const configuration = this.#configuration;
    const uses = () => this.usesOf(feature);
    const others = this.#hostsKeeping(feature).filter((other) => other !== host);
    return others.reduce(
      (sum, other) => sum + keptSeats({ configuration, feature, host: other, uses }, user),
      0,
    );
  }

  #hostsKeeping(feature: string): readonly PrincipalId[] {
    const known = this.#keeping.get(feature);
    if (known !== undefined) return known;
    const configuration = this.#configuration;
    const hosts = [...configuration.roster.members.values()].filter(({ kind }) => kind === 'host');
    const keeping = hosts
      .map(({ id }) => id)
      .filter((host) => keptSeats({ configuration, feature, host, uses: () => [] }) > 0);
    this.#keeping.set(feature, keeping);
    return keeping;
  }
}

/** Holders that are told of in one group of denials. */
const MAX_HOLDERS = 10;
/** Denials for want of a seat, which somebody else has. */
const SCARCE: ReadonlySet<CheckoutDenial> = new Set(['no-seat', 'limit-reached', 'reserved']);

interface Group extends Omit<PreviewDenial, 'hosts' | 'holders'> {
  readonly hosts: Set<PrincipalId>;
  readonly holders: Map<string, { readonly use: Use; times: number }>;
}

class Tally {
  readonly #groups = new Map<string, Group>();
  readonly #relieved = new Map<string, { feature: string; user: string; times: number }>();

  note(event: Past, now: Seconds, decision: CheckoutDecision, uses: () => readonly Use[]): void {
    const { feature, host, user } = event;
    const wasRefused = 'at' in event;
    if (decision.allow) {
      if (wasRefused) this.#relieve(feature, user);
      return;
    }
    const { detail, reason } = decision;
    const key = `${feature} ${reason} ${user}`;
    const group = this.#groups.get(key) ?? {
      ...{ feature, user, reason, first: now, granted: 0, refused: 0 },
      ...{ hosts: new Set<PrincipalId>(), holders: new Map() },
    };
    const counted = {
      granted: group.granted + (wasRefused ? 0 : 1),
      refused: group.refused + (wasRefused ? 1 : 0),
    };
    group.hosts.add(host);
    if (SCARCE.has(reason)) noteHolders(group.holders, uses());
    this.#groups.set(key, { ...group, ...counted, detail, last: now });
  }

  #relieve(feature: string, user: string): void {
    const key = `${feature} ${user}`;
    const known = this.#relieved.get(key) ?? { feature, user, times: 0 };
    known.times += 1;
    this.#relieved.set(key, known);
  }

  result(): Pick<Preview, 'denials' | 'relieved'> {
    const denials = [...this.#groups.values()].map(({ holders, hosts, ...group }) => {
      const most = [...holders.values()].sort((a, b) => b.times - a.times).slice(0, MAX_HOLDERS);
      return {
        ...group,
        hosts: [...hosts].sort(),
        holders: most.map(({ times, use }) => ({ ...use, times })),
      };
    });
    const often = (a: PreviewDenial, b: PreviewDenial) => b.granted + b.refused - (a.granted + a.refused);
    return {
      // Of those who would be denied as often, who was first stays first.
      denials: denials.sort(often),
      relieved: [...this.#relieved.values()].sort((a, b) => b.times - a.times),
    };
  }
}

function noteHolders(holders: Group['holders'], uses: readonly Use[]): void {
  for (const key of new Set(uses.map(({ host, user }) => `${user} ${host}`))) {
    const [user = '', host = ''] = key.split(' ');
    const known = holders.get(key) ?? { use: { user, host }, times: 0 };
    known.times += 1;
    holders.set(key, known);
  }
}
