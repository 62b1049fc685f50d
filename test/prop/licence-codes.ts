import assert from 'node:assert/strict';
import fc from 'fast-check';
import { seconds } from '../../core/units.ts';
import { codesIn, verifyGrant } from '../../core/verify/grant.ts';
import { MAX_GRANT_BYTES } from '../../core/wire/bounds.ts';
import { decodeGrant, type Grant, prepareGrant } from '../../core/wire/grant.ts';
import { checkSymbols, locateErrors, MAX_SYMBOLS } from '../../core/wire/reed-solomon.ts';
import { decodeGroups, encodeGroups, GROUP } from '../../core/wire/typed-groups.ts';
import { codeOf, NORTHLIGHT } from '../support/grants.ts';
import { nodeCrypto } from '../support/keys.ts';

const PREFIX = 'GRANT1';
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const content = fc.uint8Array({ maxLength: MAX_GRANT_BYTES });
const char = fc.constantFrom(...ALPHABET);
const group = fc.array(char, { minLength: GROUP, maxLength: GROUP }).map((chars) => chars.join(''));

/** A code in groups, with one of its groups after the prefix, by its place. */
const codeAndPlace = content
  .map((bytes) => encodeGroups(PREFIX, bytes).split('-'))
  .chain((groups) => fc.tuple(fc.constant(groups), fc.integer({ min: 1, max: groups.length - 1 })));

function detailOf(groups: readonly string[], between = '-'): string {
  const read = decodeGroups(PREFIX, groups.join(between));
  assert(!read.ok, 'it was read');
  return `${read.reason}: ${read.detail}`;
}

describe('Bytes in groups', () => {
  it('come back, whatever they are', () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const text = encodeGroups(PREFIX, bytes);
        const read = decodeGroups(PREFIX, text);
        assert(read.ok);
        assert.deepEqual([[...read.value.bytes], read.value.text], [[...bytes], text]);
      }),
    );
  });

  it('come back as people and programs write them', () => {
    const between = fc.constantFrom('', ' ', '\n', ' \r\n\t', '--', '\u2013', '\u00a0', '\u200b', '\u2011');
    const manner = fc.tuple(
      between,
      fc.boolean(),
      fc.constantFrom('1', 'I', 'l', 'i'),
      fc.constantFrom('0', 'O', 'o'),
    );
    fc.assert(
      fc.property(content, manner, (bytes, [gap, low, one, zero]) => {
        const text = encodeGroups(PREFIX, bytes);
        const cased = low ? text.toLowerCase() : text;
        const typed = cased.replaceAll('1', one).replaceAll('0', zero).replaceAll('-', gap);
        assert.deepEqual(decodeGroups(PREFIX, ` ${typed}\n`), decodeGroups(PREFIX, text));
      }),
    );
  });

  it('tell which group is wrong, and what it should be, whatever one group is changed into', () => {
    fc.assert(
      fc.property(codeAndPlace, group, ([groups, at], other) => {
        fc.pre(other !== groups[at]);
        const said = detailOf(groups.with(at, other));
        assert.equal(said, `mistyped: group ${at + 1} (${other}) is mistyped, ${groups[at]} would fit`);
      }),
      { numRuns: 500 },
    );
  });

  it('tell that two neighbouring groups are swapped, and which', () => {
    fc.assert(
      fc.property(codeAndPlace, ([groups, at]) => {
        const [a, b] = [groups[at], groups[at + 1]];
        fc.pre(a !== undefined && b !== undefined && a !== b);
        const said = detailOf(groups.with(at, b ?? '').with(at + 1, a ?? ''));
        assert.match(said, new RegExp(`^mistyped: groups ${at + 1} and ${at + 2} are swapped$`));
      }),
      { numRuns: 500 },
    );
  });

  it('tell which two groups are wrong, wherever they are', () => {
    fc.assert(
      fc.property(codeAndPlace, group, group, fc.nat(), ([groups, at], a, b, offset) => {
        const other = 1 + ((at + offset) % (groups.length - 1));
        fc.pre(other !== at && groups[at] !== a && groups[other] !== b);
        fc.pre(!(groups[at] === b && groups[other] === a));
        const said = detailOf(groups.with(at, a).with(other, b));
        for (const place of [at, other]) assert.match(said, new RegExp(`group ${place + 1} `));
        assert.equal(said.match(/would fit/g)?.length, 2);
      }),
      { numRuns: 500 },
    );
  });

  it('tell which group is missing, or does not belong there', () => {
    fc.assert(
      fc.property(codeAndPlace, group, ([groups, at], other) => {
        fc.pre(at > 1);
        const without = detailOf(groups.toSpliced(at, 1));
        // Of two equal neighbours either may be the one that is missing.
        const equal = groups.flatMap((each, i) => (each === groups[at] ? [i + 1] : []));
        const [, place] = /^group-missing: group (\d+) is missing/.exec(without) ?? [];
        assert(equal.includes(Number(place)), `${without}, not ${at + 1}`);
        assert.match(detailOf(groups.toSpliced(at, 0, other)), /^group-extra: group \d+ /);
      }),
      { numRuns: 200 },
    );
  });

  it('are refused with a reason, however they are damaged, and never read as something else', () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.oneof(char, fc.constant(''), fc.constant('U'), fc.constant('-'))),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(content, damage, (bytes, changes) => {
        const text = encodeGroups(PREFIX, bytes);
        const chars = [...text];
        for (const [at, by] of changes) chars[at % chars.length] = by;
        const read = decodeGroups(PREFIX, chars.join(''));
        if (read.ok) assert.equal(read.value.text, text);
        else assert((read.detail ?? '').length > 0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('The check of groups', () => {
  it('finds up to two wrong symbols and their right values in a word of any length', () => {
    const symbol = fc.integer({ min: 0, max: MAX_SYMBOLS });
    const words = fc.array(symbol, { minLength: 1, maxLength: 300 });
    const errors = fc.uniqueArray(fc.tuple(fc.nat(), fc.integer({ min: 1, max: MAX_SYMBOLS })), {
      maxLength: 2,
      selector: ([at]) => at,
    });
    fc.assert(
      fc.property(words, errors, (word, wrong) => {
        const sent = [...word, ...checkSymbols(word)];
        const at = new Map(wrong.map(([place, by]) => [place % sent.length, by]));
        const came = sent.map((value, place) => value ^ (at.get(place) ?? 0));
        const found = locateErrors(came);
        assert.deepEqual(new Map(found?.map((each) => [each.at, each.by])), at);
      }),
      { numRuns: 2000 },
    );
  });
});

const id = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);
const seats = fc.integer({ min: 1, max: 1_000_000 });
const grants: fc.Arbitrary<Grant> = fc
  .record(
    {
      id,
      product: id,
      seats: fc.uniqueArray(fc.tuple(id, seats), { minLength: 1, maxLength: 8, selector: ([name]) => name }),
      from: fc.integer({ min: 0, max: 10_000_000_000 }),
      length: fc.integer({ min: 1, max: 10_000_000_000 }),
      realm: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 })),
      beyond: fc.boolean(),
      supersedes: fc.option(id),
      note: fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.startsWith('\ufeff')),
    },
    { noNullPrototype: true },
  )
  .filter(({ id, supersedes }) => id !== supersedes)
  .map(({ beyond, from, length, realm, seats, ...rest }) => ({
    ...rest,
    realm: realm === null ? null : (Buffer.from(realm).toString('hex') as Grant['realm']),
    features: new Map(seats),
    overdraft: new Map(beyond ? seats.slice(0, 1) : []),
    from: seconds(from),
    until: seconds(from + length),
  }));

