import assert from 'node:assert/strict';
import type { CheckoutQuestion } from '../../core/decide/checkout.ts';
import type { LotDenial, LotView } from '../../core/decide/lots.ts';
import type { TimeView } from '../../core/state/clock.ts';
import { type Configuration, compile } from '../../core/state/compile.ts';
import type { Registry } from '../../core/state/registry.ts';
import { type Hash, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { keyOfLog, smallRegistry } from './registries.ts';

/** Seconds of a day. */
export const DAY = 86_400;
/** 2030-01-01T00:00:00Z, when the period of the small lab starts. */
export const START = 1_893_456_000;
/** 2031-01-01T00:00:00Z, when it is over. */
export const END = START + 365 * DAY;
/** 2030-04-11T00:00:00Z. */
export const NOW = START + 100 * DAY;
/** The end of the term at NOW. */
export const TERM_END = NOW + DAY;

/** The small lab, changed. */
export function configuration(change: (registry: Registry) => void = () => undefined): Configuration {
  const registry = smallRegistry();
  change(registry);
  const compiled = compile({
    ...{ registry, realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash },
    ...{ parentRoster: null, keyOf: (log: number) => keyOfLog(log) as PublicKey },
  });
  assert(compiled.ok, compiled.ok ? '' : compiled.detail);
  return compiled.value;
}

/** Signed time that knows the instant exactly. */
export function at(instant: number | null, more: Partial<TimeView> = {}): TimeView {
  const lower = instant === null ? null : seconds(instant);
  return { lower, upper: lower, offlineAge: seconds(0), conflict: false, ...more };
}

/** So many seats of the batch tracer in the term that ends then. */
export function lots(seats: number, until = TERM_END, withheld = 0): LotView {
  const term = { index: 1, from: seconds(until - DAY), until: seconds(until) };
  const lot = (feature: string) => (feature === 'ray-batch' ? seats : 1);
  const spans = (feature: string) => [{ ...term, seats: lot(feature) }];
  return { ok: true, term, lot, spans, withheld: () => withheld, withheldUntil: () => null };
}

/** A checkout of the batch tracer by ana at NOW, which is allowed unless something is changed. */
export function ask(more: Partial<CheckoutQuestion> = {}): CheckoutQuestion {
  return {
    ...{ configuration: configuration(), host: 'ws01' as PrincipalId, user: 'ana', feature: 'ray-batch' },
    ...{
      time: at(NOW),
      lots: lots(3),
      inUse: 0,
      ends: () => [],
      uses: () => [],
      maxOffline: seconds(14 * DAY),
      deadline: null,
    },
    ends: () => Array.from({ length: more.inUse ?? 0 }, () => seconds(TERM_END)),
    ...more,
  };
}

/** A host that may use no lot, and why. */
export const without = (reason: LotDenial): Partial<CheckoutQuestion> => ({ lots: { ok: false, reason } });
