import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Hash, type LogId, toHex } from '../../core/units.ts';
import { MAX_CBOR_DEPTH } from '../../core/wire/bounds.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';
import { decodeRecord, NO_HASH, prepareRecord, signedBytes } from '../../core/wire/record.ts';
import { damageBytes } from '../support/damage.ts';
import { seededRandom } from '../support/random.ts';

const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex') as Hash);
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.startsWith('\ufeff'));

const { value: cbor } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: MAX_CBOR_DEPTH - 6, withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.oneof(text, fc.maxSafeInteger()), tie('value')), { maxLength: 5 })
      .map((entries) => new Map(entries)),
  ),
}));

const record = fc
  .record(
    {
      realm: hash,
      log: fc.integer({ min: 1, max: 0xffff_ffff }).map((value) => value as LogId),
      seq: fc.integer({ min: 0, max: 0xffff_ffff }),
      prev: hash,
      type: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }),
      body: fc.array(fc.tuple(text, cbor), { maxLength: 4 }).map((entries) => new Map(entries)),
    },
    { noNullPrototype: true },
  )
  .map((fields) => ({ ...fields, prev: fields.seq === 0 ? NO_HASH : fields.prev }));

const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });

describe('CBOR', () => {
  it('gives back every value that it encodes', () => {
    fc.assert(
      fc.property(cbor, (value) => assert.deepEqual(decodeCbor(encodeCbor(value)), { ok: true, value })),
    );
  });

  it('has one encoding: whatever damaged bytes it still accepts, it would have written itself', () => {
    let accepted = 0;
    const law = fc.property(cbor, fc.nat(), (value, seed) => {
      const bytes = damageBytes(encodeCbor(value), encodeCbor(value), seededRandom(seed));
      const decoded = decodeCbor(bytes);
      if (!decoded.ok) return;
      accepted += 1;
      assert.equal(toHex(encodeCbor(decoded.value)), toHex(bytes));
    });
    fc.assert(law, { numRuns: 3000 });
    assert(accepted > 100, `${accepted} of 3000 accepted`);
  });
});

describe('A record', () => {
  it('gives back the fields that it was sealed with', () => {
    const law = fc.property(record, signature, (fields, signed) => {
      const decoded = decodeRecord(prepareRecord(fields).seal(signed));
      assert(decoded.ok);
      const { body, log, prev, realm, seq, type } = decoded.value;
      assert.deepEqual({ body, log, prev, realm, seq, type }, fields);
      assert.deepEqual(decoded.value.signature, signed);
    });
    fc.assert(law);
  });

  it('has one encoding: whatever damaged bytes are still a record, sealing its fields gives', () => {
    let accepted = 0;
    const law = fc.property(record, signature, fc.nat(), (fields, signed, seed) => {
      const sealed = prepareRecord(fields).seal(signed);
      const bytes = damageBytes(sealed, sealed, seededRandom(seed));
      const decoded = decodeRecord(bytes);
      if (!decoded.ok || decoded.value.enc) return;
      accepted += 1;
      assert.equal(toHex(prepareRecord(decoded.value).seal(decoded.value.signature)), toHex(bytes));
      assert.equal(toHex(prepareRecord(decoded.value).signed), toHex(signedBytes(decoded.value)));
    });
    fc.assert(law, { numRuns: 3000 });
    assert(accepted > 100, `${accepted} of 3000 accepted`);
  });
});
