import type { SeatFacts, SeatMove } from '../../core/state/seat-moves.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { hashNamed } from './rosters.ts';

/** The one version whose lots the moves of a test draw on. */
export const OF = hashNamed('version');

/** What a seat is the right to, where that is not `draw` in term 5 of class `office` of the one version. */
interface Right {
  readonly feature: string;
  readonly class: string;
  readonly term: number;
  readonly of: Hash;
}

/** A move in short: who, what, and for a transfer to whom and out of which one that came before. */
export type ShortMove =
  | ({ readonly give: number; readonly to: number; readonly from?: string } & Partial<Right>)
  | { readonly accept: string }
  | { readonly back: number; readonly of: string };

/** A move of log `log` at `seq`, which others refer to by its name. */
export function seatMove(name: string, log: number, seq: number, short: ShortMove): SeatMove {
  const place = { log: log as LogId, seq, hash: hashNamed(name), proven: true };
  return { ...place, ...bodyOf(short) } as unknown as SeatMove;
}

function bodyOf(short: ShortMove) {
  if ('accept' in short) return { type: 'accept', body: { of: hashNamed(short.accept) } };
  if ('back' in short) {
    return { type: 'surrender', body: { transfer: hashNamed(short.of), seats: short.back } };
  }
  const { from, give, to, ...right } = short;
  const source = from === undefined ? null : hashNamed(from);
  const whole: Right = { feature: 'draw', class: 'office', term: 5, of: OF, ...right };
  return { type: 'transfer', body: { to: to as LogId, seats: give, ...whole, source, request: null } };
}

/** Lots by log, all of the class `office`; a version that is not among the known has none yet. */
export function factsOf(
  lots: Readonly<Record<number, number>>,
  more: { readonly known?: ReadonlySet<Hash>; readonly ends?: Readonly<Record<number, number>> } = {},
): SeatFacts {
  const { ends = {}, known = new Set([OF]) } = more;
  return {
    lotOf: (version, log, hostClass) =>
      known.has(version) ? (hostClass === 'office' ? (lots[log] ?? 0) : 0) : undefined,
    endOf: (log) => ends[log] ?? null,
  };
}
