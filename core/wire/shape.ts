import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, isLogId, type LogId, type PublicKey, toHex } from '../units.ts';
import type { CborValue } from './cbor.ts';

/** One description of a body's form that both encodes and decodes it. */
export interface Shape<T> {
  encode(value: T): CborValue;
  /** Throws ShapeError; `decodeShape` is the door that does not. */
  decode(value: CborValue | undefined): T;
}

/** The type that a shape describes. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** What was expected, and the path to where it was not found, put together only once something is wrong. */
class ShapeError extends Error {
  readonly expected: string;
  path = '';

  constructor(expected: string) {
    super(expected);
    this.expected = expected;
  }
}

/** Decodes a value by its shape. Total; unknown fields are ignored, so that a newer host's body can be read. */
export function decodeShape<T>(shape: Shape<T>, value: CborValue): Result<T, 'body-form'> {
  try {
    return ok(shape.decode(value));
  } catch (error) {
    if (error instanceof ShapeError) return no('body-form', `body${error.path}: expected ${error.expected}`);
    throw error;
  }
}

function wrong(expected: string): never {
  throw new ShapeError(expected);
}

/** The error as whoever contains the wrong value sees it. */
function within(step: string, error: unknown): unknown {
  if (error instanceof ShapeError) error.path = step + error.path;
  return error;
}

/** An integer from `min` (0 unless told) to `max`. */
export function integer(max = Number.MAX_SAFE_INTEGER, min = 0): Shape<number> {
  return {
    encode: (value) => value,
    decode: (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
        ? value
        : wrong(`an integer from ${min} to ${max}`),
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
    decode: (value) => {
      const decoded = shape.decode(value);
      return guard(decoded) ? decoded : wrong(expected);
    },
  };
}

/** A text of at most `max` characters. */
export function text(max: number): Shape<string> {
  return {
    encode: (value) => value,
    decode: (value) =>
      typeof value === 'string' && value.length <= max ? value : wrong(`a text of at most ${max}`),
  };
}

/** One of a closed set of words. */
export function word<const W extends string>(words: readonly W[]): Shape<W> {
  return {
    encode: (value) => value,
    decode: (value) => words.find((known) => known === value) ?? wrong(words.join(' or ')),
  };
}

/** A byte string of exactly `length`, or of at most `max`. */
export function bytes(bound: { readonly length: number } | { readonly max: number }): Shape<Uint8Array> {
  return {
    encode: (value) => value,
    decode: (value) => {
      if (!(value instanceof Uint8Array)) return wrong('bytes');
      const fits = 'length' in bound ? value.length === bound.length : value.length <= bound.max;
      return fits ? value : wrong(`bytes of ${JSON.stringify(bound)}`);
    },
  };
}

const digest = bytes({ length: 32 });

/** A SHA-256 digest: bytes on the wire, hex in memory. */
export const hash: Shape<Hash> = {
  encode: (value) => fromHex(value),
  decode: (value) => toHex(digest.decode(value)) as Hash,
};

/** A raw Ed25519 public key: bytes on the wire, hex in memory. */
export const publicKey: Shape<PublicKey> = {
  encode: (value) => fromHex(value),
  decode: (value) => toHex(digest.decode(value)) as PublicKey,
};

/** A log id. */
export const logId: Shape<LogId> = {
  encode: (value) => value,
  decode: (value) => (isLogId(value) ? value : wrong('a log id')),
};

/** True or false. */
export const flag: Shape<boolean> = {
  encode: (value) => value,
  decode: (value) => (typeof value === 'boolean' ? value : wrong('true or false')),
};

/** Any CBOR value, judged elsewhere. */
export const anything: Shape<CborValue> = {
  encode: (value) => value,
  decode: (value) => (value === undefined ? wrong('a value') : value),
};

/** The value, or null. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    encode: (value) => (value === null ? null : shape.encode(value)),
    decode: (value) => (value === null ? null : shape.decode(value)),
  };
}

/** The value, or none: a field that earlier versions do not know, and that says something only where it stands. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    encode: (value) => (value === undefined ? wrong('a value') : shape.encode(value)),
    decode: (value) => (value === undefined ? undefined : shape.decode(value)),
  };
}

/** At most `max` values of one shape. */
export function list<T>(shape: Shape<T>, max: number): Shape<readonly T[]> {
  return {
    encode: (values) => values.map((value) => shape.encode(value)),
    decode: (value) => {
      if (!Array.isArray(value) || value.length > max) return wrong(`a list of at most ${max}`);
      const items: T[] = [];
      try {
        for (const item of value) items.push(shape.decode(item));
      } catch (error) {
        throw within(`[${items.length}]`, error);
      }
      return items;
    },
  };
}

/** A list of exactly these, each of its own shape. */
export function tuple<const S extends readonly Shape<unknown>[]>(
  ...shapes: S
): Shape<{ readonly [I in keyof S]: Shaped<S[I]> }> {
  return {
    encode: (values) => shapes.map((shape, i) => shape.encode(values[i])),
    decode: (value) => {
      if (!Array.isArray(value) || value.length !== shapes.length) return wrong(`a list of ${shapes.length}`);
      const items: unknown[] = [];
      try {
        for (const shape of shapes) items.push(shape.decode(value[items.length]));
      } catch (error) {
        throw within(`[${items.length}]`, error);
      }
      return items as never;
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
    decode: (value) => {
      if (!(value instanceof Map) || value.size > max) return wrong(`a map of at most ${max}`);
      const entries = new Map<K, V>();
      let at: K | null = null;
      try {
        for (const [key, item] of value as Map<CborValue, CborValue>) {
          at = null;
          const name = keys.decode(key);
          at = name;
          entries.set(name, values.decode(item));
        }
      } catch (error) {
        throw within(at === null ? ' key' : `.${at}`, error);
      }
      return entries;
    },
  };
}

type Optional<F> = { [K in keyof F]: undefined extends Shaped<F[K]> ? K : never }[keyof F];
type Fields<F> = { readonly [K in Exclude<keyof F, Optional<F>>]: Shaped<F[K]> } & {
  readonly [K in Optional<F>]?: Shaped<F[K]>;
};

/** A map with named fields; one that is optional stands there only if it has a value. */
export function fields<const F extends { readonly [name: string]: Shape<unknown> }>(
  shapes: { readonly [K in keyof F]: F[K] },
): Shape<Fields<F>> {
  const entries = Object.entries(shapes);
  return {
    encode: (value) => {
      const given = value as Readonly<Record<string, unknown>>;
      const present = entries.filter(([name]) => given[name] !== undefined);
      return new Map(present.map(([name, shape]) => [name, shape.encode(given[name] as never)]));
    },
    decode: (value) => {
      if (!(value instanceof Map)) return wrong('a map');
      const decoded: Record<string, unknown> = {};
      let at = '';
      try {
        for (const [name, shape] of entries) {
          at = name;
          const item = shape.decode(value.get(name));
          if (item !== undefined) decoded[name] = item;
        }
      } catch (error) {
        throw within(`.${at}`, error);
      }
      return decoded as Fields<F>;
    },
  };
}
