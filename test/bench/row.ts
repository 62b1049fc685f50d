/** One figure of a benchmark. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What DESIGN 16 asks for, in the same unit; null where it asks for nothing. */
  readonly reach: Reach | null;
  /** The same work by what it is compared with, measured in the same run. */
  readonly stock?: number;
  /** Where this figure stands in a series over sizes, which shows how it grows. */
  readonly grows?: { readonly figure: string; readonly over: string; readonly at: number };
}

/** A bound on a figure. */
export interface Reach {
  readonly at: 'most' | 'least';
  readonly value: number;
}

/** How long a benchmark may take. */
interface BenchOptions {
  /** Fewer repetitions and smaller sizes: shows that it runs and roughly where it stands. */
  readonly quick: boolean;
}

/** A benchmark: prints nothing, asserts nothing. */
export interface Bench {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly Row[]>;
}

/** At most this much. */
export function atMost(value: number): Reach {
  return { at: 'most', value };
}

/** At least this much. */
export function atLeast(value: number): Reach {
  return { at: 'least', value };
}

/** The middle of the values, or the one above it. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest value that at least this share of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs the work several times, one after the other. */
export async function repeat<T>(times: number, work: (round: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let round = 0; round < times; round++) results.push(await work(round));
  return results;
}
