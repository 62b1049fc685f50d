/** Milliseconds for which a connection has to last to count as a good one. */
const LASTING = 30_000;
const MOST = 16;

/**
 * Counts the times in a row that a server let somebody in and soon sent it away to come again (close codes 45xx): a
 * relay that cannot write does so with everybody. Moments are milliseconds of running time.
 */
interface Postponements {
  connected(now: number): void;
  /** A connection has ended with this code, null for none; gives how often in a row that was a postponement. */
  closed(code: number | null, now: number): number;
}

/** None so far. */
export function postponements(): Postponements {
  let since = 0;
  let inRow = 0;
  return {
    connected(now) {
      since = now;
    },
    closed(code, now) {
      const isOne = code !== null && code >= 4500 && code < 4600 && now - since < LASTING;
      inRow = isOne ? Math.min(inRow + 1, MOST) : 0;
      return inRow;
    },
  };
}