describe('A licence code', () => {
  it('says all that its grant says, and verifies under the key that it names', async () => {
    await fc.assert(
      fc.asyncProperty(grants, async (grant) => {
        const prepared = prepareGrant(grant, NORTHLIGHT.key);
        assert(prepared.ok, 'detail' in prepared ? prepared.detail : '');
        const code = prepared.value.seal(await NORTHLIGHT.sign(prepared.value.signed));
        const read = await verifyGrant(code, nodeCrypto);
        assert(read.ok);
        const { signature: _, signed: __, ...rest } = read.value;
        assert.deepEqual(rest, { ...grant, key: NORTHLIGHT.key, code });
      }),
      { numRuns: 60 },
    );
  });

  it('is found in the bytes of an update, whatever stands around it', async () => {
    const code = await codeOf();
    const around = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom('GRANT1-', '-AAAAAA-BBBBBB', `${code.slice(0, 100)}`, 'GRANT1')
        .map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(around, around, (before, after) => {
        const update = Uint8Array.from([...before, ...new TextEncoder().encode(code), ...after]);
        assert.deepEqual(codesIn(update), [code]);
      }),
      { numRuns: 300 },
    );
  });

  it('has one text: no other text is read as the same grant and kept as another', async () => {
    const code = await codeOf();
    fc.assert(
      fc.property(fc.nat(code.length - 1), char, (at, other) => {
        const read = decodeGrant(`${code.slice(0, at)}${other}${code.slice(at + 1)}`);
        if (read.ok) assert.equal(read.value.code, code);
      }),
      { numRuns: 500 },
    );
  });

  it('of a usual kind fits into a QR code of 69 modules, and the largest into the largest', async () => {
    // ISO/IEC 18004: characters of the alphanumeric mode in version 13 at level M, and in version 40 at level L.
    const [usual, largest] = [483, 4296];
    const typical = await codeOf({
      features: { solver: 25, mesher: 5, viewer: 100 },
      note: 'Order 2030-117',
    });
    assert(typical.length <= usual, `${typical.length} characters`);
    assert.match(typical, /^[0-9A-Z $%*+\-./:]+$/);
    assert(encodeGroups(PREFIX, new Uint8Array(MAX_GRANT_BYTES)).length <= largest);
  });
});
