import type { HeldLease, Lease, Tie } from './lease.ts';

type Ids = Map<string, Set<string>>;

/**
 * The leases of a host by id, in the order in which they were given. Those of a feature, of one of its users and on one
 * seat are found without a walk over the others, so that a checkout costs the same however many are open.
 */
export class LeaseTable {
  readonly #held = new Map<string, HeldLease>();
  readonly #byFeature: Ids = new Map();
  readonly #byUser: Ids = new Map();
  readonly #bySeat: Ids = new Map();
  readonly #inUse = new Map<string, number>();

  get size(): number {
    return this.#held.size;
  }

  /** Seats in use by feature. A lease that uses the seat of another uses none of its own. */
  get inUse(): ReadonlyMap<string, number> {
    return this.#inUse;
  }

  get(id: string): HeldLease | undefined {
    return this.#held.get(id);
  }

  has(id: string): boolean {
    return this.#held.has(id);
  }

  keys(): IterableIterator<string> {
    return this.#held.keys();
  }

  values(): IterableIterator<HeldLease> {
    return this.#held.values();
  }

  /** The leases of a feature. */
  ofFeature(feature: string): readonly HeldLease[] {
    return this.#named(this.#byFeature.get(feature));
  }

  /** The leases that a user has of a feature with this tie. */
  ofUser(feature: string, user: string, tie: Tie): readonly HeldLease[] {
    return this.#named(this.#byUser.get(userKey({ feature, user, tie })));
  }

  /** The leases that use the seat of this one. */
  under(id: string): readonly HeldLease[] {
    return this.#named(this.#bySeat.get(id));
  }

  /** Adds a lease, or puts what it is now in the place of what it was. */
  put(held: HeldLease): void {
    const { feature, id, under } = held.lease;
    const before = this.#held.get(id)?.lease;
    this.#held.set(id, held);
    if (before !== undefined) {
      if (before.feature === feature && before.under === under && userKey(before) === userKey(held.lease))
        return;
      this.#forget(id, before);
    }
    add(this.#byFeature, feature, id);
    add(this.#byUser, userKey(held.lease), id);
    if (under === undefined) this.#count(feature, 1);
    else add(this.#bySeat, under, id);
  }

  delete(id: string): void {
    const before = this.#held.get(id)?.lease;
    if (before === undefined) return;
    this.#held.delete(id);
    this.#forget(id, before);
  }

  #forget(id: string, lease: Lease): void {
    const { feature, under } = lease;
    remove(this.#byFeature, feature, id);
    remove(this.#byUser, userKey(lease), id);
    if (under === undefined) this.#count(feature, -1);
    else remove(this.#bySeat, under, id);
  }

  #count(feature: string, change: 1 | -1): void {
    this.#inUse.set(feature, (this.#inUse.get(feature) ?? 0) + change);
  }

  #named(ids: ReadonlySet<string> = NONE): readonly HeldLease[] {
    const named: HeldLease[] = [];
    for (const id of ids) {
      const held = this.#held.get(id);
      if (held !== undefined) named.push(held);
    }
    return named;
  }
}

const NONE: ReadonlySet<string> = new Set();

/** No tie and no id of a feature holds a line feed. */
function userKey({
  feature,
  tie,
  user,
}: {
  readonly feature: string;
  readonly user: string;
  readonly tie: Tie;
}): string {
  return `${tie}\n${feature}\n${user}`;
}

function add(ids: Ids, key: string, id: string): void {
  const known = ids.get(key);
  if (known === undefined) ids.set(key, new Set([id]));
  else known.add(id);
}

function remove(ids: Ids, key: string, id: string): void {
  const known = ids.get(key);
  known?.delete(id);
  if (known?.size === 0) ids.delete(key);
}
