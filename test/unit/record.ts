import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fromHex, type Hash, type LogId, toHex } from '../../core/units.ts';
import { MAX_RECORD_BYTES } from '../../core/wire/bounds.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import {
  decodeRecord,
  NO_HASH,
  prepareRecord,
  type RecordReason,
  signedBytes,
} from '../../core/wire/record.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';

const REALM = 'ab'.repeat(32) as Hash;
const PREV = 'cd'.repeat(32) as Hash;
const LOG = 0x01020304 as LogId;
const SIGNATURE = new Uint8Array(64).fill(7);

type Items = [header: CborValue, unprotected: CborValue, payload: CborValue, signature: CborValue];

const HEADER = new Map<number, CborValue>([
  [1, -19],
  [4, Uint8Array.of(1, 2, 3, 4)],
]);
const PAYLOAD = new Map<string, CborValue>([
  ['realm', fromHex(REALM)],
  ['log', LOG],
  ['seq', 3],
  ['prev', fromHex(PREV)],
  ['type', 'sign'],
  ['body', new Map([['target', fromHex(PREV)]])],
]);

function enveloped(items: Items | CborValue): Uint8Array {
  return Uint8Array.of(0xd2, ...encodeCbor(items));
}

function withHeader(header: ReadonlyMap<number, CborValue>): Uint8Array {
  return enveloped([encodeCbor(header), new Map(), encodeCbor(PAYLOAD), SIGNATURE]);
}

function withPayload(changes: Readonly<Record<string, CborValue | undefined>>): Uint8Array {
  const payload = new Map(PAYLOAD);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) payload.delete(name);
    else payload.set(name, value);
  }
  return enveloped([encodeCbor(HEADER), new Map(), encodeCbor(payload), SIGNATURE]);
}

function verdict(bytes: Uint8Array): string {
  const decoded = decodeRecord(bytes);
  return decoded.ok ? 'accepted' : decoded.reason;
}

describe('a record', () => {
  const good = withPayload({});

  it('is decoded into its fields, and hashed as received', () => {
    const decoded = decodeRecord(good);
    assert(decoded.ok);
    const { bytes, body, enc, hash, log, prev, realm, seq, signature, type } = decoded.value;
    assert.deepEqual(
      { enc, log, prev, realm, seq, type },
      {
        ...{ enc: false, log: LOG, prev: PREV, realm: REALM, seq: 3, type: 'sign' },
      },
    );
    assert.deepEqual(body, PAYLOAD.get('body'));
    assert.deepEqual([bytes, hash, signature], [good, hashOf(good), SIGNATURE]);
  });

  it('is what prepareRecord seals', () => {
    const body = PAYLOAD.get('body') as CborValue;
    const prepared = prepareRecord({ realm: REALM, log: LOG, seq: 3, prev: PREV, type: 'sign', body });
    assert.deepEqual(prepared.seal(SIGNATURE), good);
    const decoded = decodeRecord(good);
    assert(decoded.ok);
    assert.deepEqual(signedBytes(decoded.value), prepared.signed);
  });

  it('may be of a type that nobody knows yet, or sealed', () => {
    assert.equal(verdict(withPayload({ type: 'from-2031' })), 'accepted');
    const sealed = decodeRecord(withPayload({ body: new Uint8Array(9), enc: 1 }));
    assert(sealed.ok && sealed.value.enc);
  });

  const bad: readonly [why: string, bytes: Uint8Array, reason: RecordReason][] = [
    ['nothing', new Uint8Array(), 'record-form'],
    ['no tag', good.subarray(1), 'record-form'],
    ['the tag of another COSE message', Uint8Array.of(0xd1, ...good.subarray(1)), 'record-form'],
    ['a truncated record', good.subarray(0, -1), 'cbor-truncated'],
    ['a trailing byte', Uint8Array.of(...good, 0), 'cbor-trailing'],
    ['one byte more than a record may have', oversized(), 'record-too-large'],
    ['three items', enveloped([encodeCbor(HEADER), new Map(), encodeCbor(PAYLOAD)]), 'record-form'],
    ['a map instead of four items', enveloped(new Map()), 'record-form'],
    [
      'an unprotected header, which no signature covers',
      enveloped([encodeCbor(HEADER), new Map([[4, 1]]), encodeCbor(PAYLOAD), SIGNATURE]),
      'record-form',
    ],
    [
      'an unprotected header that is no map',
      enveloped([encodeCbor(HEADER), [], encodeCbor(PAYLOAD), SIGNATURE]),
      'record-form',
    ],
    [
      'a protected header that is not sealed',
      enveloped([HEADER, new Map(), encodeCbor(PAYLOAD), SIGNATURE]),
      'record-form',
    ],
    [
      'a payload that is not sealed',
      enveloped([encodeCbor(HEADER), new Map(), PAYLOAD, SIGNATURE]),
      'record-form',
    ],
    [
      'a short signature',
      enveloped([encodeCbor(HEADER), new Map(), encodeCbor(PAYLOAD), SIGNATURE.subarray(1)]),
      'record-form',
    ],
    ['another algorithm', withHeader(new Map(HEADER).set(1, -8)), 'record-algorithm'],
    ['no algorithm', withHeader(new Map(HEADER).set(1, null)), 'record-algorithm'],
    ['a further header parameter', withHeader(new Map(HEADER).set(2, [])), 'record-form'],
    ['a key id of five bytes', withHeader(new Map(HEADER).set(4, new Uint8Array(5))), 'record-form'],
    ['a key id that is a number', withHeader(new Map(HEADER).set(4, LOG)), 'record-form'],
    [
      'the key id of another log',
      withHeader(new Map(HEADER).set(4, Uint8Array.of(1, 2, 3, 5))),
      'record-log',
    ],
    [
      'a protected header with a trailing byte',
      enveloped([Uint8Array.of(...encodeCbor(HEADER), 0), new Map(), encodeCbor(PAYLOAD), SIGNATURE]),
      'cbor-trailing',
    ],
    [
      'a payload with a trailing byte',
      enveloped([encodeCbor(HEADER), new Map(), Uint8Array.of(...encodeCbor(PAYLOAD), 0), SIGNATURE]),
      'cbor-trailing',
    ],
    [
      'a payload that is no map',
      enveloped([encodeCbor(HEADER), new Map(), encodeCbor([]), SIGNATURE]),
      'record-form',
    ],
    ['a payload without a realm', withPayload({ realm: undefined }), 'record-form'],
    ['a further field', withPayload({ more: 1 }), 'record-form'],
    ['a realm of 31 bytes', withPayload({ realm: new Uint8Array(31) }), 'record-form'],
    ['a realm in hex', withPayload({ realm: REALM }), 'record-form'],
    ['a prev of 33 bytes', withPayload({ prev: new Uint8Array(33) }), 'record-form'],
    ['log 0', withPayload({ log: 0 }), 'record-form'],
    ['log 2^32', withPayload({ log: 2 ** 32 }), 'record-form'],
    ['a negative seq', withPayload({ seq: -1 }), 'record-form'],
    ['seq 2^32', withPayload({ seq: 2 ** 32 }), 'record-form'],
    ['seq as text', withPayload({ seq: '3' }), 'record-form'],
    ['seq 0 with a record before it', withPayload({ seq: 0 }), 'record-form'],
    ['no record before seq 3', withPayload({ prev: fromHex(NO_HASH) }), 'record-form'],
    ['an empty type', withPayload({ type: '' }), 'record-form'],
    ['a type of 33 characters', withPayload({ type: 'x'.repeat(33) }), 'record-form'],
    ['a body that is a list', withPayload({ body: [] }), 'record-form'],
    [
      'a body of bytes that is not said to be sealed',
      withPayload({ body: new Uint8Array(4) }),
      'record-form',
    ],
    ['a body in clear that is said to be sealed', withPayload({ enc: 1 }), 'record-form'],
    ['a body nested too deep', withPayload({ body: new Map([['a', deep(20)]]) }), 'cbor-too-deep'],
  ];
  for (const [why, bytes, reason] of bad) {
    it(`is refused: ${why}`, () => assert.equal(verdict(bytes), reason));
  }
});

