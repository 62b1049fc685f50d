import assert from 'node:assert/strict';
import { MAX_GRANT_BYTES } from '../../core/wire/bounds.ts';
import { checkSymbols } from '../../core/wire/reed-solomon.ts';
import { canonicalAt, decodeGroups, encodeGroups } from '../../core/wire/typed-groups.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BYTES = Uint8Array.from({ length: 60 }, (_, i) => (37 * i + 11) % 251);
const CODE = encodeGroups('GRANT1', BYTES);
const GROUPS = CODE.split('-');
const LENGTH = GROUPS.length;
const CHARACTERS = 6 * LENGTH;

function said(text: string): string {
  const read = decodeGroups('GRANT1', text);
  return read.ok ? 'read' : `${read.reason}: ${read.detail}`;
}

const joined = (groups: readonly string[]) => groups.join('-');
const spelt = (symbol: number) => `${ALPHABET[symbol >> 5]}${ALPHABET[symbol & 31]}`;

/** A text whose check is right, of these symbols of content: what no one encodes. */
function checkedText(content: readonly number[]): string {
  const checks = [0, 1, 2].map((column) => checkSymbols(content.filter((_, i) => i % 3 === column)));
  const check = [0, 1, 2, 3].flatMap((row) => checks.map((column) => column[row] ?? 0));
  const text = [...content, ...check].map(spelt).join('');
  return ['GRANT1', ...(text.match(/.{6}/g) ?? [])].join('-');
}

