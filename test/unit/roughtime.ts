import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { type Hash, toHex } from '../../core/units.ts';
import {
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  TAGS,
  uint32,
} from '../../core/wire/roughtime-message.ts';
import { decodeRequest, encodeRequest } from '../../core/wire/roughtime-request.ts';
import {
  decodeGossip,
  decodeResponse,
  encodeCertificate,
  encodeDelegation,
  encodeGossip,
  encodeResponse,
  encodeSignedTime,
} from '../../core/wire/roughtime-response.ts';
import { hexVector, reportVector } from '../support/roughtime.ts';

const GOLDEN = 'roughenough-golden-response.phase8';
const RESPONSES = [
  GOLDEN,
  'roughenough-rfc-response.071039e5',
  'roughenough-rfc-response.path8.index2.4c16c619',
];
const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte);

function must<T>(result: { ok: true; value: T } | { ok: false; reason: string }): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

describe('roughtime packets', () => {
  it('writes tags in the order of their numbers', () => {
    const numbers = [...must(decodeMessage(encodeMessage({ INDX: uint32(1), VER: uint32(1) }))).keys()];
    deepStrictEqual(numbers, [TAGS.VER, TAGS.INDX]);
    strictEqual(TAGS.SIG, 0x00474953);
    strictEqual(TAGS.INDX, 0x58444e49);
  });

  const messages: readonly (readonly [why: string, bytes: readonly number[], reason: string])[] = [
    ['nothing at all', [], 'message-short'],
    ['no tags', [0, 0, 0, 0, 0, 0, 0, 0], 'message-tags'],
    ['more tags than any server sends', [33, 0, 0, 0, 0, 0, 0, 0], 'message-tags'],
    ['tags announced and not there', [2, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0], 'message-short'],
    ['one tag twice', [2, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0, 65, 0, 0, 0], 'message-order'],
    ['tags out of order', [2, 0, 0, 0, 0, 0, 0, 0, 66, 0, 0, 0, 65, 0, 0, 0], 'message-order'],
    [
      'an unaligned offset',
      [2, 0, 0, 0, 2, 0, 0, 0, 65, 0, 0, 0, 66, 0, 0, 0, 1, 1, 1, 1],
      'message-offsets',
    ],
    [
      'an offset beyond the end',
      [2, 0, 0, 0, 8, 0, 0, 0, 65, 0, 0, 0, 66, 0, 0, 0, 1, 1, 1, 1],
      'message-offsets',
    ],
    [
      'an offset that goes back',
      [3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0, 66, 0, 0, 0, 67, 0, 0, 0, 1, 1, 1, 1],
      'message-offsets',
    ],
  ];
  for (const [why, bytes, reason] of messages) {
    it(`refuses a message with ${why}`, () => {
      const result = decodeMessage(Uint8Array.from(bytes));
      strictEqual(result.ok ? 'read' : result.reason, reason);
    });
  }

  const packet = encodePacket(encodeMessage({ VER: uint32(1) }));
  const packets: readonly (readonly [why: string, bytes: Uint8Array, reason: string])[] = [
    ['is longer than any', fill(4097, 0), 'packet-too-long'],
    ['ends within its header', packet.subarray(0, 11), 'packet-header'],
    ['does not say ROUGHTIM', packet.map((byte, i) => (i === 3 ? byte ^ 1 : byte)), 'packet-header'],
    ['has a trailing byte', Uint8Array.from([...packet, 0]), 'packet-length'],
    ['is cut short', packet.subarray(0, packet.length - 1), 'packet-length'],
  ];
  for (const [why, bytes, reason] of packets) {
    it(`refuses a packet that ${why}`, () => {
      const result = decodePacket(bytes);
      strictEqual(result.ok ? 'read' : result.reason, reason);
    });
  }
});

describe('roughtime requests', () => {
  it('come out as in appendix B of RFC 10049, byte for byte', () => {
    for (const { request } of reportVector('rfc10049-appendixB'))
      strictEqual(toHex(encodeRequest(must(decodeRequest(request)))), toHex(request));
  });

  it('come out as another implementation writes them, with and without SRV', () => {
    for (const name of ['roughenough-rfc-request.071039e5', 'roughenough-rfc-request.SRV.417aa962']) {
      const packet = hexVector(name);
      const request = must(decodeRequest(packet));
      strictEqual(request.server !== null, name.includes('SRV'));
      strictEqual(toHex(encodeRequest(request, 1012)), toHex(packet));
    }
  });

  const good = { VER: uint32(1), NONC: fill(32, 7), TYPE: uint32(0) };
  const table: readonly (readonly [
    why: string,
    values: Parameters<typeof encodeMessage>[0],
    reason: string,
  ])[] = [
    ['a nonce', { VER: good.VER, TYPE: good.TYPE }, 'field-missing'],
    ['a whole nonce', { ...good, NONC: fill(28, 7) }, 'field-length'],
    ['the type of a request', { ...good, TYPE: uint32(1) }, 'not-a-request'],
    ['a version', { ...good, VER: new Uint8Array(0) }, 'versions'],
    ['versions in order', { ...good, VER: uint32(2, 1) }, 'versions'],
    ['each version once', { ...good, VER: uint32(1, 1) }, 'versions'],
    ['at most 32 versions', { ...good, VER: uint32(...Array.from({ length: 33 }, (_, i) => i)) }, 'versions'],
    ['a whole SRV if it has one', { ...good, SRV: fill(4, 1) }, 'field-length'],
  ];
  for (const [why, values, reason] of table) {
    it(`must have ${why}`, () => {
      const result = decodeRequest(encodePacket(encodeMessage(values)));
      strictEqual(result.ok ? 'read' : result.reason, reason);
    });
  }
});

