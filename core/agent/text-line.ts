import { no, type Result } from '../result.ts';
import { fromHex } from '../units.ts';
import { type CborReason, type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { hashOf } from '../wire/hash.ts';
import { decodeShape, type Shape } from '../wire/shape.ts';

/** Characters of a line; a longer one is refused before anything is decoded. */
export const MAX_LINE_CHARS = 16 * 1024;

/** Why a text is not such a line. */
export type LineReason =
  | CborReason
  | 'too-large'
  | 'other-text'
  | 'newer-format'
  | 'not-base64url'
  | 'damaged'
  | 'body-form';

/** A kind of line that people copy: `word:1:` and the base64url of deterministic CBOR with a check sum. */
export interface Line<T> {
  readonly word: string;
  readonly shape: Shape<T>;
}

const FORMAT = '1';
const CHECK_BYTES = 4;

/** The value as one line of text. */
export function formatLine<T>({ word, shape }: Line<T>, value: T): string {
  const body = shape.encode(value);
  const bytes = encodeCbor([body, checkOf(body)]);
  return `${word}:${FORMAT}:${Buffer.from(bytes).toString('base64url')}`;
}

/** The value in a line; white space, which mail programs put in, is ignored. Total. */
export function parseLine<T>({ word, shape }: Line<T>, text: string): Result<T, LineReason> {
  if (text.length > MAX_LINE_CHARS) {
    return no('too-large', `expected at most ${MAX_LINE_CHARS} characters, came ${text.length}`);
  }
  const [kind, format, data = '', ...rest] = text.replace(/\s+/g, '').split(':');
  if (kind !== word) return no('other-text', `expected a text that begins with ${word}:`);
  if (format !== FORMAT) return no('newer-format', `expected format ${FORMAT}, came ${format}`);
  const bytes = new Uint8Array(Buffer.from(data, 'base64url'));
  if (rest.length > 0 || Buffer.from(bytes).toString('base64url') !== data) return no('not-base64url');
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) return decoded;
  const [body, check] = Array.isArray(decoded.value) ? (decoded.value as CborValue[]) : [];
  if (body === undefined || !(check instanceof Uint8Array)) return no('body-form', 'expected a checked body');
  // One mistyped character in a key would otherwise be found out by others, much later.
  if (Buffer.compare(check, checkOf(body)) !== 0) return no('damaged', 'the check sum does not fit');
  return decodeShape(shape, body);
}

function checkOf(body: CborValue): Uint8Array {
  return fromHex(hashOf(encodeCbor(body))).subarray(0, CHECK_BYTES);
}
