import assert from 'node:assert/strict';
import {
  branchFold,
  type DraftFold,
  emptyFold,
  type FoldLimit,
  foldDrafts,
  hasReached,
} from '../../core/state/draft-fold.ts';
import { contestsIn, type DraftEdit, draftBytes, toRegistry } from '../../core/state/drafts.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { LogId } from '../../core/units.ts';
import { type Entry, ledgerOf } from '../support/draft-ledger.ts';
import { admitAll, editsTo, logId, smallRegistry } from '../support/registries.ts';

const ANA = logId(11);
const BO = logId(12);
const CY = logId(9);
const ALL: FoldLimit = () => Number.POSITIVE_INFINITY;

function named(name: string): Registry {
  return { ...smallRegistry(), realm: { name } };
}

/** Ana writes the registry, Bo names the realm upon that, Ana names it again upon Bo's. */
function story(): { readonly ana: DraftEdit[]; readonly bo: DraftEdit[]; readonly names: string[] } {
  const { draft } = emptyFold();
  const ana = [...editsTo(draft, ANA, named('First'))];
  admitAll(draft, ana);
  ana.push(...editsTo(draft, ANA, smallRegistry()));
  admitAll(draft, ana.slice(1));
  const bo = [...editsTo(draft, BO, named('Bo’s lab'))];
  admitAll(draft, bo);
  ana.push(...editsTo(draft, ANA, named('Ana’s lab')));
  return { ana, bo, names: ['First', 'Optics lab', 'Bo’s lab', 'Ana’s lab'] };
}

const nameIn = (fold: DraftFold) => (toRegistry(fold.draft).realm as { name?: string }).name;
const cursorsOf = (fold: DraftFold) => [...fold.cursors].sort(([a], [b]) => a - b);

