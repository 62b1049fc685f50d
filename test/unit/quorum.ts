import assert from 'node:assert/strict';
import { governing, mayAck, mayOpenTerm, mayVoid, type Slots } from '../../core/decide/vote.ts';
import { type Ack, firstTerm, isCertified, isClosed, memberOf, quorumOf } from '../../core/state/quorum.ts';
import type { Proposal } from '../../core/state/versions.ts';
import type { LogId, PrincipalId } from '../../core/units.ts';
import { hashNamed, keyAt, shortRoster, versionOf } from '../support/versions.ts';

const VOTER = { roles: ['voter' as const] };
const ISSUER = { class: null, roles: ['issuer' as const] };
const ABC = shortRoster({ a: VOTER, b: VOTER, c: VOTER, i: ISSUER });
const X = hashNamed('X');
const Y = hashNamed('Y');

/** Acks in short: `aX` is a's for X, `b-` is b's VOID; a number after it is the highest term that it states. */
function acks(...short: readonly string[]): readonly Ack[] {
  return short.map((word) => {
    const candidate = word[1] === '-' ? null : hashNamed(word[1] ?? '');
    const terms = word.length > 2 ? new Map([['c100', Number(word.slice(2))]]) : new Map<string, number>();
    return { voter: word[0] as PrincipalId, version: 2, candidate, terms };
  });
}

describe('a quorum', () => {
  const sizes: readonly (readonly [voters: number, liars: number, quorum: number])[] = [
    ...([
      [1, 0, 1],
      [2, 0, 2],
      [3, 0, 2],
      [4, 0, 3],
      [5, 0, 3],
      [3, 1, 3],
      [4, 1, 3],
      [7, 2, 5],
    ] as const),
  ];
  for (const [voters, liars, quorum] of sizes) {
    it(`is ${quorum} of ${voters} voters of whom ${liars} may lie: any two share an honest one`, () => {
      assert.equal(quorumOf(voters, liars), quorum);
      assert(2 * quorum - voters > liars);
    });
  }

  const rows: readonly [why: string, given: readonly Ack[], expected: boolean][] = [
    ['two of three certify', acks('aX', 'bX'), true],
    ['one twice does not', acks('aX', 'aX'), false],
    ['a stranger does not count', acks('aX', 'zX'), false],
    ['an issuer who does not vote does not count', acks('aX', 'iX'), false],
    ['VOID is for nobody', acks('aX', 'b-', 'c-'), false],
    ['another candidate is another', acks('aX', 'bY'), false],
    ['a liar who acks both counts for each', acks('aX', 'bX', 'bY'), true],
  ];
  for (const [why, given, expected] of rows) {
    it(why, () => assert.equal(isCertified(X, given, ABC, ABC), expected));
  }

  it('is of both rosters where the voters change', () => {
    const CDE = shortRoster({ x: {}, y: {}, c: { ...VOTER, logs: [3] }, d: VOTER, e: VOTER });
    assert.equal(isCertified(X, acks('aX', 'bX'), ABC, CDE), false);
    assert.equal(isCertified(X, acks('dX', 'eX'), ABC, CDE), false);
    assert.equal(isCertified(X, acks('aX', 'cX', 'dX'), ABC, CDE), true);
  });

  it("takes a log for its member's only under the key that the roster names", () => {
    assert.equal(memberOf(ABC, 1 as LogId, keyAt(1))?.id, 'a');
    assert.equal(memberOf(ABC, 1 as LogId, keyAt(2)), undefined);
  });
});

describe('a closed version', () => {
  const rows: readonly [why: string, given: readonly Ack[], closed: boolean][] = [
    ['is not one that nobody acked', acks(), false],
    ['is one that two of three voided', acks('a-', 'b-'), true],
    ['is not one that two voted apart, with one to come', acks('aX', 'bY'), false],
    ['is one that three voted apart', acks('aX', 'bY', 'c-'), true],
    ['is not one with a quorum', acks('aX', 'bX', 'c-'), false],
    ['is not closed by one voter who says VOID twice', acks('a-', 'a-'), false],
    ['is not closed by strangers', acks('z-', 'y-', 'i-'), false],
  ];
  for (const [why, given, closed] of rows) it(why, () => assert.equal(isClosed(given, ABC), closed));

  it('needs more where voters may lie', () => {
    const four = shortRoster({ a: VOTER, b: VOTER, c: VOTER, d: VOTER }, { liars: 1 });
    assert.equal(isClosed(acks('a-', 'b-'), four), false);
    assert.equal(isClosed(acks('a-', 'b-', 'c-'), four), true);
  });

  it('is one whose only winner could never have the voters that it names itself', () => {
    const child = shortRoster({ a: VOTER, b: { ...VOTER }, c: {}, d: VOTER, e: VOTER, f: VOTER });
    const parent = shortRoster({ a: VOTER, b: VOTER, c: VOTER, d: {}, e: {}, f: {} });
    const given = acks('aY', 'bX', 'cX', 'd-', 'e-', 'f-').map((ack): Ack => {
      const log = ('abcdef'.indexOf(ack.voter) + 1) as LogId;
      const signed = { ...ack, signatory: { log, key: keyAt(log) } };
      return ack.candidate === X ? { ...signed, child } : signed;
    });
    assert.equal(isClosed(given, parent), true);
    assert.equal(
      isClosed(
        given.map(({ child: _, ...ack }) => ack),
        parent,
      ),
      false,
      'while its roster is not known',
    );
  });
});

