import { no, ok, type Result } from '../result.ts';
import {
  decodePacket,
  encodeMessage,
  encodePacket,
  type FieldReason,
  type PacketReason,
  pick,
  readUint32,
  readVersions,
  TAGS,
  uint32,
} from './roughtime-message.ts';

/** Bytes of a request's message; the RFC asks for at least so many where senders can be forged, and its examples have them. */
const REQUEST_MESSAGE_BYTES = 1024;
/** Bytes of the shortest request packet that a server answers: above any answer of ours, so that nobody is amplified. */
export const MIN_REQUEST_BYTES = 1024;
/** Bytes of a nonce. */
export const NONCE_BYTES = 32;

/** What a client asks: a signed time that is bound to its nonce. */
export interface TimeRequest {
  /** Versions that the client speaks, ascending. */
  readonly versions: readonly number[];
  readonly nonce: Uint8Array;
  /** The SRV value, which names the long-term key that the client expects; null where it is left out. */
  readonly server: Uint8Array | null;
}

/** Why bytes are not a request. */
export type RequestReason = PacketReason | FieldReason | 'not-a-request' | 'versions';

/** A request packet (RFC 10049, Requests), filled up with zeros to the message length given. */
export function encodeRequest(
  request: TimeRequest,
  messageBytes: number = REQUEST_MESSAGE_BYTES,
): Uint8Array {
  const values = {
    VER: uint32(...request.versions),
    ...(request.server === null ? {} : { SRV: request.server }),
    NONC: request.nonce,
    TYPE: uint32(0),
  };
  const bare = encodeMessage({ ...values, ZZZZ: new Uint8Array(0) }).length;
  return encodePacket(encodeMessage({ ...values, ZZZZ: new Uint8Array(Math.max(0, messageBytes - bare)) }));
}

/** Reads a request packet; undefined tags are ignored, as the RFC asks. Total. */
export function decodeRequest(packet: Uint8Array): Result<TimeRequest, RequestReason> {
  const message = decodePacket(packet);
  if (!message.ok) return message;
  const values = pick(message.value, { VER: null, NONC: NONCE_BYTES, TYPE: 4 });
  if (!values.ok) return values;
  const { VER, NONC, TYPE } = values.value;
  // A response fed back to a server must not become the leaf of somebody's tree.
  if (readUint32(TYPE) !== 0) return no('not-a-request');
  const versions = readVersions(VER);
  if (versions === null) return no('versions');
  const server = message.value.get(TAGS.SRV) ?? null;
  if (server !== null && server.length !== 32) return no('field-length', `SRV: ${server.length} bytes`);
  return ok({ versions, nonce: NONC, server });
}
