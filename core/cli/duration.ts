import { no, ok, type Result } from '../result.ts';
import { type Seconds, seconds } from '../units.ts';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const FORM = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|[smhdw])/g;
/** The longest span that anybody means; more is a slip, such as milliseconds taken for seconds. */
const MAX_DURATION = 10 * 366 * UNITS.d;

/** Reads `30m`, `2h`, `7d`, `1h30m`, `250ms`; a bare number is refused, since its unit would be a guess. */
export function parseDuration(text: string): Result<Seconds, 'bad-duration'> {
  if (!FORM.test(text)) return no('bad-duration', `expected a span such as 30s, 15m, 2h or 7d, came ${text}`);
  let total = 0;
  for (const [, number, unit] of text.matchAll(PART)) {
    total += Number(number) * (unit === 'ms' ? 0.001 : UNITS[unit as keyof typeof UNITS]);
  }
  if (total > MAX_DURATION) return no('bad-duration', `expected ten years at most, came ${text}`);
  return ok(seconds(total));
}

/** A span in its largest whole unit, as tables show it: `45s`, `12m`, `2h`, `3d`. */
export function shortDuration(span: number): string {
  const whole = Math.max(0, Math.floor(span));
  if (whole >= 2 * UNITS.d) return `${Math.floor(whole / UNITS.d)}d`;
  if (whole >= UNITS.h) return `${Math.floor(whole / UNITS.h)}h`;
  if (whole >= UNITS.m) return `${Math.floor(whole / UNITS.m)}m`;
  return `${whole}s`;
}

/** A difference between clocks with its sign: `+0.3 s`, `-2m`. */
export function signedDuration(span: number): string {
  const sign = span < 0 ? '-' : '+';
  const size = Math.abs(span);
  return size < 60 ? `${sign}${size.toFixed(1)} s` : `${sign}${shortDuration(size)}`;
}
