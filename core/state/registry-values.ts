import * as z from 'zod';
import { expecting } from './registry-misfit.ts';

/** A text of one form, refused in one sentence whatever is wrong with it; so is all that is here. */
function textLike(form: RegExp, what: string) {
  const error = expecting(what);
  return z.string({ error }).regex(form, { error });
}

/** What names an entry. */
export const id = textLike(
  /^[a-z0-9][a-z0-9._-]{0,63}$/,
  'an id of 1 to 64 small letters, digits, dots, hyphens and underscores, such as ws-01',
);

/** Text without lone surrogates, which UTF-8 cannot carry: they would come back as something else. */
export function text(min: number, max: number) {
  const what = `a text of ${min} to ${max} characters`;
  const error = expecting(what);
  return textLike(/^\P{Cs}*$/u, what)
    .min(min, { error })
    .max(max, { error });
}

/** A whole number. */
export function whole(min: number, max: number) {
  const error = expecting(`a whole number from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A public key of any use. */
export const key = textLike(/^[0-9a-f]{64}$/, 'a public key of 64 digits from 0 to 9 and a to f').meta({
  description: 'A raw Ed25519 public key, 64 lowercase hex digits',
});

/** A digest of something that is kept elsewhere. */
export const digest = textLike(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 digits from 0 to 9 and a to f');

/** The id of a log, in decimal. */
export const logId = textLike(/^[1-9]\d{0,9}$/, 'a log id of up to ten digits, such as 2716057');

/** A day or an instant. */
export function moment(description: string) {
  const what = 'a day or an instant, such as 2030-01-31, 2030-01-31+09:00 or 2030-01-31T12:00Z';
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})|[+-]\d{2}:\d{2})?$/;
  return textLike(form, what).meta({ description });
}

const ADDRESS = 'an address of at most 2048 characters, such as wss://relay.example';

/** Where a relay is. */
export const address = textLike(/^wss?:\/\/[^\s\p{Cs}]+$/u, ADDRESS).max(2048, { error: expecting(ADDRESS) });
