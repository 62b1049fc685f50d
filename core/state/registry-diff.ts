import { COLLECTIONS, type Registry, SECTIONS } from './registry.ts';

/** One difference between two registries: an entry, a field, or an id in a list. */
interface RegistryChange {
  /** Names from the root down: `features.solver.seats`; of a list the list. */
  readonly path: string;
  /** Names above the difference: 2 for an entry of a collection (ids may contain dots, so the path does not tell). */
  readonly depth: number;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

const ONE_AND_MANY: Readonly<Record<(typeof COLLECTIONS)[number], readonly [one: string, many: string]>> = {
  software: ['software product', 'software products'],
  features: ['feature', 'features'],
  blocks: ['feature block', 'feature blocks'],
  people: ['person', 'people'],
  groups: ['group', 'groups'],
  hosts: ['host', 'hosts'],
  classes: ['class', 'classes'],
  periods: ['period', 'periods'],
  reservations: ['reservation', 'reservations'],
  rules: ['rule', 'rules'],
  vendors: ['vendor', 'vendors'],
  grants: ['licence code', 'licence codes'],
  relays: ['relay', 'relays'],
};

/** All differences, in the order in which sections are shown; an added or removed entry is one change, whole. */
export function diffRegistry(before: Registry, after: Registry): readonly RegistryChange[] {
  return [...SECTIONS, ...COLLECTIONS].flatMap((name) => diffAt(name, 1, before[name], after[name]));
}

/** The differences in sentences: counts of entries first, then each field. */
export function summariseRegistry(changes: readonly RegistryChange[]): readonly string[] {
  const counts = COLLECTIONS.flatMap((collection) => {
    const [one, many] = ONE_AND_MANY[collection];
    return (['added', 'removed'] as const).flatMap((kind) => {
      const entries = changes.filter(
        (change) => change.kind === kind && isEntry(change) && change.path.startsWith(`${collection}.`),
      );
      const ids = listed(entries.map(({ path }) => path.slice(collection.length + 1)));
      const sign = kind === 'added' ? '+' : '−';
      const noun = entries.length === 1 ? one : many;
      return entries.length === 0 ? [] : [`${sign}${entries.length} ${noun}: ${ids}`];
    });
  });
  const fields = changes.filter((change) => !isEntry(change));
  return [...counts, ...fields.map(sentence)];
}

/** Ids named in one sentence; the rest is counted, and `changes` has every one. */
const MAX_LISTED = 6;

function listed(ids: readonly string[]): string {
  const more = ids.length - MAX_LISTED;
  return more <= 1 ? ids.join(', ') : `${ids.slice(0, MAX_LISTED).join(', ')} and ${more} more`;
}

function diffAt(path: string, depth: number, before: unknown, after: unknown): RegistryChange[] {
  if (before === after) return [];
  if (before === undefined) return [{ path, depth, kind: 'added', after }];
  if (after === undefined) return [{ path, depth, kind: 'removed', before }];
  if (isMap(before) && isMap(after)) {
    return Object.keys({ ...before, ...after })
      .sort()
      .flatMap((key) => diffAt(`${path}.${key}`, depth + 1, own(before, key), own(after, key)));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, depth, kind: 'changed', before, after }];
}

function isEntry({ path, depth }: RegistryChange): boolean {
  return depth === 2 && !SECTIONS.some((section) => path.startsWith(`${section}.`));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function sentence({ path, kind, before, after }: RegistryChange): string {
  if (Array.isArray(before) && Array.isArray(after)) {
    const added = after.filter((id) => !before.includes(id)).map((id) => `+${id}`);
    const removed = before.filter((id) => !after.includes(id)).map((id) => `−${id}`);
    return `${path}: ${[...added, ...removed].join(' ')}`;
  }
  if (kind === 'added') return `${path}: set to ${shown(after)}`;
  if (kind === 'removed') return `${path}: was ${shown(before)}, now unset`;
  return `${path}: ${shown(before)} → ${shown(after)}`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
