import type { Registry } from './registry.ts';

type Feature = Registry['features'][string];

/** The fields of a feature that an options file may set. */
const FIELDS = ['linger', 'timeout', 'overdraft'] as const;
type Field = (typeof FIELDS)[number];

/** What the lines of a file set at one feature; a field that no line is about is absent. */
export type AskedFields = Partial<Readonly<Record<Field, number>>>;

/** What became of what an earlier import, or a person, had set. */
export interface FlexnetEarlier {
  /** Where it is or was: `features/mesh/timeout`, `rules/flexnet.line-3`. */
  readonly path: string;
  /** Replaced by a line, though a person had set it; taken back, since no line asks for it any more; kept, since a person changed it after the import. */
  readonly outcome: 'replaced' | 'taken-back' | 'kept';
  readonly said: string;
}

/**
 * A feature with what a file's lines set, in place of what an earlier import of such a file by the same name did.
 * An import owns a field for as long as it holds what the import set it to; what a person had set before is remembered, and
 * is there again when the line is gone.
 */
export function withFields(
  id: string,
  feature: Feature,
  asked: AskedFields,
  by: string,
): { readonly feature: Feature; readonly earlier: readonly FlexnetEarlier[] } {
  const earlier: FlexnetEarlier[] = [];
  const after = { ...feature };
  const marks = { ...feature.imported };
  for (const field of FIELDS) {
    const [now, mark, wanted] = [feature[field], marks[field], asked[field]];
    const owned = mark !== undefined && mark.set === now;
    const byHand = owned ? mark.before : now;
    const path = `features/${id}/${field}`;
    if (wanted !== undefined) {
      after[field] = wanted;
      marks[field] = { by, set: wanted, ...(byHand === undefined ? {} : { before: byHand }) };
      if (!owned && byHand !== undefined && byHand !== wanted) {
        const said = `${wanted} in place of ${byHand}, which was not imported; that comes back when no line is about it`;
        earlier.push({ path, outcome: 'replaced', said });
      } else if (owned && mark.by !== by && mark.set !== wanted) {
        earlier.push({ path, outcome: 'replaced', said: `${wanted} in place of ${mark.set} of ${mark.by}` });
      }
    } else if (mark?.by === by) {
      delete marks[field];
      if (owned) {
        delete after[field];
        if (byHand !== undefined) after[field] = byHand;
      }
      earlier.push({ path, ...fate(owned, mark.set, owned ? byHand : now) });
    }
  }
  delete after.imported;
  return { feature: { ...after, ...(Object.keys(marks).length > 0 ? { imported: marks } : {}) }, earlier };
}

function fate(owned: boolean, set: number, left: number | undefined): Omit<FlexnetEarlier, 'path'> {
  const is = left === undefined ? 'unset' : `${left}`;
  if (!owned) {
    const said = `${is}, as it was changed since ${set} was imported; it is nobody's import any more`;
    return { outcome: 'kept', said };
  }
  const before = left === undefined ? 'nothing was there before' : `${left} was there before and is again`;
  return { outcome: 'taken-back', said: `${set} was imported and no line sets it any more; ${before}` };
}
