import assert from 'node:assert/strict';
import { fromHex, seconds } from '../../core/units.ts';
import { MAX_GRANT_BYTES, MAX_GRANT_NOTE, MAX_GRANT_TEXT } from '../../core/wire/bounds.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';
import { codeTexts, decodeGrant, GRANT_PREFIX, prepareGrant } from '../../core/wire/grant.ts';
import { encodeGroups } from '../../core/wire/typed-groups.ts';
import { grantOf, NORTHLIGHT } from '../support/grants.ts';

const KEY = fromHex(NORTHLIGHT.key);
const TAG = 0xd2;
const HEADER = new Map<CborValue, CborValue>([
  [1, -19],
  [4, KEY],
]);
const FIELDS: readonly (readonly [field: number, value: CborValue])[] = [
  [1, 'order-1'],
  [2, 'raytracer'],
  [3, new Map([['batch', 5]])],
  [4, 1_893_456_000],
  [5, 1_924_992_000],
];

interface Envelope {
  readonly tag?: number;
  readonly header?: ReadonlyMap<CborValue, CborValue> | null;
  readonly unprotected?: CborValue;
  /** Fields in place of those above, or beside them; undefined for none. */
  readonly fields?: readonly (readonly [field: number, value: CborValue | undefined])[];
  readonly payload?: CborValue;
  readonly signature?: CborValue;
  readonly more?: readonly CborValue[];
}

/** What is said of a code of such an envelope, which nobody's tool would make. */
function said(envelope: Envelope): string {
  const { fields = [], header = HEADER, more = [], signature = new Uint8Array(64), tag = TAG } = envelope;
  const map = new Map<number, CborValue | undefined>([...FIELDS, ...fields]);
  const kept = [...map].flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const]));
  const items = [
    header === null ? 'header' : encodeCbor(header as ReadonlyMap<number, CborValue>),
    envelope.unprotected ?? new Map<string, CborValue>(),
    envelope.payload ?? encodeCbor(new Map<number, CborValue>(kept)),
    signature,
    ...more,
  ];
  const read = decodeGrant(encodeGroups(GRANT_PREFIX, Uint8Array.of(tag, ...encodeCbor(items))));
  return read.ok ? 'read' : `${read.reason}: ${read.detail}`;
}

const [FROM, UNTIL, REALM, OVERDRAFT, SUPERSEDES, NOTE] = [4, 5, 6, 7, 8, 9] as const;
const cases: readonly [what: string, good: Envelope, bad: Envelope, detail: string][] = [
  ['without the tag of a COSE_Sign1', {}, { tag: 0xd1 }, 'expected a tagged COSE_Sign1'],
  ['of five items', {}, { more: [0] }, 'expected four items'],
  ['whose header is no bytes', {}, { header: null }, 'header'],
  ['whose payload is no bytes', {}, { payload: 'payload' }, 'header'],
  ['with a header that is not signed', {}, { unprotected: new Map([['a', 1]]) }, 'unprotected header'],
  ['with no map in its place', {}, { unprotected: 0 }, 'unprotected header'],
  ['with a short signature', {}, { signature: new Uint8Array(63) }, 'signature'],
  ['with a long signature', {}, { signature: new Uint8Array(65) }, 'signature'],
  ['with more in its header', {}, { header: new Map([...HEADER, [5, 0]]) }, 'protected header'],
  ['by another algorithm', {}, { header: new Map([...HEADER, [1, -8]]) }, 'expected Ed25519 (-19)'],
  ['with a short key', {}, { header: new Map([...HEADER, [4, KEY.slice(1)]]) }, 'key'],
  ['with a field of a later version', {}, { fields: [[10, 1]] }, 'a field of a later version'],
  ['of no id', {}, { fields: [[1, undefined]] }, 'id: expected ^[a-z0-9][a-z0-9._-]{0,63}$'],
  [
    'of a product that is no id',
    {},
    { fields: [[2, 'Ray']] },
    'product: expected ^[a-z0-9][a-z0-9._-]{0,63}$',
  ],
  [
    'in the place of what is no id',
    { fields: [[SUPERSEDES, 'a']] },
    { fields: [[SUPERSEDES, 'A']] },
    'supersedes: expected an id',
  ],
  [
    'of a feature that is no id',
    { fields: [[3, new Map([['b', 1]])]] },
    { fields: [[3, new Map([['B', 1]])]] },
    'features: expected seats by id, 1 or more of each',
  ],
  [
    'of half a seat',
    {},
    { fields: [[3, new Map([['b', '1']])]] },
    'features: expected seats by id, 1 or more of each',
  ],
  [
    'with an overdraft of nothing',
    { fields: [[OVERDRAFT, new Map([['batch', 1]])]] },
    { fields: [[OVERDRAFT, new Map()]] },
    'overdraft: expected seats by id, of features that are granted',
  ],
  [
    'from before 1970',
    { fields: [[FROM, 0]] },
    { fields: [[FROM, -1]] },
    'expected a beginning, and an end after it',
  ],
  ['without an end', {}, { fields: [[UNTIL, undefined]] }, 'expected a beginning, and an end after it'],
  [
    'for a realm of another length',
    { fields: [[REALM, new Uint8Array(32)]] },
    { fields: [[REALM, new Uint8Array(33)]] },
    'realm: expected 32 bytes',
  ],
  // There would be two codes for one grant: with no note, and with an empty one.
  [
    'with an empty note',
    { fields: [[NOTE, 'x']] },
    { fields: [[NOTE, '']] },
    `note: expected 1 to ${MAX_GRANT_NOTE} characters`,
  ],
];

describe('A licence code that no tool makes', () => {
  for (const [what, good, bad, detail] of cases) {
    it(`is refused ${what}`, () => {
      assert.deepEqual([said(good), said(bad)], ['read', `grant-form: ${detail}`]);
    });
  }

  it('is none of more bytes than a code has', () => {
    const ids = (count: number) =>
      new Map(Array.from({ length: count }, (_, i) => [`${'f'.repeat(54)}${i}`, 1_000_000]));
    const bytesOf = (count: number) => {
      const prepared = prepareGrant({ ...grantOf(), features: ids(count) }, NORTHLIGHT.key);
      return prepared.ok ? prepared.value.signed.length : prepared.reason;
    };
    const most = Array.from({ length: 20 }, (_, i) => bytesOf(i + 1)).indexOf('too-large');
    assert(most > 5 && 61 * (most + 1) > MAX_GRANT_BYTES - 200 && 61 * most < MAX_GRANT_BYTES, `${most}`);
  });

  it('is none in which seconds are not whole', () => {
    assert.equal(said({ fields: [[FROM, 1.5 as never]] }), 'grant-form: payload');
    assert.equal(seconds(1), 1);
  });
});

describe('A text in which licence codes are looked for', () => {
  it('may hold several, in any case, whatever programs make of 1', () => {
    const found = codeTexts('# two\nGRANT1-AAAAAA grantI-BBBBBB\n  # and\nGRANTl-CCCCCC no-GRANT1');
    assert.deepEqual(found.ok ? found.value.map((one) => one.trim()) : [], [
      'GRANT1-AAAAAA',
      'grantI-BBBBBB',
      'GRANTl-CCCCCC no-GRANT1',
    ]);
  });

  it('has a bound', () => {
    assert.equal(codeTexts(' '.repeat(MAX_GRANT_TEXT)).ok, true);
    assert.equal(codeTexts(' '.repeat(MAX_GRANT_TEXT + 1)).ok, false);
  });
});
