import { WebSocket } from 'ws';
import { roomAddress } from '../agent/room-address.ts';
import type { Hash, PublicKey, Seconds } from '../units.ts';
import { CLOSE_CODES, closeReason } from '../wire/close-codes.ts';
import { decodeHello, MAX_HELLO_BYTES } from '../wire/hello.ts';
import { decodeMessage } from '../wire/sync.ts';

/** A door to knock at: a room of a relay, and the key that its signed time is expected under. */
export interface Door {
  readonly url: string;
  readonly room: Hash;
  readonly key: PublicKey | null;
  readonly token: string | null;
  readonly register: string | null;
}

/** What is behind a door: a relay that asks who is there, one that refuses, one under another key, or nobody. */
export type Knock =
  | { readonly kind: 'answers' }
  | { readonly kind: 'refuses'; readonly why: string }
  | { readonly kind: 'other-key'; readonly key: PublicKey | null }
  | { readonly kind: 'silent'; readonly why: string };

/** Bytes of a frame to look at; a challenge is far smaller. */
const MAX_BYTES = MAX_HELLO_BYTES + 64;

/** Asks a relay for a room, and goes once it has asked back. */
export function knock(door: Door, timeout: Seconds): Promise<Knock> {
  return new Promise((resolve) => {
    let socket: WebSocket;
    try {
      const { params, room, url } = roomAddress(door, door.room);
      const query = new URLSearchParams({ ...params });
      socket = new WebSocket(`${url}/${room}?${query}`, { handshakeTimeout: timeout * 1000 });
    } catch (error) {
      resolve({ kind: 'silent', why: error instanceof Error ? error.message : String(error) });
      return;
    }
    const answer = (found: Knock) => {
      clearTimeout(timer);
      resolve(found);
      socket.terminate();
    };
    const timer = setTimeout(() => answer({ kind: 'silent', why: 'no answer' }), timeout * 1000);
    socket.on('message', (data: Buffer) => {
      const found = challengeIn(new Uint8Array(data), door.key);
      if (found !== null) answer(found);
    });
    socket.once('close', (code, reason) => {
      const known = closeReason(code);
      const why = known === null ? `${code} ${reason}` : CLOSE_CODES[known].sentence;
      answer({ kind: 'refuses', why });
    });
    socket.once('unexpected-response', (_, response) =>
      answer({ kind: 'refuses', why: `no relay, HTTP ${response.statusCode}` }),
    );
    socket.on('error', ({ message }) => answer({ kind: 'silent', why: message || 'no answer' }));
  });
}

function challengeIn(bytes: Uint8Array, key: PublicKey | null): Knock | null {
  const message = decodeMessage(bytes, MAX_BYTES);
  if (!message.ok || message.value.type !== 'hello') return null;
  const hello = decodeHello(message.value.body);
  if (!hello.ok || hello.value.type !== 'challenge') return null;
  const { relay } = hello.value;
  return key === null || relay === key ? { kind: 'answers' } : { kind: 'other-key', key: relay };
}
