/** How a place of the registry is kept in the draft document: a register, a text, a set of ids, a map of fields, a map of entries. */
export type Shape =
  | 'value'
  | 'note'
  | 'set'
  | { readonly fields: Readonly<Record<string, Shape>> }
  | { readonly each: Shape };

const note = { note: 'note' } as const;
const selection = { fields: { people: 'set', groups: 'set', hosts: 'set' } } as const;
const principal = { fields: { roles: 'set', logs: { each: 'value' }, ...note } } as const;

/**
 * The shape of the whole document. Each field is a register of its own, so edits of different fields merge;
 * lists of ids are maps from id to `true`, so two people may add to one list at once; nothing nests as one value.
 * A field that is not listed is a register.
 */
export const DRAFT_SHAPE = {
  fields: {
    realm: { fields: {} },
    classes: { each: { fields: {} } },
    software: { each: { fields: note } },
    features: {
      each: { fields: { demand: { each: 'value' }, imported: { each: { fields: {} } }, ...note } },
    },
    blocks: { each: { fields: { features: 'set', ...note } } },
    groups: { each: { fields: { members: 'set', hosts: 'set', imported: { fields: {} }, ...note } } },
    people: { each: principal },
    hosts: { each: principal },
    periods: { each: { fields: {} } },
    reservations: { each: { fields: {} } },
    rules: { each: { fields: { allow: selection, deny: selection, for: selection, ...note } } },
    vendors: { each: { fields: { keys: 'set', ...note } } },
    grants: { each: { fields: note } },
    policy: { fields: {} },
    relays: { each: { fields: {} } },
    recovery: { fields: { keys: 'set' } },
  },
} as const satisfies Shape;

/** The root maps of the document. */
export const DRAFT_ROOTS = Object.keys(DRAFT_SHAPE.fields) as readonly (keyof typeof DRAFT_SHAPE.fields)[];

/** The shape of what lies under `key`; undefined where a newer version may keep what this one does not know. */
export function shapeUnder(shape: Shape | undefined, key: string): Shape | undefined {
  if (shape === undefined || typeof shape === 'string') return undefined;
  if ('each' in shape) return shape.each;
  return Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
}

/** Whether content of this kind may stand at a place of this shape. */
export function fits(shape: Shape | undefined, kind: 'value' | 'map' | 'note'): boolean {
  if (shape === undefined) return true;
  if (shape === 'value' || shape === 'note') return shape === kind;
  return kind === 'map';
}