describe('A text in groups', () => {
  it('is read though a program made minus signs of its hyphens', () => {
    assert.equal(said(CODE.replaceAll('-', '\u2212')), 'read');
  });

  it('is looked at as far as its bound and no further', () => {
    assert.equal(said(CODE.padEnd(4096)), 'read');
    assert.equal(said(CODE.padEnd(4097)), 'too-large: expected at most 4096 characters, came 4097');
  });

  const others: readonly [what: string, text: string, expected: string][] = [
    ['of something else', 'LICENCE-123', 'other-text: expected a text that begins with GRANT1-'],
    ['of nothing', '', 'other-text: expected a text that begins with GRANT1-'],
    ['of a later format', `GRANT2${CODE.slice(6)}`, 'newer-format: expected GRANT1, came GRANT2'],
    [
      'with a U in it',
      `${CODE.slice(0, 7)}U${CODE.slice(8)}`,
      `bad-character: group 2 (U${GROUPS[1]?.slice(1)}) holds U, which no code has`,
    ],
    ['of its prefix alone', 'GRANT1', 'truncated: expected 36 characters, came 6'],
  ];
  for (const [what, text, expected] of others) {
    it(`is refused ${what}`, () => assert.equal(said(text), expected));
  }

  it('that stops in the last group is told so', () => {
    for (const cut of [1, 2, 3, 4, 5]) {
      const last = GROUPS.at(-1)?.slice(0, -cut) ?? '';
      const expected = `group-length: group ${LENGTH} (${last}) has ${6 - cut} characters, expected 6`;
      assert.equal(said(CODE.slice(0, -cut)), expected);
    }
  });

  it('that stops in an earlier group is told how much there should be', () => {
    for (const cut of [8, 9, 10, 11, 12, 20, 100]) {
      const came = CODE.slice(0, -cut).replaceAll('-', '').length;
      const words = came % 6 === 0 && came === CHARACTERS - 6 ? null : came;
      if (words === null) continue;
      assert.equal(said(CODE.slice(0, -cut)), `truncated: expected ${CHARACTERS} characters, came ${came}`);
    }
  });

  for (const count of [2, 3, 4, 5, 6]) {
    it(`of ${count} groups of more is told how much there should be`, () => {
      const expected = `truncated: expected ${CHARACTERS} characters, came ${6 * count}`;
      assert.equal(said(joined(GROUPS.slice(0, count))), expected);
    });
  }

  it('that lacks a character somewhere is told of the group only where groups can be told', () => {
    const lacking = [...GROUPS.slice(0, 4), GROUPS[4]?.slice(1) ?? '', ...GROUPS.slice(5)];
    const group = `group-length: group 5 (${lacking[4]}) has 5 characters, expected 6`;
    const truncated = `truncated: expected ${CHARACTERS} characters, came ${CHARACTERS - 1}`;
    assert.equal(said(joined(lacking)), group);
    assert.equal(said(lacking.join('')), truncated);
    assert.equal(said(`GRANT1 ${lacking.slice(1).join('')}`), truncated);
    assert.equal(said(lacking.join('').replaceAll(/(.{5})/g, '$1 ')), truncated);
  });

  it('that has more characters than it should is told how many', () => {
    const long = GROUPS.join('');
    for (const more of ['A', 'ABC', 'ABCDEFGH', 'ABCDEFGHJKMNP']) {
      const expected = `trailing: expected ${CHARACTERS} characters, came ${CHARACTERS + more.length}`;
      assert.equal(said(`${long}${more}`), expected);
    }
  });

  it('with three wrong groups is told that they are too many to be found', () => {
    const wrong = GROUPS.map((group, i) => ([3, 7, 11].includes(i) ? 'ZZ9ZZ8' : group));
    assert.equal(said(joined(wrong)), 'mistyped: more than two groups are mistyped: compare each');
  });

  it('with two wrong groups, one of which reads as the other should, is told of both', () => {
    const [four = '', five = ''] = GROUPS.slice(3, 5);
    const wrong = GROUPS.with(3, five).with(4, 'ZZ9ZZ8');
    assert.equal(
      said(joined(wrong)),
      `mistyped: group 4 (${five}) is mistyped, ${four} would fit; group 5 (ZZ9ZZ8) is mistyped, ${five} would fit`,
    );
  });

  it('with its first group twice is told that one is too many', () => {
    assert.equal(
      said(joined(GROUPS.toSpliced(1, 0, GROUPS[1] ?? ''))),
      `group-extra: group 2 (${GROUPS[1]}) does not belong there`,
    );
  });

  it('in which a group is missing and another wrong is not told of the first alone', () => {
    const zeros = encodeGroups('GRANT1', new Uint8Array(60)).split('-');
    const wrong = zeros.toSpliced(5, 1).with(9, 'ZZ9ZZ8');
    assert.equal(said(joined(wrong)), `truncated: expected ${zeros.length} groups, came ${wrong.length}`);
  });

  const padded: readonly [what: string, content: readonly number[], expected: string][] = [
    ['whose padding is not zero', [1, 255 << 2, 1], 'mistyped: its padding is not zero'],
    [
      'whose padding within a symbol is not zero',
      [1, (255 << 2) | 1, 0],
      'mistyped: its padding is not zero',
    ],
    ['that says less than it holds', [1, 0, 0, 1, 2, 3], 'trailing: expected 6 groups, came 7'],
    ['that says more than it holds', [9, 0, 0], 'truncated: expected 48 characters, came 36'],
  ];
  for (const [what, content, expected] of padded) {
    it(`is refused though its check is right ${what}: one grant would have two texts`, () => {
      assert.equal(said(checkedText([1, 255 << 2, 0])), 'read');
      assert.equal(said(checkedText(content)), expected);
    });
  }

  it('of more bytes than a code has is refused, whatever it says of itself', () => {
    assert.equal(said(encodeGroups('GRANT1', new Uint8Array(MAX_GRANT_BYTES))), 'read');
    assert.match(said(encodeGroups('GRANT1', new Uint8Array(MAX_GRANT_BYTES + 30))), /^trailing: /);
    const full = [1023, ...new Array(3 * Math.ceil((10 + 8 * MAX_GRANT_BYTES) / 30) - 1).fill(0)];
    assert.equal(said(checkedText(full)), 'mistyped: its padding is not zero');
  });
});

describe('A canonical text at the beginning of others', () => {
  it('is found, whatever follows', () => {
    for (const after of ['', '-', '-AAAAAA', ' more', '\u0000']) {
      assert.equal(canonicalAt('GRANT1', `${CODE}${after}`), CODE);
    }
  });

  const none: readonly [what: string, text: string][] = [
    ['of another prefix', `GRANT2${CODE.slice(6)}`],
    ['of which the end is missing', CODE.slice(0, -7)],
    ['with a wrong group', CODE.replace(GROUPS[3] ?? '', 'ZZ9ZZ8')],
    ['that says more than it holds', checkedText([9, 0, 0])],
    ['in small letters', CODE.toLowerCase()],
    ['of one group', 'GRANT1'],
  ];
  for (const [what, text] of none) {
    it(`is none ${what}`, () => assert.equal(canonicalAt('GRANT1', text), null));
  }
});
