import assert from 'node:assert/strict';
import { type LotQuestion, lotsIn, lotsNow, termAt } from '../../core/decide/lots.ts';
import type { TimeView } from '../../core/state/clock.ts';
import type { Configuration } from '../../core/state/compile.ts';
import { emptyEvidence } from '../../core/state/evidence.ts';
import type { Version } from '../../core/state/versions.ts';
import type { PrincipalId } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import { hashNamed, opened, shortRoster, versionOf } from '../support/versions.ts';

const VOTER = { roles: ['voter' as const] };
const ROSTER = shortRoster({ a: VOTER, b: VOTER, c: VOTER, lab: { class: 'c1000' } });
const V1 = versionOf(1, ROSTER);
const ALL = [1, 2];

function at(lower: number | null, upper: number | null = lower): TimeView {
  return {
    lower: lower === null ? null : seconds(lower),
    upper: upper === null ? null : seconds(upper),
    ...{ offlineAge: seconds(0), conflict: false },
  };
}

type Lots = Readonly<Record<string, number>>;

function configuration(seats: number, lots: Lots): Pick<Configuration, 'registry' | 'lots'> {
  const registry = { features: { draw: { name: 'Drawing', software: 'cad', seats } } };
  return {
    registry: registry as unknown as Configuration['registry'],
    lots: new Map([['draw', new Map(Object.entries(lots) as [PrincipalId, number][])]]),
  };
}

function question(
  more: Partial<LotQuestion> & { contents?: Readonly<Record<number, [seats: number, lots: Lots]>> },
): LotQuestion {
  const { contents = { 1: [4, { a: 2, b: 2 }] }, ...rest } = more;
  const versions = rest.versions ?? [V1];
  return {
    ...{ host: 'a' as PrincipalId, versions, evidence: emptyEvidence(), applied: versions.at(-1) ?? V1 },
    configuration: ({ version }) => {
      const content = contents[version];
      return content === undefined ? null : configuration(...content);
    },
    ...rest,
  };
}

function answer(asked: LotQuestion, time: TimeView): string {
  const view = lotsNow(asked, time);
  return view.ok ? `${view.lot('draw')} in term ${view.term.index}` : view.reason;
}

describe('a term', () => {
  const rows: readonly [why: string, instant: number, index: number][] = [
    ['begins with its first second', 500, 5],
    ['holds the moment before its end', 599.999, 5],
    ['does not hold its end', 600, 6],
  ];
  for (const [why, instant, index] of rows) {
    it(why, () => {
      const hostClass = ROSTER.policy.classes.get('c100');
      assert(hostClass !== undefined);
      const { from, index: found, until } = termAt(hostClass, seconds(instant));
      assert.deepEqual([found, from, until], [index, index * 100, index * 100 + 100]);
    });
  }
});

describe('the lots of a host', () => {
  const open = opened(null, V1, 'c100', 5, ALL);
  const rows: readonly [why: string, lower: number | null, upper: number | null, expected: string][] = [
    ['are there in an open term', 510, 515, '2 in term 5'],
    ['are there at its very beginning', 500, 500, '2 in term 5'],
    ['are not there without an upper bound', 510, null, 'time-unknown'],
    ['are not there without any time', null, null, 'time-unknown'],
    ['are gone once the upper bound has reached its end', 590, 600, 'between-terms'],
    ['are there while both bounds are before it', 590, 599.9, '2 in term 5'],
    ['are not there in a term that nobody opened', 610, 615, 'no-term'],
  ];
  for (const [why, lower, upper, expected] of rows) {
    it(why, () => assert.equal(answer(question({ evidence: open }), at(lower, upper)), expected));
  }

  it('need a quorum of the voters to open the term, each counted once', () => {
    for (const logs of [[1], [1, 1, 1], [1, 4]]) {
      const evidence = opened(null, V1, 'c100', 5, logs);
      assert.equal(answer(question({ evidence }), at(510)), 'no-term', `opened by ${logs}`);
    }
  });

  it('are not there for who is not in the version, or has no class in it', () => {
    const person = versionOf(1, shortRoster({ a: { class: null }, b: VOTER }));
    assert.equal(answer(question({ versions: [person], evidence: open }), at(510)), 'unknown-class');
    assert.equal(answer(question({ host: 'zoe' as PrincipalId, evidence: open }), at(510)), 'unknown-class');
  });

  it('are not there for who has not applied the version that governs the term', () => {
    const V2 = versionOf(2, ROSTER, {
      firstTerms: new Map([
        ['c100', 5],
        ['c1000', 0],
      ]),
    });
    const evidence = opened(opened(null, V1, 'c100', 4, ALL), V2, 'c100', 5, ALL);
    const asked = question({ versions: [V1, V2], applied: V1, evidence });
    assert.equal(answer(asked, at(510)), 'version-behind');
    assert.equal(answer(asked, at(410)), '2 in term 4');
  });

  it("take another term's opening, or another version's, for none", () => {
    const V2 = versionOf(2, ROSTER, {
      firstTerms: new Map([
        ['c100', 5],
        ['c1000', 0],
      ]),
    });
    const evidence = opened(opened(null, V1, 'c100', 5, ALL), V2, 'c100', 6, ALL);
    const contents = { 1: [4, { a: 2 }], 2: [4, { a: 2 }] } as const;
    assert.equal(
      answer(question({ versions: [V1, V2], evidence, contents: contents as never }), at(510)),
      'no-term',
    );
  });

  it('go on under a recovery, which brings no registry, once its terms are open', () => {
    const recovered = versionOf(9, ROSTER, { id: hashNamed('r'), parent: V1.id, content: null });
    const evidence = opened(null, recovered, 'c100', 5, ALL);
    // A version without content has its parent's.
    const contents = { 1: [4, { a: 2 }] as [number, Lots], 9: [4, { a: 2 }] as [number, Lots] };
    const asked = question({ versions: [V1, recovered], applied: V1, evidence, contents });
    assert.equal(answer(asked, at(510)), '2 in term 5');
  });
});

