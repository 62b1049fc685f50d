/** Sections of the registry that are maps keyed by id, in the order in which they are shown. Named here, apart from what validates them, so that a command line can list them without loading it. */
export const COLLECTIONS = [
  'software',
  'features',
  'blocks',
  'people',
  'groups',
  'hosts',
  'classes',
  'periods',
  'reservations',
  'rules',
  'vendors',
  'grants',
  'relays',
] as const;
export type Collection = (typeof COLLECTIONS)[number];
/** Sections that are single objects. */
export const SECTIONS = ['realm', 'policy', 'recovery'] as const;
export type Section = (typeof SECTIONS)[number];
