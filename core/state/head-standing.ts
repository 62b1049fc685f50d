import type { ConfigurationHead } from '../wire/roughtime-response.ts';

/**
 * How a version that somebody else names stands to what this host has: the same, one that it has had before, a later one,
 * or one that is in no history of its own though it would have to be.
 */
export type HeadStanding = 'same' | 'earlier' | 'later' | 'other';

/** How a head stands to the certified versions of a host, the newest of which counts; `later` for a host that has none. */
export function headStanding(
  versions: readonly { readonly generation: number; readonly version: number; readonly id: string }[],
  { digest, generation, version }: ConfigurationHead,
): HeadStanding {
  const later = versions.every(
    (own) => own.generation < generation || (own.generation === generation && own.version < version),
  );
  if (later) return 'later';
  // Without the digest, a history that forked off would pass for this one.
  if (!versions.some((own) => own.id === digest)) return 'other';
  const after = versions.some(
    (own) => own.generation > generation || (own.generation === generation && own.version > version),
  );
  return after ? 'earlier' : 'same';
}
