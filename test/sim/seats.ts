import type { Configuration } from '../../core/state/compile.ts';
import { endOfLog } from '../../core/state/evidence.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash } from '../../core/units.ts';
import type { SimHost } from './host.ts';
import { type Moved, type Moves, newMoves } from './moves.ts';
import type { Oracle } from './oracle.ts';
import type { Count } from './tally.ts';
import type { Tool } from './tools.ts';

/** Watches over seats at true instants, with what all hosts together know. */
export interface SeatWatch {
  /** Takes note of what a host knows of versions. */
  learn(host: SimHost): void;
  /** Checks all leases that tools hold at a true instant. */
  check(tools: readonly Tool[], now: number): void;
  readonly moves: Moves;
  /** Instants at which more was lent of a feature than may be, because a thief had spent seats twice. */
  readonly excess: number;
}

interface KnownVersion {
  readonly version: Version;
  /** By class: the lowest first term that any host has proven. */
  readonly firstTerms: Map<string, number>;
  configuration: Configuration | null;
}

/** What a watch is told of overdraft: who counts it, and what the vendor allows beyond the seats there are, by feature. */
interface Overdraft {
  readonly count: Count;
  readonly allowed: Readonly<Record<string, number>>;
}

/** A watch that reports to an oracle. */
export function newSeatWatch(oracle: Oracle, { allowed, count }: Overdraft): SeatWatch {
  const known = new Map<Hash, KnownVersion>();
  const learned = new Map<SimHost, readonly Version[]>();
  const moves = newMoves(oracle);
  /** By host and feature: leases on stolen seats at the last look. */
  const onStolen = new Map<string, number>();
  /** By lease: what the host that gave it knew then of logs' ends. */
  const given = new Map<string, string>();
  let excess = 0;
  /** Features of which more are in use than there are, by overdraft. */
  const overdrawn = new Set<string>();

  let ordered: readonly KnownVersion[] = [];
  let classes: ReadonlyMap<string, { readonly term: number }> = new Map();
  let asOf = '';
  let present: readonly KnownVersion[] = [];

  function order(): void {
    ordered = [...known.values()].sort((a, b) => a.version.version - b.version.version);
    classes = new Map(ordered.flatMap(({ version }) => [...version.roster.policy.classes]));
    asOf = '';
  }

  // In force are the versions from the oldest that governs some class at this instant to the newest there is.
  function inForce(now: number): readonly KnownVersion[] {
    const indexes = [...classes].map(([name, { term }]) => [name, Math.floor(now / term)] as const);
    const instant = indexes.join();
    if (instant === asOf) return present;
    let oldest = ordered.length - 1;
    for (const [name, index] of indexes) {
      const governs = ordered.findLastIndex(({ firstTerms }) => (firstTerms.get(name) ?? Infinity) <= index);
      if (governs >= 0) oldest = Math.min(oldest, governs);
    }
    asOf = instant;
    present = ordered.slice(Math.max(0, oldest));
    return present;
  }

  // A version may say what it likes: more than the vendor allows is no right.
  function beyond({ configuration }: KnownVersion, feature: string): number {
    const { overdraft = 0 } = configuration?.registry.features[feature] ?? {};
    return Math.min(overdraft, allowed[feature] ?? 0);
  }

  function noteOverdrawn(feature: string, isSo: boolean): void {
    if (!isSo) overdrawn.delete(feature);
    else if (!overdrawn.has(feature)) {
      overdrawn.add(feature);
      count('overdrawn');
    }
  }

  function isNow({ class: hostClass, term }: Moved['body'], now: number): boolean {
    const length = classes.get(hostClass)?.term;
    return length !== undefined && Math.floor(now / length) === term;
  }

  // Lots of the log that this host writes, less what it has sent away, and what came to it.
  function rightsOf(host: SimHost, feature: string, now: number): number {
    const { class: hostClass, id } = host.device;
    const lots = present.map(({ configuration, version }) => {
      const isOwn = version.roster.members.get(id)?.logs.some(({ log }) => log === host.log) === true;
      return isOwn ? (configuration?.lots.get(feature)?.get(id) ?? 0) : 0;
    });
    const length = classes.get(hostClass ?? '')?.term ?? 1;
    const out = moves.out(host.log, feature, hostClass ?? '', Math.floor(now / length));
    const came = moves
      .held(host.log, feature)
      .filter(({ body, stolen }) => stolen === null && isNow(body, now));
    // What a host sent away with its last breath is nobody else's before it runs again, and tools may not have heard of it.
    const unseen = host.runtime === null ? moves.unseen(host.log, feature) : [];
    const kept = [...came, ...unseen.filter(({ body }) => isNow(body, now))];
    return Math.max(0, ...lots) - out + kept.reduce((sum, { seats }) => sum + seats, 0);
  }

  // Stolen seats may be used until the theft is known, and then only by the leases that were open.
  function mayUseStolen(
    host: SimHost,
    feature: string,
    now: number,
    { leases, used }: { readonly leases: ReadonlySet<string>; readonly used: number },
  ): boolean {
    const name = `${host.name} ${feature}`;
    const before = onStolen.get(name) ?? 0;
    onStolen.set(name, used);
    const came = moves
      .held(host.log, feature)
      .filter(({ body, stolen }) => stolen !== null && isNow(body, now));
    const seats = came.reduce((sum, each) => sum + each.seats, 0);
    const unknown = came.filter(({ stolen }) => stolen !== null && !knowsEnd(host, stolen));
    // The tool may hear of its lease at the very instant at which its host hears of the theft.
    const unaware = [...leases].filter((id) => came.some(({ stolen }) => !knewEnd(given.get(id), stolen)));
    return (
      used <= seats &&
      used <=
        Math.max(
          before,
          unaware.length,
          unknown.reduce((sum, each) => sum + each.seats, 0),
        )
    );
  }

  return {
    moves,
    get excess() {
      return excess;
    },
    learn(host) {
      const model = host.runtime?.model;
      if (model === undefined) return;
      const { bookedEnds, configurations, membership } = model.state;
      for (const id of model.leases.keys()) if (!given.has(id)) given.set(id, bookedEnds);
      const before = learned.get(host) ?? [];
      const versions = membership.versions;
      if (before.length === versions.length && before.every((version, i) => version === versions[i])) {
        if (versions.every(({ id, content }) => content === null || known.get(id)?.configuration)) return;
      }
      learned.set(host, [...versions]);
      for (const version of versions) {
        const entry = known.get(version.id) ?? { version, firstTerms: new Map(), configuration: null };
        known.set(version.id, entry);
        entry.configuration ??= configurations.get(version.id)?.configuration ?? null;
        for (const [name, term] of version.firstTerms) {
          entry.firstTerms.set(name, Math.min(term, entry.firstTerms.get(name) ?? term));
        }
      }
      order();
    },
    check(tools, now) {
      const held = tools.filter((tool) => tool.state === 'holding' && (tool.lease?.end ?? 0) > now);
      if (held.length === 0) return;
      const versions = inForce(now);
      const byFeature = new Map<string, Map<SimHost, Set<string>>>();
      for (const { host, lease } of held) {
        if (lease === null) continue;
        const holders = byFeature.get(lease.feature) ?? new Map<SimHost, Set<string>>();
        byFeature.set(lease.feature, holders);
        // Whoever uses a borrowed seat and whoever borrowed it use one seat.
        holders.set(host, (holders.get(host) ?? new Set()).add(lease.under ?? lease.id));
      }
      for (const [feature, holders] of byFeature) {
        const seats = versions.map(
          ({ configuration }) => configuration?.registry.features[feature]?.seats ?? 0,
        );
        const sum = [...holders.values()].reduce((all, { size }) => all + size, 0);
        const numbers = versions.map(({ version }) => version.version).join(', ');
        const doubled = moves.doubled.filter(({ body }) => body.feature === feature && isNow(body, now));
        const more = doubled.reduce((all, { body }) => all + body.seats, 0);
        const most = Math.max(...versions.map((one, i) => (seats[i] ?? 0) + beyond(one, feature)));
        noteOverdrawn(feature, more === 0 && sum > Math.max(...seats));
        if (sum > most) excess += 1;
        if (sum > most + more) {
          const said = `${sum} of ${feature} are lent, versions ${numbers} have ${seats}, with overdraft at most ${most}`;
          oracle.fail('seats-of-feature', said);
        }
        for (const [host, leases] of holders) {
          const rights = rightsOf(host, feature, now);
          const used = Math.max(0, leases.size - rights);
          if (mayUseStolen(host, feature, now, { leases, used })) continue;
          oracle.fail('seats-of-lot', `${host.name} lends ${leases.size} of ${feature} and has ${rights}`);
        }
      }
    },
  };
}

function knowsEnd({ runtime }: SimHost, { log, seq }: NonNullable<Moved['stolen']>): boolean {
  const membership = runtime?.model.state.membership;
  const newest = membership?.versions.at(-1);
  if (membership === undefined || newest === undefined) return false;
  const end = endOfLog(membership.evidence, membership.forks, newest.roster, log);
  return end !== null && end <= seq;
}

function knewEnd(ends: string | undefined, stolen: Moved['stolen']): boolean {
  if (ends === undefined || stolen === null) return true;
  const known = ends.split(',').map((end) => end.split(' ').map(Number));
  return known.some(([log, seq = 0]) => log === stolen.log && seq <= stolen.seq);
}
