import { decide } from '../../core/engine/admission.ts';
import type { HeldLease } from '../../core/engine/lease.ts';
import { type Model, newModel } from '../../core/engine/model.ts';
import { emptyLedger } from '../../core/ledger/ledger.ts';
import type { Configuration } from '../../core/state/compile.ts';
import type { Evidence } from '../../core/state/evidence.ts';
import { emptyMembership } from '../../core/state/membership.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { SeatBook } from '../../core/state/seat-moves.ts';
import { emptyState } from '../../core/state/state.ts';
import type { Version } from '../../core/state/versions.ts';
import { type Hash, type PrincipalId, type Seconds, seconds } from '../../core/units.ts';
import { type Actor, CLASS, type Scenario } from './scenario.ts';

/** The one feature whose seats the model lends. */
export const FEATURE = 'draw';
/** Seconds of a term of the model. */
export const TERM = 86_400;

const REALM = '0'.repeat(64) as Hash;

/** The seats of the feature under a version, and how many of them each host gets. */
interface Shares {
  readonly seats: number;
  readonly lots: Readonly<Record<string, number>>;
}

/** A realm with seats: what each version gives, by its id. */
export interface SeatScenario extends Scenario {
  readonly shares: Readonly<Record<string, Shares>>;
}

/** What a host knows and has at an instant. */
export interface Stand {
  readonly actor: Actor;
  readonly chain: readonly Version[];
  readonly applied: Version;
  readonly openings: Evidence;
  readonly book: SeatBook;
  readonly now: Seconds;
  /** Seats in use until the end of the present term. */
  readonly leases: number;
  /** Whether it has found out that its disk is an old one. */
  readonly stale: boolean;
}

/** An instant of a term: right after its beginning, or shortly before its end. */
export function instantOf(term: number, part: 'early' | 'late'): Seconds {
  return seconds(part === 'early' ? term * TERM + 1 : (term + 1) * TERM - 10);
}

/** The model that the engine has of such a host. */
export function modelOf({ shares }: Pick<SeatScenario, 'shares'>, stand: Stand): Model {
  const { actor, applied, book, chain, leases, now, openings, stale } = stand;
  const configurations = new Map(
    chain.map((version) => {
      const configuration = configurationOf(shares, version);
      return [version.id, { configuration, bytes: NO_BYTES }];
    }),
  );
  const state = {
    ...NOTHING,
    ledger: { ...emptyLedger(REALM), logs: new Map([[actor.log, []]]) },
    membership: { ...emptyMembership(REALM), evidence: openings, versions: [...chain] },
    settled: [...chain],
    configurations,
    seats: book,
  };
  const model: Model = {
    ...newModel(REALM, actor.log, actor.key),
    state,
    time: { lower: now, upper: now, offlineAge: seconds(0), conflict: false },
    applied: {
      version: applied,
      configuration: configurations.get(applied.id)?.configuration ?? configurationOf(shares, applied),
      bytes: NO_BYTES,
    },
    ...{ compared: true, vouched: true, stale },
  };
  const end = seconds((Math.floor(now / TERM) + 1) * TERM);
  for (let i = 0; i < leases; i++) model.leases.put(leaseOf(model, i, end));
  return model;
}

const NOTHING = emptyState(REALM);
const NO_BYTES = new Uint8Array(0);

const REQUEST = {
  ...{ feature: FEATURE, user: 'ana', tie: 'process' as const, wait: false },
  process: { tool: 'tool', pid: null, startTime: null },
};

/** Until when the engine would lend one more seat; null where it would not. */
export function lends(model: Model): Seconds | null {
  const decision = decide(model, REQUEST);
  return decision.allow ? decision.end : null;
}

/** Seats that the engine would lend at once, one after another. */
export function lendable(model: Model): number {
  for (let lent = model.leases.size; ; lent++) {
    const end = lends(model);
    if (end === null) return lent;
    model.leases.put(leaseOf(model, lent, end));
  }
}

function leaseOf({ applied }: Model, number: number, end: Seconds): HeldLease {
  const { feature, process, tie, user } = REQUEST;
  const id = `lease-${number}`;
  const { id: versionId, version } = applied?.version ?? { id: REALM, version: 0 };
  const lease = {
    ...{ id, secret: id, feature, user: user as PrincipalId, process, tie, host: 'a' as PrincipalId },
    ...{ version, versionId, since: seconds(0), end },
  };
  return { lease, holder: { kind: 'process' } };
}

const compiled = new WeakMap<Shares, WeakMap<Version['roster'], Configuration>>();

function configurationOf(shares: SeatScenario['shares'], version: Version): Configuration {
  const own = shares[version.id] ?? NO_SHARES;
  const known = compiled.get(own) ?? new WeakMap<Version['roster'], Configuration>();
  compiled.set(own, known);
  const before = known.get(version.roster);
  if (before !== undefined) return before;
  const lots = new Map(
    Object.entries(own.lots).map(([host, seats]) => [host as PrincipalId, seats] as const),
  );
  const made: Configuration = {
    ...{ realm: REALM, version: version.version, parent: version.parent ?? REALM, roster: version.roster },
    registry: { ...REGISTRY, features: { [FEATURE]: { name: FEATURE, software: 'cad', seats: own.seats } } },
    lots: new Map([[FEATURE, lots]]),
  };
  known.set(version.roster, made);
  return made;
}

const NO_SHARES: Shares = { seats: 0, lots: {} };

const REGISTRY: Registry = {
  ...{ realm: { name: 'Modelled works' }, classes: {}, software: { cad: { name: 'CAD' } }, features: {} },
  ...{ blocks: {}, groups: {}, people: { ana: { name: 'Ana' } }, hosts: {} },
  periods: { ever: { feature: FEATURE, from: '1970-01-01', until: '2999-01-01' } },
  ...{
    reservations: {},
    rules: {},
    vendors: {},
    grants: {},
    relays: {},
    recovery: { keys: [], threshold: 1 },
  },
  policy: { issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle' },
};

/** The largest number of seats of the versions in force in a term: from the oldest that governs it to the newest there is. */
export function seatsInForce(
  { shares }: Pick<SeatScenario, 'shares'>,
  chains: readonly (readonly Version[])[],
  term: number,
): number {
  const all = new Map<number, { id: string; first: number }>();
  for (const { firstTerms, id, version } of chains.flat()) {
    const first = firstTerms.get(CLASS) ?? Number.POSITIVE_INFINITY;
    all.set(version, { id, first: Math.min(first, all.get(version)?.first ?? first) });
  }
  const ordered = [...all].sort(([a], [b]) => a - b).map(([, entry]) => entry);
  const oldest = Math.max(
    0,
    ordered.findLastIndex(({ first }) => first <= term),
  );
  return Math.max(...ordered.slice(oldest).map(({ id }) => shares[id]?.seats ?? 0));
}

/** A scenario whose versions, the first included, give seats. */
export function withSeats(scenario: Scenario, shares: SeatScenario['shares']): SeatScenario {
  return { ...scenario, genesis: { ...scenario.genesis, content: scenario.genesis.id }, shares };
}
