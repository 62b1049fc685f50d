import { type Draft, emptyDraft } from '../../core/state/drafts.ts';
import { admitAll, editsTo, logId, smallRegistry } from './registries.ts';

/** The log of one editor. */
export const ANA = logId(11);

/** The log of another, whose id takes five bytes. */
export const BO = logId(4_000_000_012);

/** A draft that spells the small registry, written by Ana. */
export function written(): Draft {
  const draft = emptyDraft();
  return admitAll(draft, editsTo(draft, ANA, smallRegistry()));
}
