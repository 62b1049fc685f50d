/** SHA-512 (FIPS 180-4) of the bytes: 64 bytes, at once or later. An argument, because no sync SHA-512 runs everywhere. */
export type Sha512 = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** Bytes of a tree's node: SHA-512 cut to its first 32 bytes. */
const NODE_BYTES = 32;

/** The bytes whose hash is a leaf: a request packet behind the byte 0. */
export function leafInput(request: Uint8Array): Uint8Array {
  return prefixed(0x00, request);
}

/** The bytes whose hash is an inner node: its children behind the byte 1, so that no leaf can pass for a node. */
export function nodeInput(left: Uint8Array, right: Uint8Array): Uint8Array {
  return prefixed(0x01, left, right);
}

/** The SRV value that names a long-term key in a request: its hash behind the byte 0xff (RFC 10049, SRV). */
export async function serverName(sha512: Sha512, key: Uint8Array): Promise<Uint8Array> {
  return (await sha512(prefixed(0xff, key))).slice(0, NODE_BYTES);
}

/** The root that a request reaches by path and index (RFC 10049, Root Value Validity Check), or null if index bits are left. */
export async function rootOf(
  sha512: Sha512,
  request: Uint8Array,
  path: Uint8Array,
  index: number,
): Promise<Uint8Array | null> {
  let node = (await sha512(leafInput(request))).subarray(0, NODE_BYTES);
  let bits = index;
  for (let at = 0; at < path.length; at += NODE_BYTES) {
    const sibling = path.subarray(at, at + NODE_BYTES);
    const input = bits % 2 === 0 ? nodeInput(node, sibling) : nodeInput(sibling, node);
    node = (await sha512(input)).subarray(0, NODE_BYTES);
    bits = Math.floor(bits / 2);
  }
  return bits === 0 ? node : null;
}

function prefixed(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 1));
  out[0] = prefix;
  let at = 1;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