describe('roughtime responses', () => {
  it('come out as another implementation writes them from the same values', () => {
    const dele = encodeDelegation({
      key: fill(32, 0x11),
      from: 0x0102030405060708n,
      until: 0x1112131415161718n,
    });
    const packet = encodeResponse({
      signature: fill(64, 0x33),
      nonce: fill(32, 0x44),
      path: Uint8Array.from({ length: 64 }, (_, i) => i),
      srep: encodeSignedTime({
        version: 0x8000000c,
        radius: 5,
        midpoint: 0x1122334455667788n,
        versions: [1, 0x8000000c],
        root: fill(32, 0xcd),
        head: null,
      }),
      cert: encodeCertificate(dele, fill(64, 0x22)),
      index: 7,
    });
    strictEqual(toHex(packet), toHex(hexVector(GOLDEN)));
  });

  it('are read with all their values, and are the same bytes when written again', () => {
    const files = [...RESPONSES.map(hexVector), ...reportVector('rfc10049-appendixB').map((e) => e.response)];
    for (const packet of files) {
      const response = must(decodeResponse(packet));
      strictEqual(toHex(encodeSignedTime(response.signed)), toHex(response.srep));
      strictEqual(toHex(encodeDelegation(response.delegation)), toHex(response.dele));
      strictEqual(
        toHex(encodeCertificate(response.dele, response.delegationSignature)),
        toHex(response.cert),
      );
      strictEqual(toHex(encodeResponse(response)), toHex(packet));
    }
  });

  it('carry a path of 8 nodes for index 2', () => {
    const response = must(decodeResponse(hexVector('roughenough-rfc-response.path8.index2.4c16c619')));
    deepStrictEqual([response.path.length, response.index], [256, 2]);
  });

  it('are not read where a request, a short path unit or a foreign version list stands', () => {
    const response = must(decodeResponse(hexVector(GOLDEN)));
    const request = reportVector('rfc10049-appendixB')[0]?.request ?? new Uint8Array(0);
    const srep = encodeSignedTime({ ...response.signed, versions: [1] });
    const table: readonly (readonly [Uint8Array, string])[] = [
      [request, 'field-missing'],
      [encodeResponse({ ...response, path: fill(36, 0) }), 'path-length'],
      [encodeResponse({ ...response, path: fill(33 * 32, 0) }), 'path-length'],
      [encodeResponse({ ...response, srep }), 'versions'],
      [encodeResponse(response).map((byte, i) => (i === 164 ? 0 : byte)), 'not-a-response'],
    ];
    for (const [packet, reason] of table) {
      const result = decodeResponse(packet);
      strictEqual(result.ok ? 'read' : result.reason, reason);
    }
  });
});

describe('the gossip form', () => {
  it('has 332 bytes and holds what the batch shares', () => {
    for (const { response } of reportVector('gnomon-reference-v1')) {
      const whole = must(decodeResponse(response));
      const gossip = encodeGossip(whole);
      strictEqual(gossip.length, 332);
      const shared = must(decodeGossip(gossip));
      strictEqual(toHex(encodeGossip(shared)), toHex(gossip));
      deepStrictEqual(shared.signed, whole.signed);
    }
  });

  it('is bounded', () => {
    const result = decodeGossip(new Uint8Array(4097));
    strictEqual(result.ok ? 'read' : result.reason, 'packet-too-long');
  });

  it('has no second form with tags that nobody signed', () => {
    const whole = must(decodeResponse(hexVector(GOLDEN)));
    const padded = encodeMessage({
      SIG: whole.signature,
      SREP: whole.srep,
      CERT: whole.cert,
      ZZZZ: new Uint8Array(4),
    });
    const result = decodeGossip(padded);
    strictEqual(result.ok ? 'read' : result.reason, 'gossip-tags');
  });

  it('carries the head of a configuration in a tag of its own, and ignores that tag in another length', () => {
    const { signed, signature, cert } = must(decodeResponse(hexVector(GOLDEN)));
    const head = { generation: 2, version: 77, digest: 'ab'.repeat(32) as Hash };
    const srep = encodeSignedTime({ ...signed, head });
    const shared = must(decodeGossip(encodeGossip({ signature, cert, srep })));
    deepStrictEqual(shared.signed, { ...signed, head });

    const values = { VER: uint32(1), RADI: uint32(3), MIDP: fill(8, 0), VERS: uint32(1), ROOT: fill(32, 0) };
    const foreign = encodeMessage({ ...values, LHCH: fill(12, 9), DELE: fill(4, 1) });
    strictEqual(must(decodeGossip(encodeGossip({ signature, cert, srep: foreign }))).signed.head, null);
  });
});
