import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { PublicKey } from '../../core/units.ts';
import { fromHex, seconds, toHex } from '../../core/units.ts';
import { codesIn, signedGrants, verifyGrant } from '../../core/verify/grant.ts';
import { MAX_GRANT_NOTE, MAX_GRANT_TEXT } from '../../core/wire/bounds.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';
import { codeTexts, decodeGrant, type Grant, prepareGrant } from '../../core/wire/grant.ts';
import { checkSymbols } from '../../core/wire/reed-solomon.ts';
import { decodeGroups, encodeGroups } from '../../core/wire/typed-groups.ts';
import { codeOf, forgedCode, grantOf, NORTHLIGHT } from '../support/grants.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';

interface Vector {
  readonly seed: string;
  readonly key: PublicKey;
  readonly grant: Omit<Grant, 'features' | 'overdraft'> & {
    readonly features: Record<string, number>;
    readonly overdraft: Record<string, number>;
  };
  readonly bytes: string;
  readonly code: string;
  readonly refused: readonly { readonly text: string; readonly reason: string; readonly detail: string }[];
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const FOLDER = new URL('../../../test/vectors/grants/', import.meta.url);
const VECTORS = readdirSync(FOLDER).map(
  (name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Vector] as const,
);

/** A COSE_Sign1 like that of a licence code with one thing otherwise. */
function sealedAs(
  parts: {
    readonly header?: CborValue;
    readonly unprotected?: CborValue;
    readonly payload?: CborValue;
    readonly signature?: CborValue;
    readonly tag?: number;
    readonly more?: readonly CborValue[];
  } = {},
): string {
  const header =
    parts.header ??
    new Map<number, CborValue>([
      [1, -19],
      [4, fromHex(NORTHLIGHT.key)],
    ]);
  const items = encodeCbor([
    encodeCbor(header),
    parts.unprotected ?? new Map<string, CborValue>(),
    encodeCbor(parts.payload ?? payloadAs({})),
    parts.signature ?? new Uint8Array(64),
    ...(parts.more ?? []),
  ]);
  return encodeGroups('GRANT1', Uint8Array.of(parts.tag ?? 0xd2, ...items));
}

/** A payload with one field otherwise; undefined leaves it out. */
function payloadAs(fields: Readonly<Record<number, CborValue | undefined>>): CborValue {
  const usual: Readonly<Record<number, CborValue>> = {
    ...{ 1: 'order-1', 2: 'raytracer', 3: new Map([['ray-batch', 5]]), 4: 1_900_000_000, 5: 1_900_086_400 },
  };
  const entries = Object.entries({ ...usual, ...fields }).filter(([, value]) => value !== undefined);
  return new Map(entries.map(([field, value]) => [Number(field), value as CborValue]));
}

describe('a licence code', () => {
  for (const [name, { bytes, code, grant, key, refused, seed }] of VECTORS) {
    it(`is, character for character, as in ${name}`, async () => {
      const full = {
        ...grant,
        features: new Map(Object.entries(grant.features)),
        overdraft: new Map(Object.entries(grant.overdraft)),
      };
      const signer = testSigner(seed);
      assert.equal(signer.key, key);
      const prepared = prepareGrant(full, signer.key);
      assert(prepared.ok);
      assert.equal(prepared.value.seal(await signer.sign(prepared.value.signed)), code);
      const groups = decodeGroups('GRANT1', code);
      assert(groups.ok);
      assert.equal(toHex(groups.value.bytes), bytes);
      const read = await verifyGrant(code, nodeCrypto);
      assert(read.ok);
      const { code: _, key: by, signature: __, signed: ___, ...rest } = read.value;
      assert.deepEqual([rest, by], [full, key]);
    });

    it(`is refused with the reasons of ${name}`, () => {
      for (const { detail, reason, text } of refused) {
        assert.deepEqual(decodeGrant(text), { ok: false, reason, detail });
      }
    });
  }

  it('that another key has signed is refused: nobody grants in a vendor\u2019s name', async () => {
    const read = await verifyGrant(await forgedCode(), nodeCrypto);
    assert.equal(read.ok ? 'read' : read.reason, 'bad-signature');
  });

  const texts: readonly [why: string, change: (groups: readonly string[]) => string, reason: string][] = [
    ['is empty', () => '', 'other-text'],
    ['is something else', () => 'leasehold-invite:1:abc', 'other-text'],
    ['is of a later format', ([, ...rest]) => ['GRANT2', ...rest].join('-'), 'newer-format'],
    ['has no body', () => 'GRANT1', 'truncated'],
    ['holds a letter that no code has', (groups) => groups.with(5, 'ABCUDE').join('-'), 'bad-character'],
    ['holds a sign that no code has', (groups) => groups.with(5, 'ABC*DE').join('-'), 'bad-character'],
    ['has a short group', (groups) => groups.with(5, 'ABC').join('-'), 'group-length'],
    ['has a long group', (groups) => groups.with(5, 'ABCDEFG').join('-'), 'group-length'],
    ['lacks a group', (groups) => groups.toSpliced(9, 1).join('-'), 'group-missing'],
    ['has a group twice', (groups) => groups.toSpliced(9, 0, groups[9] ?? '').join('-'), 'group-extra'],
    ['ends early', (groups) => groups.slice(0, 20).join('-'), 'truncated'],
    ['ends early within a group', (groups) => groups.join('-').slice(0, 100), 'truncated'],
    ['ends early within a group, without spaces', (groups) => groups.join('').slice(0, 100), 'truncated'],
    ['goes on', (groups) => [...groups, ...groups].join('-'), 'trailing'],
    [
      'has three wrong groups',
      (groups) => groups.with(3, 'AAAAAA').with(6, 'BBBBBB').with(9, 'CCCCCC').join('-'),
      'mistyped',
    ],
    ['is longer than any', (groups) => groups.join('-').padEnd(4097), 'too-large'],
  ];
  for (const [why, change, reason] of texts) {
    it(`is refused as ${reason} where it ${why}`, async () => {
      const read = decodeGrant(change((await codeOf()).split('-')));
      assert.equal(read.ok ? 'read' : read.reason, reason);
    });
  }

  it('names the groups that are wrong by their number and as they were typed', async () => {
    const groups = (await codeOf()).split('-');
    const short = decodeGrant(groups.with(5, 'ABC').join('-'));
    assert.equal(short.ok ? '' : short.detail, 'group 6 (ABC) has 3 characters, expected 6');
    const foreign = decodeGrant(groups.with(5, 'ABCUDE').join('-'));
    assert.equal(foreign.ok ? '' : foreign.detail, 'group 6 (ABCUDE) holds U, which no code has');
  });

  it('whose padding is not zero is refused: one grant has one text', () => {
    // One byte: ten bits of its number, eight of itself, twelve of padding.
    const spelt = (symbols: readonly number[]) => {
      const checks = symbols.map((symbol) => checkSymbols([symbol]));
      const rows = [symbols, ...[0, 1, 2, 3].map((row) => checks.map((check) => check[row] ?? 0))];
      const text = (symbol: number) => `${CROCKFORD[symbol >> 5]}${CROCKFORD[symbol & 31]}`;
      return ['GRANT1', ...rows.map((row) => row.map(text).join(''))].join('-');
    };
    assert.equal(spelt([1, 0, 0]), encodeGroups('GRANT1', new Uint8Array(1)));
    assert.equal(decodeGroups('GRANT1', spelt([1, 0, 0])).ok, true);
    const other = decodeGroups('GRANT1', spelt([1, 0, 1]));
    assert.deepEqual(other, { ok: false, reason: 'mistyped', detail: 'its padding is not zero' });
  });

  const forms: readonly [why: string, code: string][] = [
    ['another tag', sealedAs({ tag: 0xd1 })],
    ['no bytes', encodeGroups('GRANT1', new Uint8Array())],
    ['a fifth item', sealedAs({ more: [1] })],
    ['something unprotected', sealedAs({ unprotected: new Map([[1, 1]]) })],
    ['a short signature', sealedAs({ signature: new Uint8Array(63) })],
    [
      'another algorithm',
      sealedAs({
        header: new Map<number, CborValue>([
          [1, -8],
          [4, fromHex(NORTHLIGHT.key)],
        ]),
      }),
    ],
    [
      'half a key',
      sealedAs({
        header: new Map<number, CborValue>([
          [1, -19],
          [4, new Uint8Array(16)],
        ]),
      }),
    ],
    ['no key', sealedAs({ header: new Map<number, CborValue>([[1, -19]]) })],
    ['no id', sealedAs({ payload: payloadAs({ 1: undefined }) })],
    ['an id that no registry could have', sealedAs({ payload: payloadAs({ 1: 'Order 1' }) })],
    [
      'an id that an object inherits and no registry could have',
      sealedAs({ payload: payloadAs({ 1: '__proto__' }) }),
    ],
    ['no product', sealedAs({ payload: payloadAs({ 2: 7 }) })],
    ['no features', sealedAs({ payload: payloadAs({ 3: new Map() }) })],
    ['no seats of a feature', sealedAs({ payload: payloadAs({ 3: new Map([['ray-batch', 0]]) }) })],
    ['fewer seats than none', sealedAs({ payload: payloadAs({ 3: new Map([['ray-batch', -5]]) }) })],
    ['an end before its beginning', sealedAs({ payload: payloadAs({ 5: 1_899_999_999 }) })],
    ['no time at all', sealedAs({ payload: payloadAs({ 5: 1_900_000_000 }) })],
    ['a beginning before 1970', sealedAs({ payload: payloadAs({ 4: -1 }) })],
    ['an end after the year 9999', sealedAs({ payload: payloadAs({ 5: 253_402_300_801 }) })],
    ['half a realm', sealedAs({ payload: payloadAs({ 6: new Uint8Array(16) }) })],
    [
      'overdraft of what it does not grant',
      sealedAs({ payload: payloadAs({ 7: new Map([['ray-view', 1]]) }) }),
    ],
    ['itself to supersede', sealedAs({ payload: payloadAs({ 8: 'order-1' }) })],
    ['an empty note', sealedAs({ payload: payloadAs({ 9: '' }) })],
    ['a field of a later version', sealedAs({ payload: payloadAs({ 10: 1 }) })],
    ['a payload that is no map', sealedAs({ payload: [1, 2] })],
    ['CBOR that is not deterministic', encodeGroups('GRANT1', Uint8Array.of(0xd2, 0x98, 0x04, 0, 0, 0, 0))],
  ];
  for (const [why, code] of forms) {
    it(`with ${why} is refused by its form`, () => {
      const read = decodeGrant(code);
      assert.equal(read.ok ? 'read' : read.reason, 'grant-form');
    });
  }

  it('of good form is read, so that the refusals above are for what they say', () => {
    assert.equal(decodeGrant(sealedAs()).ok, true);
  });

  const grants: readonly [why: string, change: Partial<Grant>, reason: string][] = [
    ['an id with a space', { id: 'order 1' }, 'grant-form'],
    ['no feature', { features: new Map() }, 'grant-form'],
    ['an end before its beginning', { until: seconds(0) }, 'grant-form'],
    ['a note that is too long', { note: 'x'.repeat(MAX_GRANT_NOTE + 1) }, 'grant-form'],
    [
      'more than fits',
      { features: new Map(Array.from({ length: 60 }, (_, i) => [`a-long-name-of-feature-${i}`, 1000])) },
      'too-large',
    ],
  ];
  for (const [why, change, reason] of grants) {
    it(`is not made of a grant with ${why}`, () => {
      const prepared = prepareGrant({ ...grantOf(), ...change }, NORTHLIGHT.key);
      assert.equal(prepared.ok ? 'made' : prepared.reason, reason);
    });
  }

  it('is found among others in a file, whose remarks are left out', async () => {
    const [a, b] = [
      await codeOf({ id: 'a' }),
      (await codeOf({ id: 'b' })).replaceAll('-', ' ').toLowerCase(),
    ];
    const found = codeTexts(
      `# Northlight, 2030\n\n${a}\n  # the second\n${b.slice(0, 70)}\n${b.slice(70)}\n`,
    );
    assert(found.ok);
    const ids = found.value.map((text) => {
      const read = decodeGrant(text);
      return read.ok ? read.value.id : read.reason;
    });
    assert.deepEqual(ids, ['a', 'b']);
  });

  it('is not looked for in a text that is too long', () => {
    assert.deepEqual(codeTexts(''), { ok: true, value: [] });
    assert.equal(codeTexts(' '.repeat(MAX_GRANT_TEXT)).ok, true);
    assert.equal(codeTexts(' '.repeat(MAX_GRANT_TEXT + 1)).ok, false);
  });

  it('counts as signed in its canonical form alone', async () => {
    const code = await codeOf();
    const texts = [code, code, code.toLowerCase(), await forgedCode(), 'nonsense'];
    assert.deepEqual(await signedGrants(texts, nodeCrypto), [code]);
  });

  it('is not found where there is but the beginning of one, or one with a typo', async () => {
    const typo = (await codeOf()).split('-').with(6, 'ZZZZZZ').join('-');
    const update = new TextEncoder().encode(`${'GRANT1-'.repeat(200)}${typo}`);
    assert.deepEqual(codesIn(update), []);
  });

  it('does not hide behind hyphens and characters that follow it: hosts would differ in what they know', async () => {
    const code = await codeOf();
    const update = new TextEncoder().encode(`GRANT1-${code}-ABCDEF-GRANT1-XYZ`);
    assert.deepEqual(codesIn(update), [code]);
  });
});