describe('the first term of a version', () => {
  const rows: readonly [why: string, given: readonly Ack[], term: number][] = [
    ['is the one after the highest that a quorum states', acks('aX7', 'bX4'), 8],
    ['is the lowest that any quorum proves', acks('aX7', 'bX4', 'cX5'), 6],
    ['is the very first where nothing was opened', acks('aX', 'bX'), 0],
    ['does not heed acks for another', acks('aX3', 'bX3', 'cY9'), 4],
    ['takes the worse of two statements of one voter', acks('aX1', 'aX9', 'bX1'), 10],
  ];
  for (const [why, given, term] of rows) it(why, () => assert.equal(firstTerm(X, given, ABC, 'c100'), term));
});

describe('a voter', () => {
  const V1 = versionOf(1, ABC);
  const proposal: Proposal = {
    ...{ id: X, version: 2, parent: V1.id, roster: ABC, content: X, frontier: new Map(), message: '' },
    ...{ author: 'i' as PrincipalId, signers: new Set(['i' as PrincipalId]), skips: new Map() },
  };
  const none: Slots = new Map();
  const rows: readonly [why: string, slots: Slots, change: Partial<Proposal>, expected: string][] = [
    ['acks what issuers signed on the newest version', none, {}, 'allowed'],
    ['acks nothing twice', new Map([[2, Y]]), {}, 'slot-taken'],
    ['does not ack again what it acked', new Map([[2, X]]), {}, 'slot-taken'],
    ['does not ack after VOID', new Map([[2, null]]), {}, 'slot-taken'],
    ['acks nothing at the newest version', none, { version: 1 }, 'superseded'],
    ['acks nothing on another parent', none, { parent: Y }, 'unknown-parent'],
    ['acks nothing unsigned', none, { signers: new Set() }, 'too-few-issuers'],
    [
      'acks nothing that only a voter signed',
      none,
      { signers: new Set(['a' as PrincipalId]) },
      'too-few-issuers',
    ],
    ['acks nothing that skips without proof', none, { version: 3 }, 'skip-without-proof'],
    ['acks what skips with proof', none, { version: 3, skips: new Map([[2, acks('a-', 'b-')]]) }, 'allowed'],
    [
      'takes no proof for another version',
      none,
      { version: 3, skips: new Map([[2, acks('a-', 'b-').map((ack) => ({ ...ack, version: 9 }))]]) },
      'skip-without-proof',
    ],
  ];
  for (const [why, slots, change, expected] of rows) {
    it(why, () => {
      const decision = mayAck(slots, { ...proposal, ...change }, V1);
      assert.equal(decision.allow ? 'allowed' : decision.reason, expected);
    });
  }

  const voids: readonly [why: string, slots: Slots, version: number, expected: string][] = [
    ['voids the next undecided version', none, 2, 'allowed'],
    ['voids none that is decided', none, 1, 'superseded'],
    ['voids none that it acked', new Map([[2, X]]), 2, 'slot-taken'],
    ['voids none before its turn', none, 3, 'not-next-undecided'],
  ];
  for (const [why, slots, version, expected] of voids) {
    it(why, () => {
      const decision = mayVoid(slots, version, V1, () => []);
      assert.equal(decision.allow ? 'allowed' : decision.reason, expected);
    });
  }

  const V2 = versionOf(2, ABC, { id: X, firstTerms: new Map([['c100', 5]]) });
  const terms: readonly [
    why: string,
    slots: Slots,
    of: typeof V1,
    term: number,
    given: readonly Ack[],
    expected: string,
  ][] = [
    ['opens a term that the version governs', none, V2, 5, [], 'allowed'],
    ['opens the term before for the version before', none, V1, 4, [], 'allowed'],
    ['opens none for the version before after that', none, V1, 5, [], 'not-governed'],
    ['opens none for the new one before that', none, V2, 4, [], 'not-governed'],
    ['opens none for the old version once it acked the new', new Map([[2, X]]), V1, 4, [], 'acked-later'],
    ['opens on, once what it acked has lost', new Map([[2, Y]]), V1, 4, [], 'allowed'],
    ['opens none while what it acked may still win', new Map([[3, Y]]), V2, 5, [], 'acked-later'],
    ['opens on, once that version is closed', new Map([[3, Y]]), V2, 5, acks('aY', 'b-', 'c-'), 'allowed'],
    ['opens on after VOID', new Map([[3, null]]), V2, 5, [], 'allowed'],
  ];
  for (const [why, slots, of, term, given, expected] of terms) {
    it(why, () => {
      const decision = mayOpenTerm(slots, [V1, V2], of, { hostClass: 'c100', term }, () => given);
      assert.equal(decision.allow ? 'allowed' : decision.reason, expected);
    });
  }

  it('finds one version for each term, and none for a class that no version has', () => {
    assert.deepEqual(
      [0, 4, 5, 99].map((term) => governing([V1, V2], 'c100', term)?.version),
      [1, 1, 2, 2],
    );
    assert.equal(governing([V1, V2], 'c7', 0), null);
  });
});
