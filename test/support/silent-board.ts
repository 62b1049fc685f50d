import type { AwarenessBoard } from '../../core/adapters/awareness.ts';

/** A board on which nobody says anything. */
export const silentBoard: AwarenessBoard = {
  say: () => undefined,
  own: () => null,
  take: () => undefined,
  others: () => new Map(),
  close: () => undefined,
};