function deep(levels: number): CborValue {
  return levels === 0 ? 0 : [deep(levels - 1)];
}

function oversized(): Uint8Array {
  const body = (size: number) => new Map([['data', new Uint8Array(size)]]);
  const spare = MAX_RECORD_BYTES - withPayload({ body: body(10_000) }).length;
  assert.equal(verdict(withPayload({ body: body(10_000 + spare) })), 'accepted');
  return withPayload({ body: body(10_001 + spare) });
}

interface GoldenRecord {
  readonly seed: string;
  readonly key: string;
  readonly signed: string;
  readonly hash: string;
  readonly record: string;
  readonly fields: {
    readonly realm: Hash;
    readonly log: LogId;
    readonly seq: number;
    readonly prev: Hash;
    readonly type: string;
    readonly target: string;
  };
}

const VECTOR = new URL('../../../test/vectors/record.json', import.meta.url);

describe('the golden record', () => {
  const golden = JSON.parse(readFileSync(VECTOR, 'utf8')) as GoldenRecord;
  const { realm, log, seq, prev, type, target } = golden.fields;

  it('decodes into the fields that it was made of', () => {
    const decoded = decodeRecord(fromHex(golden.record));
    assert(decoded.ok);
    const { value } = decoded;
    assert.deepEqual(
      { realm: value.realm, log: value.log, seq: value.seq, prev: value.prev, type: value.type },
      { realm, log, seq, prev, type },
    );
    assert.deepEqual(value.body, new Map([['target', fromHex(target)]]));
    assert.equal(toHex(signedBytes(value)), golden.signed);
    assert.equal(value.hash, golden.hash);
  });

  it('is sealed again to the same bytes, for Ed25519 has one signature', async () => {
    const signer = testSigner(golden.seed);
    const body = new Map([['target', fromHex(target)]]);
    const prepared = prepareRecord({ realm, log, seq, prev, type, body });
    assert.equal(signer.key, golden.key);
    assert.equal(toHex(prepared.seal(await signer.sign(prepared.signed))), golden.record);
  });

  it('is signed over the COSE structure with this protocol as external data', async () => {
    const decoded = decodeRecord(fromHex(golden.record));
    assert(decoded.ok);
    const external = toHex(new TextEncoder().encode('leasehold/1'));
    assert(golden.signed.includes(external));
    const signed = signedBytes(decoded.value);
    assert(await nodeCrypto.verify(testSigner(golden.seed).key, signed, decoded.value.signature));
  });
});
