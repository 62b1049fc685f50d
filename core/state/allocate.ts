/** What one host gets of one feature: kept for it, its equal share of the rest, and the sum. */
interface Lot {
  readonly reserved: number;
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
}

/** Lots of one feature by host id, in id order, each at least 1; the sum never exceeds the seats. */
export function allocate(input: AllocationInput): Map<string, Lot> {
  const hosts = [...new Set(input.hosts)].sort();
  const kept = new Map<string, number>();
  let left = input.seats;
  for (const host of hosts) {
    const seats = Math.min(input.reserved.get(host) ?? 0, left);
    kept.set(host, seats);
    left -= seats;
  }
  const each = hosts.length === 0 ? 0 : Math.floor(left / hosts.length);
  const over = hosts.length === 0 ? 0 : left % hosts.length;
  const lots = new Map<string, Lot>();
  for (const [index, host] of hosts.entries()) {
    const reserved = kept.get(host) ?? 0;
    const share = each + (index < over ? 1 : 0);
    if (reserved + share > 0) lots.set(host, { reserved, share, total: reserved + share });
  }
  return lots;
}

/** Why a host got its number, in a sentence; `lots` is what `allocate` gave for this input. */
export function explainLot(input: AllocationInput, lots: ReadonlyMap<string, Lot>, host: string): string {
  if (!input.hosts.includes(host))
    return `${host}: 0 seats, because it has not joined or the rules leave it out`;
  const lot = lots.get(host);
  const shared = input.seats - [...lots.values()].reduce((sum, { reserved }) => sum + reserved, 0);
  const count = new Set(input.hosts).size;
  const rest = `${shared} of ${input.seats} seats are shared by ${count} hosts`;
  if (lot === undefined) return `${host}: 0 seats; ${rest} and went to those first in id order`;
  return `${host}: ${lot.total} = ${lot.reserved} reserved + ${lot.share} shared; ${rest}`;
}
