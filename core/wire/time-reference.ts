import { fields, hash, integer, type Shaped } from './shape.ts';

/**
 * The newest signed time that a host had, by reference: the SHA-256 of the token in gossip form, and the instant in whole
 * seconds (UTC) that the token says is past. Nobody can name a token before its relay has signed it, so whatever is signed
 * over a reference was signed after that instant, for whoever has the token; without it `after` is the host's word. It
 * says nothing about how long after.
 */
export const timeReference = fields({ after: integer(), token: hash });

/** A signed time named by its hash. */
export type TimeReference = Shaped<typeof timeReference>;
