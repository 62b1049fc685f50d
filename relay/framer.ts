const FINAL_BINARY = 0x82;
const SIZE_16 = 126;
const SIZE_64 = 127;

/**
 * Puts a payload into one unmasked WebSocket frame (RFC 6455, 5.2), header and payload in one buffer, so that each
 * delivery is one write. The last buffer is kept: a turn's frame goes to every peer of a room.
 */
export function framer(): (payload: Uint8Array) => Uint8Array {
  let last: { readonly payload: Uint8Array; readonly framed: Uint8Array } | null = null;
  return (payload) => {
    if (last?.payload === payload) return last.framed;
    const framed = frame(payload);
    last = { payload, framed };
    return framed;
  };
}

function frame(payload: Uint8Array): Uint8Array {
  const size = payload.length;
  const head = size < SIZE_16 ? 2 : size <= 0xffff ? 4 : 10;
  const out = new Uint8Array(head + size);
  const view = new DataView(out.buffer);
  out[0] = FINAL_BINARY;
  if (head === 2) out[1] = size;
  else if (head === 4) {
    out[1] = SIZE_16;
    view.setUint16(2, size);
  } else {
    out[1] = SIZE_64;
    view.setBigUint64(2, BigInt(size));
  }
  out.set(payload, head);
  return out;
}