describe('folding drafts', () => {
  const { ana, bo, names } = story();
  const [beginning, optics, bos, anas] = names;
  const first = ana.slice(0, -1);
  const n = first.length;
  const to =
    (anaTo: number, boTo: number): FoldLimit =>
    (log) =>
      log === ANA ? anaTo : boTo;

  const cases: readonly [
    why: string,
    logs: Readonly<Record<number, readonly Entry[]>>,
    limit: FoldLimit,
    name: string | undefined,
    cursors: readonly (readonly [number, number])[],
  ][] = [
    ['no log at all', {}, ALL, undefined, []],
    ['an empty log', { [ANA]: [] }, ALL, undefined, []],
    ['a log whose author may not edit', { [ANA]: ana }, () => 0, undefined, []],
    ['records of other types only', { [ANA]: ['another type', 'another type'] }, ALL, undefined, [[ANA, 2]]],
    [
      'drafts among other records',
      { [ANA]: ['another type', ...first, 'another type'] },
      ALL,
      optics,
      [[ANA, n + 2]],
    ],
    ['a log to the middle', { [ANA]: first }, to(n - 1, 0), beginning, [[ANA, n - 1]]],
    ['a log to beyond its end', { [ANA]: first }, to(99, 99), optics, [[ANA, n]]],
    ['a draft whose base is missing', { [BO]: bo }, ALL, undefined, []],
    [
      'a draft whose base is above the limit',
      { [ANA]: ana, [BO]: bo },
      to(n - 1, 9),
      beginning,
      [
        [ANA, n - 1],
        [BO, 1],
      ],
    ],
    [
      'two logs that build on each other',
      { [ANA]: ana, [BO]: bo },
      ALL,
      anas,
      [
        [ANA, n + 1],
        [BO, 1],
      ],
    ],
    [
      'one of them to a point before',
      { [ANA]: ana, [BO]: bo },
      to(n, 1),
      bos,
      [
        [ANA, n],
        [BO, 1],
      ],
    ],
    [
      'a log that waits for ever beside one that does not',
      { [BO]: bo, [CY]: ['another type'] },
      ALL,
      undefined,
      [[CY, 1]],
    ],
  ];
  for (const [why, logs, limit, name, cursors] of cases) {
    it(`takes what there is of ${why}`, () => {
      const ledger = ledgerOf(logs);
      const fold = emptyFold();
      const admitted = foldDrafts(fold, ledger, [ANA, BO, CY], limit);
      assert.equal(nameIn(fold), name);
      assert.deepEqual(cursorsOf(fold), cursors);
      assert.equal(admitted, Object.values(logs).flat().length > 0 && draftBytes(fold.draft).length > 2);
      const bytes = draftBytes(fold.draft);
      assert.equal(foldDrafts(fold, ledger, [ANA, BO, CY], limit), false);
      assert.deepEqual([draftBytes(fold.draft), cursorsOf(fold)], [bytes, cursors]);
    });
  }

  it('gives the same whatever came first, and in however many pieces', () => {
    const ledger = ledgerOf({ [ANA]: ana, [BO]: bo });
    const whole = emptyFold();
    foldDrafts(whole, ledger, [ANA, BO], ALL);
    const late = emptyFold();
    assert.equal(foldDrafts(late, ledgerOf({ [BO]: bo }), [BO, ANA], ALL), false);
    for (let end = 1; end <= ana.length; end++) {
      foldDrafts(late, ledgerOf({ [ANA]: ana.slice(0, end), [BO]: bo }), [BO, ANA], ALL);
    }
    assert.deepEqual(draftBytes(late.draft), draftBytes(whole.draft));
    assert.deepEqual(cursorsOf(late), cursorsOf(whole));
  });

  it('shows entries that two people made at once in one order on every host, whoever was heard first', () => {
    const { draft } = emptyFold();
    const begun = [...editsTo(draft, ANA, smallRegistry())];
    admitAll(draft, begun);
    const apart = (author: LogId, id: string): DraftEdit[] => {
      const groups = { ...smallRegistry().groups, [id]: { name: id } };
      return [...editsTo(draft, author, { ...smallRegistry(), groups })];
    };
    const ledger = ledgerOf({ [ANA]: begun, [BO]: apart(BO, 'bo-s'), [CY]: apart(CY, 'cy-s') });
    const orders = [
      [ANA, BO, CY],
      [CY, BO, ANA],
    ].map((logs) => {
      const fold = emptyFold();
      foldDrafts(fold, ledger, logs, ALL);
      return JSON.stringify(toRegistry(fold.draft));
    });
    assert.equal(orders[0], orders[1]);
    assert.match(orders[0] ?? '', /"bo-s".*"cy-s"|"cy-s".*"bo-s"/);
  });

  it('tells which field two people set at once, who lost what, and no more once somebody has seen both', () => {
    const { draft } = emptyFold();
    const begun = [...editsTo(draft, ANA, smallRegistry())];
    admitAll(draft, begun);
    const bos = [...editsTo(draft, BO, named('By Bo'))];
    const cys = [...editsTo(draft, CY, named('By Cy'))];
    admitAll(draft, [...bos, ...cys]);
    const stands = (toRegistry(draft).realm as { name: string }).name;
    const [by, over, lost] = stands === 'By Bo' ? [BO, CY, 'By Cy'] : [CY, BO, 'By Bo'];
    assert.deepEqual(contestsIn(draft), [{ path: ['realm', 'name'], by, over, lost }]);
    admitAll(draft, [...editsTo(draft, ANA, named('Settled'))]);
    assert.deepEqual(contestsIn(draft), []);
  });

  it('does not go round for ever where two drafts wait for each other', () => {
    const waiting = (edits: readonly DraftEdit[], other: LogId) =>
      edits.slice(0, 1).map((edit) => ({ ...edit, base: new Map([[other, 1_000_000]]) }));
    const ledger = ledgerOf({ [ANA]: waiting(ana, BO), [BO]: waiting(bo, ANA) });
    const fold = emptyFold();
    assert.equal(foldDrafts(fold, ledger, [ANA, BO], ALL), false);
    assert.deepEqual(cursorsOf(fold), []);
  });

  it('goes on in a branch without touching the fold that it came from, nor the other way round', () => {
    const ledger = ledgerOf({ [ANA]: ana, [BO]: bo });
    const fold = emptyFold();
    foldDrafts(fold, ledger, [ANA, BO], to(n, 0));
    const branch = branchFold(fold);
    foldDrafts(branch, ledger, [ANA, BO], to(n, 1));
    assert.deepEqual([nameIn(fold), nameIn(branch)], [optics, bos]);
    assert.deepEqual(
      [cursorsOf(fold), cursorsOf(branch)],
      [
        [[ANA, n]],
        [
          [ANA, n],
          [BO, 1],
        ],
      ],
    );
    foldDrafts(fold, ledger, [ANA, BO], ALL);
    assert.deepEqual([nameIn(fold), nameIn(branch)], [anas, bos]);
  });

  const frontiers: readonly [why: string, frontier: ReadonlyMap<LogId, number>, reached: boolean][] = [
    ['nothing', new Map(), true],
    [
      'where the logs are',
      new Map([
        [ANA, n],
        [BO, 1],
      ]),
      true,
    ],
    ['a place before', new Map([[ANA, n - 1]]), true],
    ['a place beyond', new Map([[ANA, n + 1]]), false],
    ['the beginning of a log that nobody folded', new Map([[CY, 0]]), true],
    ['the first record of such a log', new Map([[CY, 1]]), false],
    [
      'one place reached and one not',
      new Map([
        [ANA, n],
        [BO, 2],
      ]),
      false,
    ],
  ];
  for (const [why, frontier, reached] of frontiers) {
    it(`${reached ? 'has' : 'has not'} reached ${why}`, () => {
      const fold = emptyFold();
      foldDrafts(fold, ledgerOf({ [ANA]: ana, [BO]: bo }), [ANA, BO], to(n, 1));
      assert.equal(hasReached(fold, frontier), reached);
    });
  }
});
