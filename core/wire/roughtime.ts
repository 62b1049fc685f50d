/** A dialect of Roughtime: the version number on the wire and the word that opens its signing contexts. */
export interface Profile {
  readonly version: number;
  readonly context: 'Roughtime' | 'RoughTime';
}

/** `v1` is RFC 10049; `draft` is what most servers spoke before it, kept for interoperability and never a fallback. */
export const PROFILES = {
  v1: { version: 1, context: 'Roughtime' },
  draft: { version: 0x8000_000c, context: 'RoughTime' },
} as const satisfies Record<string, Profile>;

/** What a Roughtime signature covers: the profile's context with its zero byte, then the bytes of the tag. */
export function signingInput(
  profile: Profile,
  purpose: 'delegation' | 'response',
  value: Uint8Array,
): Uint8Array {
  const context = `${profile.context} v1 ${purpose} signature\0`;
  const out = new Uint8Array(context.length + value.length);
  for (let i = 0; i < context.length; i++) out[i] = context.charCodeAt(i);
  out.set(value, context.length);
  return out;
}
