import assert from 'node:assert/strict';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import type { PublicKey } from '../../core/units.ts';
import { encodeCbor } from '../../core/wire/cbor.ts';
import { CLOSE_CODES, type CloseReason, closeReason } from '../../core/wire/close-codes.ts';
import {
  type Answer,
  type Challenge,
  commonProtocol,
  decodeHello,
  encodeHello,
  type Hello,
  helloBytes,
  MAX_HELLO_BYTES,
} from '../../core/wire/hello.ts';
import { decodeNotice, encodeNotice, MAX_NOTICE_BYTES, type Notice } from '../../core/wire/notice.ts';
import { decodeMessage, encodeMessage, type Message, type SyncReason } from '../../core/wire/sync.ts';
import { log } from '../support/yjs-logs.ts';

const BODY = Uint8Array.of(1, 2, 3);
const MAX = 64;

describe('a frame', () => {
  const messages: readonly (readonly [message: Message, bytes: readonly number[]])[] = [
    [{ type: 'step1', stateVector: BODY }, [0, 0, 3, 1, 2, 3]],
    [{ type: 'step2', update: BODY }, [0, 1, 3, 1, 2, 3]],
    [{ type: 'update', update: BODY }, [0, 2, 3, 1, 2, 3]],
    [{ type: 'awareness', states: BODY }, [1, 3, 1, 2, 3]],
    [{ type: 'query-awareness' }, [3]],
    [{ type: 'hello', body: BODY }, [100, 3, 1, 2, 3]],
    [{ type: 'time', body: BODY }, [101, 3, 1, 2, 3]],
    [{ type: 'notice', body: new Uint8Array(0) }, [102, 0]],
  ];
  for (const [message, bytes] of messages) {
    it(`carries ${message.type} and back`, () => {
      assert.deepEqual(encodeMessage(message), Uint8Array.from(bytes));
      assert.deepEqual(decodeMessage(Uint8Array.from(bytes), MAX), { ok: true, value: message });
    });
  }

  it('is what y-protocols writes and reads', () => {
    const doc = new Y.Doc();
    doc.getArray('a').push([1]);
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    syncProtocol.writeSyncStep1(encoder, doc);
    const step1: Message = { type: 'step1', stateVector: Y.encodeStateVector(doc) };
    assert.deepEqual(encodeMessage(step1), encoding.toUint8Array(encoder));

    const decoder = decoding.createDecoder(
      encodeMessage({ type: 'step2', update: Y.encodeStateAsUpdate(doc) }),
    );
    assert.equal(decoding.readVarUint(decoder), 0);
    const copy = new Y.Doc();
    syncProtocol.readSyncMessage(decoder, encoding.createEncoder(), copy, null);
    assert.deepEqual(copy.getArray('a').toArray(), [1]);
  });

  const bad: readonly (readonly [reason: SyncReason, why: string, bytes: readonly number[]])[] = [
    ['too-large', 'one byte too many', [0, 2, MAX, ...new Array<number>(MAX).fill(0)]],
    ['truncated', 'no byte', []],
    ['truncated', 'sync without its step', [0]],
    ['truncated', 'a body cut short', [0, 2, 3, 1, 2]],
    ['truncated', 'a body longer than any memory', [0, 2, 255, 255, 255, 255, 255, 255, 15]],
    ['not-minimal', 'a padded type', [128, 0, 0, 0]],
    ['not-minimal', 'a padded length', [100, 131, 0, 1, 2, 3]],
    ['out-of-range', 'a length over 2^53', [100, 255, 255, 255, 255, 255, 255, 255, 255, 255]],
    ['unknown-message', "y-websocket's auth message", [2, 0, 0]],
    ['unknown-message', 'a type that nobody has', [103, 0]],
    ['unknown-sync', 'a fourth step', [0, 3, 0]],
    ['trailing-bytes', 'a second message behind the first', [3, 3]],
    ['trailing-bytes', 'a byte behind the body', [0, 2, 1, 1, 1]],
  ];
  for (const [reason, why, bytes] of bad) {
    it(`is refused as ${reason}: ${why}`, () => {
      const result = decodeMessage(Uint8Array.from(bytes), MAX);
      assert.equal(result.ok ? 'accepted' : result.reason, reason);
    });
  }
});

describe('the table of close codes', () => {
  const reasons = Object.keys(CLOSE_CODES) as CloseReason[];

  it('has one code for each reason, and finds the reason again', () => {
    assert.deepEqual(
      reasons.map((reason) => closeReason(CLOSE_CODES[reason].code)),
      reasons,
    );
    assert.equal(closeReason(1006), null);
  });

  it('has only codes that y-websocket takes as final (44xx) or to try again (45xx)', () => {
    for (const reason of reasons) assert.match(String(CLOSE_CODES[reason].code), /^4[45]\d\d$/);
  });

  it('has sentences that fit a close frame, whose reason is at most 123 bytes', () => {
    for (const reason of reasons) assert(Buffer.byteLength(CLOSE_CODES[reason].sentence) <= 123, reason);
  });
});

