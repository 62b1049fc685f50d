import { no, type Result } from '../result.ts';
import { MAX_LOGS, MAX_TEXT } from './bounds.ts';
import { type CborReason, decodeCbor, encodeCbor } from './cbor.ts';
import { decodeShape, fields, integer, logId, mapOf, nullable, type Shaped, text, word } from './shape.ts';

/** Bytes of a `notice` body: a confirmation of as many logs as there may be, of 14 bytes each at most. */
export const MAX_NOTICE_BYTES = 64 + 14 * MAX_LOGS;

/** What a relay may say beside a confirmation, with the sentence that explains it. */
export const NOTICES = {
  'refused-record': 'a record was refused, and with it what follows in its log',
  gap: 'records that come before these are not here yet; send them first',
  fork: 'another record stands at this place of the log',
  quota: 'this log has used up what it may write for now',
  revoked: 'this log may not write any more',
  'read-only': 'this connection may read only',
  'newer-epoch': 'a newer epoch of this realm has its own room',
} as const;

/** The closed set of notices beside a confirmation. */
export type NoticeCode = keyof typeof NOTICES;

const confirmed = fields({
  code: word(['confirmed']),
  /** `synced`: on this relay's disk. `replicated`: on other relays, not on disk by that alone. */
  durable: word(['synced', 'replicated']),
  /** Log to next seq: every record before it is kept. */
  heads: mapOf(logId, integer(), MAX_LOGS),
});

const remark = fields({
  code: word(Object.keys(NOTICES) as NoticeCode[]),
  log: nullable(logId),
  seq: nullable(integer()),
  /** For people and logs only; programs go by the code. */
  text: text(MAX_TEXT),
});

/** The relay's word that it keeps records. */
type Confirmed = Shaped<typeof confirmed>;
/** The relay's word on something else, about a log or a place in it where they are given. */
type Remark = Shaped<typeof remark>;
/** The body of a `notice` message. */
export type Notice = Confirmed | Remark;

/** Why bytes are not a `notice` body. */
type NoticeReason = CborReason | 'too-large' | 'body-form' | 'unknown-notice';

/** The bytes of a `notice` body: deterministic CBOR. */
export function encodeNotice(notice: Notice): Uint8Array {
  return encodeCbor(notice.code === 'confirmed' ? confirmed.encode(notice) : remark.encode(notice));
}

/** Decodes a `notice` body; an unknown code is a reason of its own, since a newer relay may say more. Total. */
export function decodeNotice(body: Uint8Array): Result<Notice, NoticeReason> {
  if (body.length > MAX_NOTICE_BYTES) {
    return no('too-large', `expected at most ${MAX_NOTICE_BYTES} bytes, got ${body.length}`);
  }
  const decoded = decodeCbor(body);
  if (!decoded.ok) return decoded;
  const code = decoded.value instanceof Map ? decoded.value.get('code') : undefined;
  if (code === 'confirmed') return decodeShape(confirmed, decoded.value);
  if (typeof code !== 'string' || !Object.hasOwn(NOTICES, code)) {
    return no('unknown-notice', 'expected the code of a known notice');
  }
  return decodeShape(remark, decoded.value);
}
