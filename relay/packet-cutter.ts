import { MAX_ROUGHTIME_BYTES } from '../core/wire/bounds.ts';
import { PACKET_HEADER_BYTES, packetLength } from '../core/wire/roughtime-message.ts';

/** Takes a stream's bytes as they come and gives the packets that are whole; null when the stream is none of packets. */
type PacketCutter = (chunk: Uint8Array) => readonly Uint8Array[] | null;

/** Cuts a stream into Roughtime packets (RFC 10049, TCP), and never holds more than one that is not whole. */
export function packetCutter(): PacketCutter {
  let rest = new Uint8Array(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : joined(rest, chunk);
    const packets: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= PACKET_HEADER_BYTES) {
      const length = packetLength(bytes.subarray(at));
      // Whoever announces more than a request can have would make us wait for it, and hold it.
      if (length === null || length > MAX_ROUGHTIME_BYTES) return null;
      if (bytes.length - at < length) break;
      packets.push(bytes.slice(at, at + length));
      at += length;
    }
    rest = bytes.slice(at);
    return packets;
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
