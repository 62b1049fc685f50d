/** What one host gets of one feature: kept for it, by what it needed before, its equal share of the rest, and the sum. */
export interface Lot {
  readonly reserved: number;
  readonly demand: number;
  readonly share: number;
  readonly total: number;
}

/** A feature's seats and the hosts that may have some. */
export interface AllocationInput {
  readonly seats: number;
  /** Seats kept per host; only those of eligible hosts count. */
  readonly reserved: ReadonlyMap<string, number>;
  /** Hosts of the roster that the rules let use the feature. */
  readonly hosts: readonly string[];
  /** Seats that hosts have needed at once; reserved ones go towards it. */
  readonly demand?: ReadonlyMap<string, number>;
}

/**
 * Lots of one feature by host id, in id order, each at least 1; the sum never exceeds the seats. Reservations come first,
 * then demand, then what is left in equal shares. Where there is less than all need, nobody gets more by demand than who
 * gets less than he needs (max-min fairness): to need more never gives a host less.
 */
export function allocate(input: AllocationInput): Map<string, Lot> {
  const hosts = [...new Set(input.hosts)].sort();
  const kept = new Map<string, number>();
  let left = input.seats;
  for (const host of hosts) {
    const seats = Math.min(input.reserved.get(host) ?? 0, left);
    kept.set(host, seats);
    left -= seats;
  }
  const needed = byDemand(hosts, input.demand ?? NONE, kept, left);
  for (const seats of needed.values()) left -= seats;
  const each = hosts.length === 0 ? 0 : Math.floor(left / hosts.length);
  const over = hosts.length === 0 ? 0 : left % hosts.length;
  const lots = new Map<string, Lot>();
  for (const [index, host] of hosts.entries()) {
    const reserved = kept.get(host) ?? 0;
    const demand = needed.get(host) ?? 0;
    const share = each + (index < over ? 1 : 0);
    const total = reserved + demand + share;
    if (total > 0) lots.set(host, { reserved, demand, share, total });
  }
  return lots;
}

const NONE: ReadonlyMap<string, number> = new Map();

/** Seats beyond the reserved ones that each host gets because it needed them; of `left` at most, evenly where that is too little. */
function byDemand(
  hosts: readonly string[],
  demand: ReadonlyMap<string, number>,
  kept: ReadonlyMap<string, number>,
  left: number,
): ReadonlyMap<string, number> {
  if (demand.size === 0) return NONE;
  const wants = hosts
    .map((host) => ({ host, seats: (demand.get(host) ?? 0) - (kept.get(host) ?? 0) }))
    .filter(({ seats }) => seats > 0);
  const given = new Map<string, number>();
  let [rest, open] = [left, wants.length];
  let level = Number.POSITIVE_INFINITY;
  for (const { seats } of [...wants].sort((a, b) => a.seats - b.seats)) {
    if (seats > Math.floor(rest / open)) {
      level = Math.floor(rest / open);
      break;
    }
    rest -= seats;
    open -= 1;
  }
  let over = Number.isFinite(level) ? rest - level * open : 0;
  for (const { host, seats } of wants) {
    const more = seats > level && over > 0 ? 1 : 0;
    over -= more;
    given.set(host, Math.min(seats, level) + more);
  }
  return given;
}

/** Why a host got its number, in a sentence; `lots` is what `allocate` gave for this input. */
export function explainLot(input: AllocationInput, lots: ReadonlyMap<string, Lot>, host: string): string {
  if (!input.hosts.includes(host))
    return `${host}: 0 seats, because it has not joined or the rules leave it out`;
  const lot = lots.get(host);
  const sum = (of: (lot: Lot) => number) => [...lots.values()].reduce((all, each) => all + of(each), 0);
  const needed = sum(({ demand }) => demand);
  const shared = input.seats - sum(({ reserved }) => reserved) - needed;
  const count = new Set(input.hosts).size;
  const where = needed === 0 ? '' : `${needed} of ${input.seats} seats are where they were needed, `;
  const rest = `${where}${shared} of ${input.seats} seats are shared by ${count} hosts`;
  if (lot === undefined) return `${host}: 0 seats; ${rest} and went to those first in id order`;
  const { demand, reserved, share, total } = lot;
  const by = needed === 0 ? '' : ` + ${demand} by demand (it has needed ${input.demand?.get(host) ?? 0})`;
  return `${host}: ${total} = ${reserved} reserved${by} + ${share} shared; ${rest}`;
}
