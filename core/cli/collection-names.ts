import type { Collection } from '../state/registry.ts';

/** The collections of a registry, without loading what validates one; a test compares them with the source. */
export const COLLECTION_NAMES: readonly Collection[] = [
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
  'relays',
];