const CHALLENGE: Challenge = {
  type: 'challenge',
  nonce: new Uint8Array(32).fill(7),
  protocol: { min: 1, max: 2 },
  relay: 'ab'.repeat(32) as PublicKey,
  roughtime: 1,
};
const ANSWER: Answer = { type: 'answer', log: log(7), signature: new Uint8Array(64).fill(9), protocol: 1 };

describe('a hello', () => {
  const hellos: readonly (readonly [why: string, hello: Hello])[] = [
    ['a challenge', CHALLENGE],
    ['a challenge of a relay that signs no time', { ...CHALLENGE, relay: null, roughtime: null }],
    ['an answer', ANSWER],
    ['a welcome', { type: 'welcome', protocol: 1 }],
  ];
  for (const [why, hello] of hellos) {
    it(`carries ${why} and back`, () => {
      assert.deepEqual(decodeHello(encodeHello(hello)), { ok: true, value: { ...hello } });
    });
  }

  const encoded = (entries: Readonly<Record<string, number | string | Uint8Array>>) =>
    encodeCbor(new Map(Object.entries(entries)));
  const bad: readonly (readonly [reason: string, why: string, bytes: Uint8Array])[] = [
    ['too-large', 'more than its bound', new Uint8Array(MAX_HELLO_BYTES + 1)],
    ['cbor-truncated', 'half of one', encodeHello(ANSWER).subarray(0, 40)],
    ['cbor-trailing', 'one and a byte', Uint8Array.of(...encodeHello(ANSWER), 0)],
    ['unknown-hello', 'another type', encoded({ type: 'goodbye' })],
    ['unknown-hello', 'no map', Uint8Array.of(0x80)],
    ['body-form', 'a nonce of 31 bytes', encodeHello({ ...CHALLENGE, nonce: new Uint8Array(31) })],
    ['body-form', 'a signature of 63 bytes', encodeHello({ ...ANSWER, signature: new Uint8Array(63) })],
    ['body-form', 'log 0', encodeHello({ ...ANSWER, log: log(0) })],
    ['body-form', 'a welcome to nothing', encoded({ type: 'welcome' })],
  ];
  for (const [reason, why, bytes] of bad) {
    it(`is refused as ${reason}: ${why}`, () => {
      const result = decodeHello(bytes);
      assert.equal(result.ok ? 'accepted' : result.reason, reason);
    });
  }

  it('is signed for one room and one nonce, so that an answer cannot be replayed on another connection', () => {
    const nonce = new Uint8Array(32);
    const signed = helloBytes('r.0', nonce);
    assert.equal(Buffer.from(signed.subarray(0, 19)).toString('latin1'), '\x83qleasehold/hello/1');
    assert.notDeepEqual(helloBytes('r.1', nonce), signed);
    assert.notDeepEqual(helloBytes('r.0', new Uint8Array(32).fill(1)), signed);
  });

  it('agrees on the newest version that both sides speak', () => {
    const versions = [
      { min: 1, max: 1 },
      { min: 1, max: 9 },
      { min: 2, max: 9 },
    ];
    assert.deepEqual(versions.map(commonProtocol), [1, 1, null]);
  });
});

describe('a notice', () => {
  const notices: readonly Notice[] = [
    {
      code: 'confirmed',
      durable: 'synced',
      heads: new Map([
        [log(7), 3],
        [log(0xffff_ffff), 2 ** 40],
      ]),
    },
    { code: 'confirmed', durable: 'replicated', heads: new Map() },
    { code: 'refused-record', log: log(7), seq: 4, text: 'the signature does not verify' },
    { code: 'read-only', log: null, seq: null, text: '' },
  ];
  for (const notice of notices) {
    it(`carries ${notice.code} and back`, () => {
      assert.deepEqual(decodeNotice(encodeNotice(notice)), { ok: true, value: { ...notice } });
    });
  }

  const bad: readonly (readonly [reason: string, why: string, bytes: Uint8Array])[] = [
    ['too-large', 'more than its bound', new Uint8Array(MAX_NOTICE_BYTES + 1)],
    ['cbor-truncated', 'no byte', new Uint8Array(0)],
    ['unknown-notice', 'a code of a newer relay', encodeCbor(new Map([['code', 'sunny']]))],
    ['unknown-notice', 'a name that every object has', encodeCbor(new Map([['code', 'constructor']]))],
    ['body-form', 'a code alone', encodeCbor(new Map([['code', 'gap']]))],
    [
      'body-form',
      'heads of log 0',
      encodeNotice({ code: 'confirmed', durable: 'synced', heads: new Map([[log(0), 1]]) }),
    ],
  ];
  for (const [reason, why, bytes] of bad) {
    it(`is refused as ${reason}: ${why}`, () => {
      const result = decodeNotice(bytes);
      assert.equal(result.ok ? 'accepted' : result.reason, reason);
    });
  }
});
