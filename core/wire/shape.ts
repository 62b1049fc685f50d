import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, isLogId, type LogId, type PublicKey, toHex } from '../units.ts';
import type { CborValue } from './cbor.ts';

/** One description of a body's form that both encodes and decodes it. */
export interface Shape<T> {
  encode(value: T): CborValue;
  /** Throws ShapeError; `decodeShape` is the door that does not. */
  decode(value: CborValue | undefined, path: string): T;
}

/** The type that a shape describes. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

class ShapeError extends Error {}

/** Decodes a value by its shape. Total; unknown fields are ignored, so that a newer host's body can be read. */
export function decodeShape<T>(shape: Shape<T>, value: CborValue): Result<T, 'body-form'> {
  try {
    return ok(shape.decode(value, 'body'));
  } catch (error) {
    if (error instanceof ShapeError) return no('body-form', error.message);
    throw error;
  }
}

function wrong(path: string, expected: string): never {
  throw new ShapeError(`${path}: expected ${expected}`);
}

/** An integer from `min` (0 unless told) to `max`. */
export function integer(max = Number.MAX_SAFE_INTEGER, min = 0): Shape<number> {
  return {
    encode: (value) => value,
    decode: (value, path) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
        ? value
        : wrong(path, `an integer from ${min} to ${max}`),
  };
}

/** A value of another shape that also passes a guard. */
export function checked<T extends CborValue, U extends T>(
  shape: Shape<T>,
  guard: (value: unknown) => value is U,
  expected: string,
): Shape<U> {
  return {
    encode: (value) => value,
    decode: (value, path) => {
      const decoded = shape.decode(value, path);
      return guard(decoded) ? decoded : wrong(path, expected);
    },
  };
}

/** A text of at most `max` characters. */
export function text(max: number): Shape<string> {
  return {
    encode: (value) => value,
    decode: (value, path) =>
      typeof value === 'string' && value.length <= max ? value : wrong(path, `a text of at most ${max}`),
  };
}

/** One of a closed set of words. */
export function word<const W extends string>(words: readonly W[]): Shape<W> {
  return {
    encode: (value) => value,
    decode: (value, path) => words.find((known) => known === value) ?? wrong(path, words.join(' or ')),
  };
}

/** A byte string of exactly `length`, or of at most `max`. */
export function bytes(bound: { readonly length: number } | { readonly max: number }): Shape<Uint8Array> {
  return {
    encode: (value) => value,
    decode: (value, path) => {
      if (!(value instanceof Uint8Array)) return wrong(path, 'bytes');
      const fits = 'length' in bound ? value.length === bound.length : value.length <= bound.max;
      return fits ? value : wrong(path, `bytes of ${JSON.stringify(bound)}`);
    },
  };
}

const digest = bytes({ length: 32 });

/** A SHA-256 digest: bytes on the wire, hex in memory. */
export const hash: Shape<Hash> = {
  encode: (value) => fromHex(value),
  decode: (value, path) => toHex(digest.decode(value, path)) as Hash,
};

/** A raw Ed25519 public key: bytes on the wire, hex in memory. */
export const publicKey: Shape<PublicKey> = {
  encode: (value) => fromHex(value),
  decode: (value, path) => toHex(digest.decode(value, path)) as PublicKey,
};

/** A log id. */
export const logId: Shape<LogId> = {
  encode: (value) => value,
  decode: (value, path) => (isLogId(value) ? value : wrong(path, 'a log id')),
};

/** True or false. */
export const flag: Shape<boolean> = {
  encode: (value) => value,
  decode: (value, path) => (typeof value === 'boolean' ? value : wrong(path, 'true or false')),
};

/** Any CBOR value, judged elsewhere. */
export const anything: Shape<CborValue> = {
  encode: (value) => value,
  decode: (value, path) => (value === undefined ? wrong(path, 'a value') : value),
};

/** The value, or null. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    encode: (value) => (value === null ? null : shape.encode(value)),
    decode: (value, path) => (value === null ? null : shape.decode(value, path)),
  };
}

/** At most `max` values of one shape. */
export function list<T>(shape: Shape<T>, max: number): Shape<readonly T[]> {
  return {
    encode: (values) => values.map((value) => shape.encode(value)),
    decode: (value, path) => {
      if (!Array.isArray(value) || value.length > max) return wrong(path, `a list of at most ${max}`);
      return value.map((item, i) => shape.decode(item, `${path}[${i}]`));
    },
  };
}

/** A list of exactly these, each of its own shape. */
export function tuple<const S extends readonly Shape<unknown>[]>(
  ...shapes: S
): Shape<{ readonly [I in keyof S]: Shaped<S[I]> }> {
  return {
    encode: (values) => shapes.map((shape, i) => shape.encode(values[i])),
    decode: (value, path) => {
      if (!Array.isArray(value) || value.length !== shapes.length) {
        return wrong(path, `a list of ${shapes.length}`);
      }
      return shapes.map((shape, i) => shape.decode(value[i], `${path}[${i}]`)) as never;
    },
  };
}

/** At most `max` entries with keys of one shape and values of another. */
export function mapOf<K extends string | number, V>(
  keys: Shape<K>,
  values: Shape<V>,
  max: number,
): Shape<ReadonlyMap<K, V>> {
  return {
    encode: (map) => new Map([...map].map(([key, value]) => [key, values.encode(value)])),
    decode: (value, path) => {
      if (!(value instanceof Map) || value.size > max) return wrong(path, `a map of at most ${max}`);
      const entries = [...(value as Map<CborValue, CborValue>)];
      return new Map(
        entries.map(([key, item]) => [
          keys.decode(key, `${path} key`),
          values.decode(item, `${path}.${key}`),
        ]),
      );
    },
  };
}

/** A map with named fields. */
export function fields<const F extends { readonly [name: string]: Shape<unknown> }>(
  shapes: { readonly [K in keyof F]: F[K] },
): Shape<{ readonly [K in keyof F]: Shaped<F[K]> }> {
  const entries = Object.entries(shapes);
  return {
    encode: (value) => new Map(entries.map(([name, shape]) => [name, shape.encode(value[name] as never)])),
    decode: (value, path) => {
      if (!(value instanceof Map)) return wrong(path, 'a map');
      const decoded = entries.map(([name, shape]) => [
        name,
        shape.decode(value.get(name), `${path}.${name}`),
      ]);
      return Object.fromEntries(decoded);
    },
  };
}
