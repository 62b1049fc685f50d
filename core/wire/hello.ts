import { no, type Result } from '../result.ts';
import { type CborReason, decodeCbor, encodeCbor } from './cbor.ts';
import {
  bytes,
  decodeShape,
  fields,
  integer,
  logId,
  nullable,
  publicKey,
  type Shape,
  type Shaped,
  word,
} from './shape.ts';

/** Bytes of a `hello` body. */
export const MAX_HELLO_BYTES = 1024;
/** The versions of the peer-to-relay protocol that this code speaks, both ends included. */
export const PROTOCOL = { min: 1, max: 1 } as const;

const version = integer(0xffff, 1);
const versions = fields({ min: version, max: version });

const challenge = fields({
  type: word(['challenge']),
  /** 32 random bytes, used for one connection only. */
  nonce: bytes({ length: 32 }),
  protocol: versions,
  /** The long-term key of the relay's signed time; null from a relay that signs none. */
  relay: nullable(publicKey),
  /** The Roughtime wire version that the relay answers in; null from a relay that signs none. */
  roughtime: nullable(integer(0xffff_ffff)),
});

const answer = fields({
  type: word(['answer']),
  log: logId,
  /** The log's key over `helloBytes`. */
  signature: bytes({ length: 64 }),
  protocol: version,
});

const welcome = fields({ type: word(['welcome']), protocol: version });

/** The relay's question on a new connection: who are you? */
export type Challenge = Shaped<typeof challenge>;
/** The peer's answer, signed by its log's key. */
export type Answer = Shaped<typeof answer>;
/** The relay's word that the answer holds. */
type Welcome = Shaped<typeof welcome>;
/** The body of a `hello` message. */
export type Hello = Challenge | Answer | Welcome;

/** Why bytes are not a `hello` body. */
type HelloReason = CborReason | 'too-large' | 'body-form' | 'unknown-hello';

/** What a peer signs to answer a challenge: it is good for one room and one connection. */
export function helloBytes(room: string, nonce: Uint8Array): Uint8Array {
  return encodeCbor(['leasehold/hello/1', room, nonce]);
}

/** The newest protocol version that both sides speak, or null. */
export function commonProtocol(theirs: Challenge['protocol']): number | null {
  const newest = Math.min(theirs.max, PROTOCOL.max);
  return newest >= Math.max(theirs.min, PROTOCOL.min) ? newest : null;
}

/** The bytes of a `hello` body: deterministic CBOR. */
export function encodeHello(hello: Hello): Uint8Array {
  switch (hello.type) {
    case 'challenge':
      return encodeCbor(challenge.encode(hello));
    case 'answer':
      return encodeCbor(answer.encode(hello));
    case 'welcome':
      return encodeCbor(welcome.encode(hello));
  }
}

/** Decodes a `hello` body; unknown fields are ignored, an unknown type is not. Total. */
export function decodeHello(body: Uint8Array): Result<Hello, HelloReason> {
  if (body.length > MAX_HELLO_BYTES) {
    return no('too-large', `expected at most ${MAX_HELLO_BYTES} bytes, got ${body.length}`);
  }
  const decoded = decodeCbor(body);
  if (!decoded.ok) return decoded;
  const type = decoded.value instanceof Map ? decoded.value.get('type') : undefined;
  const shape = HELLOS.get(type);
  if (shape === undefined) return no('unknown-hello', 'expected a challenge, an answer or a welcome');
  return decodeShape(shape, decoded.value);
}

const HELLOS: ReadonlyMap<unknown, Shape<Hello>> = new Map<unknown, Shape<Hello>>([
  ['challenge', challenge as Shape<Hello>],
  ['answer', answer as Shape<Hello>],
  ['welcome', welcome as Shape<Hello>],
]);