describe('lots while versions overlap', () => {
  /** Version 2 governs the class c100 from term 5 on, and c1000 from term 1 on, which is second 1000. */
  const V2 = versionOf(2, ROSTER, {
    firstTerms: new Map([
      ['c100', 5],
      ['c1000', 1],
    ]),
  });
  const both = opened(opened(null, V2, 'c100', 5, ALL), V2, 'c100', 11, ALL);
  const rows: readonly [
    why: string,
    one: [number, Lots],
    two: [number, Lots],
    now: number,
    expected: string,
  ][] = [
    ['use what is added at once', [4, { a: 2, b: 2 }], [6, { a: 4, b: 2 }], 510, '4 in term 5'],
    ['use a new feature at once', [0, {}], [3, { a: 3 }], 510, '3 in term 5'],
    ['wait with what another may still hold', [4, { a: 1, lab: 3 }], [4, { a: 4 }], 510, '1 in term 5'],
    ['give up at once what another gets', [4, { a: 4 }], [4, { a: 1, lab: 3 }], 510, '1 in term 5'],
    ['have nothing of what is taken from another', [4, { lab: 4 }], [4, { a: 4 }], 510, '0 in term 5'],
    [
      'move when the new version governs every class',
      [4, { a: 1, lab: 3 }],
      [4, { a: 4 }],
      1110,
      '4 in term 11',
    ],
    ['shrink with the seats', [4, { a: 2, b: 2 }], [2, { a: 1, b: 1 }], 510, '1 in term 5'],
  ];
  for (const [why, one, two, now, expected] of rows) {
    it(why, () => {
      const asked = question({ versions: [V1, V2], evidence: both, contents: { 1: one, 2: two } });
      assert.equal(answer(asked, at(now)), expected);
    });
  }

  it('are none while a version in force is not known', () => {
    const asked = question({ versions: [V1, V2], evidence: both, contents: { 2: [4, { a: 4 }] } });
    assert.equal(answer(asked, at(510)), '0 in term 5');
  });

  it('heed a class that the new version dropped: its hosts may be away and still lend', () => {
    const dropped = shortRoster({ a: VOTER, b: VOTER, c: VOTER });
    const next = versionOf(2, dropped, {
      firstTerms: new Map([
        ['c100', 5],
        ['c1000', 1],
      ]),
    });
    const evidence = opened(null, next, 'c100', 5, ALL);
    const contents = { 1: [4, { lab: 4 }] as [number, Lots], 2: [4, { a: 4 }] as [number, Lots] };
    assert.equal(answer(question({ versions: [V1, next], evidence, contents }), at(510)), '0 in term 5');
  });

  it('never sum up to more than the seats, whatever mixture of versions the hosts are on', () => {
    const [one, two]: [number, Lots][] = [
      [5, { a: 2, b: 2, c: 1 }],
      [5, { a: 1, b: 1, c: 3 }],
    ];
    const contents = { 1: one as [number, Lots], 2: two as [number, Lots] };
    const evidence = opened(opened(both, V1, 'c100', 4, ALL), V2, 'c100', 4, ALL);
    const early: Version = {
      ...V2,
      firstTerms: new Map([
        ['c100', 4],
        ['c1000', 1],
      ]),
    };
    for (const mixture of [
      [1, 1, 1],
      [1, 1, 2],
      [1, 2, 1],
      [2, 1, 1],
      [2, 2, 1],
      [2, 2, 2],
    ]) {
      const lent = ['a', 'b', 'c'].map((host, i) => {
        const applied = mixture[i] === 1 ? V1 : early;
        const versions = mixture[i] === 1 ? [V1] : [V1, early];
        const view = lotsIn(
          question({ host: host as PrincipalId, versions, applied, evidence, contents }),
          4,
        );
        return view.ok ? view.lot('draw') : 0;
      });
      assert(lent.reduce((sum, lot) => sum + lot, 0) <= 5, `${mixture}: ${lent}`);
    }
  });
});
