import { no, ok, type Result } from '../result.ts';
import {
  bytesLeft,
  type Cursor,
  cursorOver,
  putVaruint,
  readBytes,
  readVaruint,
  type VarintReason,
  varuintSize,
} from './varint.ts';

/** Our own message types and their numbers; clear of y-protocols' (0 to 3) and of those that other servers add below 100. */
export const OWN_MESSAGES = { hello: 100, time: 101, notice: 102 } as const;

/** The name of one of our own message types. */
type OwnMessage = keyof typeof OWN_MESSAGES;

/** One frame between a peer and a relay: y-protocols' messages as y-websocket frames them, and ours. Bodies are not checked yet. */
export type Message =
  | { readonly type: 'step1'; readonly stateVector: Uint8Array }
  | { readonly type: 'step2'; readonly update: Uint8Array }
  | { readonly type: 'update'; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly states: Uint8Array }
  | { readonly type: 'query-awareness' }
  | { readonly type: OwnMessage; readonly body: Uint8Array };

/** Why a frame is not a message. */
export type SyncReason = VarintReason | 'too-large' | 'unknown-message' | 'unknown-sync' | 'trailing-bytes';

const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

/** The bytes of the frame that carries a message. */
export function encodeMessage(message: Message): Uint8Array {
  switch (message.type) {
    case 'step1':
      return frame([SYNC, STEP_1], message.stateVector);
    case 'step2':
      return frame([SYNC, STEP_2], message.update);
    case 'update':
      return frame([SYNC, UPDATE], message.update);
    case 'awareness':
      return frame([AWARENESS], message.states);
    case 'query-awareness':
      return Uint8Array.of(QUERY_AWARENESS);
    case 'hello':
    case 'time':
    case 'notice':
      return frame([OWN_MESSAGES[message.type]], message.body);
  }
}

/** The message in a frame of at most `maxBytes`; its bodies are views of the frame. Total. */
export function decodeMessage(bytes: Uint8Array, maxBytes: number): Result<Message, SyncReason> {
  if (bytes.length > maxBytes) {
    return no('too-large', `expected at most ${maxBytes} bytes, got ${bytes.length}`);
  }
  const cursor = cursorOver(bytes);
  const message = readMessage(cursor);
  if (cursor.flaw !== null) return no(cursor.flaw, `at byte ${cursor.at} of ${bytes.length}`);
  if (typeof message === 'string') return no(message);
  const rest = bytesLeft(cursor);
  return rest === 0 ? ok(message) : no('trailing-bytes', `${rest} bytes too many`);
}

function readMessage(cursor: Cursor): Message | SyncReason {
  const type = readVaruint(cursor);
  switch (type) {
    case SYNC:
      return readSync(cursor);
    case AWARENESS:
      return { type: 'awareness', states: readBody(cursor) };
    case QUERY_AWARENESS:
      return { type: 'query-awareness' };
    default: {
      const own = ownMessage(type);
      return own === null ? 'unknown-message' : { type: own, body: readBody(cursor) };
    }
  }
}

function readSync(cursor: Cursor): Message | SyncReason {
  const step = readVaruint(cursor);
  switch (step) {
    case STEP_1:
      return { type: 'step1', stateVector: readBody(cursor) };
    case STEP_2:
      return { type: 'step2', update: readBody(cursor) };
    case UPDATE:
      return { type: 'update', update: readBody(cursor) };
    default:
      return 'unknown-sync';
  }
}

/** The name of our own message type of this number, or null. */
export function ownMessage(type: number): OwnMessage | null {
  switch (type) {
    case OWN_MESSAGES.hello:
      return 'hello';
    case OWN_MESSAGES.time:
      return 'time';
    case OWN_MESSAGES.notice:
      return 'notice';
    default:
      return null;
  }
}

function readBody(cursor: Cursor): Uint8Array {
  return readBytes(cursor, readVaruint(cursor));
}

function frame(head: readonly number[], body: Uint8Array): Uint8Array {
  const out = new Uint8Array(head.length + varuintSize(body.length) + body.length);
  out.set(head);
  out.set(body, putVaruint(out, head.length, body.length));
  return out;
}
