import { encode, rfc8949EncodeOptions } from 'cborg';

const TEXT = 0x60;
const MAP = 0xa0;
const ENCODER = new TextEncoder();

/**
 * Deterministic CBOR (RFC 8949, 4.2) of objects that nobody changes, each made once: versions share most of their parts,
 * and every host of a realm encodes all of each.
 */
export function encoderOf<T extends object>(toValue: (object: T) => unknown): (object: T) => Uint8Array {
  const made = new WeakMap<T, Uint8Array>();
  return (object) => {
    const known = made.get(object);
    if (known !== undefined) return known;
    const bytes = encode(toValue(object), rfc8949EncodeOptions);
    made.set(object, bytes);
    return bytes;
  };
}

/** Deterministic CBOR of a map from texts to what has been encoded already. */
export function encodedMap(entries: Iterable<readonly [key: string, value: Uint8Array]>): Uint8Array {
  const encoded = Array.from(entries, ([key, value]) => ({ key: encodedText(key), value }));
  encoded.sort((a, b) => compareBytes(a.key, b.key));
  return joined([head(MAP, encoded.length), ...encoded.flatMap(({ key, value }) => [key, value])]);
}

function encodedText(text: string): Uint8Array {
  return encodedShort(text) ?? encodedLong(text);
}

// Most keys are short ids, which an encoder takes longer to be asked for than to write.
function encodedShort(text: string): Uint8Array | null {
  if (text.length >= 24) return null;
  const bytes = new Uint8Array(1 + text.length);
  bytes[0] = TEXT | text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return null;
    bytes[1 + i] = unit;
  }
  return bytes;
}

function encodedLong(text: string): Uint8Array {
  const utf8 = ENCODER.encode(text);
  return joined([head(TEXT, utf8.length), utf8]);
}

function head(major: number, argument: number): Uint8Array {
  if (argument < 24) return Uint8Array.of(major | argument);
  // Of a longer argument only the major type is this encoder's own.
  const bytes = encode(argument);
  bytes[0] = (bytes[0] ?? 0) | major;
  return bytes;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
