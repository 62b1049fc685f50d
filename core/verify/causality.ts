import type { TimeToken } from './time.ts';

/** Pairs of positions that cannot both be true: of answers in the order received, the earlier begins after the later ends (RFC 10049, Measurement Sequence). */
export function causalViolations(
  chain: readonly Pick<TimeToken, 'midpoint' | 'radius'>[],
): readonly (readonly [earlier: number, later: number])[] {
  const out: [number, number][] = [];
  chain.forEach((earlier, i) => {
    chain.forEach((later, j) => {
      if (i < j && earlier.midpoint - earlier.radius > later.midpoint + later.radius) out.push([i, j]);
    });
  });
  return out;
}
