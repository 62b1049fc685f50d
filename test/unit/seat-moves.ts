import assert from 'node:assert/strict';
import {
  addMove,
  emptySeatBook,
  isSeatMove,
  ownSource,
  type SeatBook,
  type VoidReason,
  versionKnown,
} from '../../core/state/seat-moves.ts';
import type { LogId } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { hashNamed } from '../support/rosters.ts';
import { factsOf, OF, type ShortMove, seatMove } from '../support/seat-moves.ts';

type Step = readonly [name: string, log: number, move: ShortMove, verdict?: VoidReason];

const LOTS = { 1: 3, 2: 2 };

function played(steps: readonly Step[], facts = factsOf(LOTS)): SeatBook {
  const book = emptySeatBook();
  const seqs = new Map<number, number>();
  for (const [name, log, move] of steps) {
    const seq = seqs.get(log) ?? 0;
    seqs.set(log, seq + 1);
    addMove(book, seatMove(name, log, seq, move), facts);
  }
  return book;
}

function balances(book: SeatBook): readonly [left: number, ...credits: number[]] {
  const left = book.left.get(ownSource(1 as LogId, 'draw', 'office', 5)) ?? 0;
  return [left, ...[...book.credits.values()].map(({ seats }) => seats)];
}

describe('Seats move', () => {
  const cases: readonly [why: string, steps: readonly Step[], balances: readonly number[]][] = [
    ['out of a lot at once', [['t', 1, { give: 2, to: 2 }]], [2]],
    [
      'to whom they were sent when he accepts',
      [
        ['t', 1, { give: 2, to: 2 }],
        ['a', 2, { accept: 't' }],
      ],
      [2, 2],
    ],
    [
      'once, however often they are accepted',
      [
        ['t', 1, { give: 2, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['b', 2, { accept: 't' }, 'moved-already'],
      ],
      [2, 2],
    ],
    [
      'to nobody else who says that they are his',
      [
        ['t', 1, { give: 2, to: 2 }],
        ['a', 3, { accept: 't' }, 'moved-already'],
      ],
      [2],
    ],
    [
      'on to a third, in the term that they came in',
      [
        ['t', 1, { give: 2, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['u', 2, { give: 1, to: 3, from: 't' }],
        ['b', 3, { accept: 'u' }],
      ],
      [2, 1, 1],
    ],
    [
      'back when the giver accepts the surrender',
      [
        ['t', 1, { give: 2, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['s', 2, { back: 1, of: 't' }],
        ['r', 1, { accept: 's' }],
      ],
      [1, 1],
    ],
    [
      'back through the hands that they went through',
      [
        ['t', 1, { give: 2, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['u', 2, { give: 2, to: 3, from: 't' }],
        ['b', 3, { accept: 'u' }],
        ['s', 3, { back: 2, of: 'u' }],
        ['r', 2, { accept: 's' }],
      ],
      [2, 2, 0],
    ],
    [
      'never beyond the lot',
      [
        ['t', 1, { give: 2, to: 2 }],
        ['u', 1, { give: 2, to: 2 }, 'too-few-seats'],
        ['v', 1, { give: 1, to: 2 }],
      ],
      [3],
    ],
    ['never out of a lot of another class or host', [['t', 9, { give: 1, to: 2 }, 'too-few-seats']], [0]],
    [
      'out of the lot of each term by itself',
      [
        ['t', 1, { give: 3, to: 2 }],
        ['u', 1, { give: 3, to: 2, term: 6 }],
      ],
      [3],
    ],
    [
      'never on by another than whom they came to',
      [
        ['t', 1, { give: 1, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['u', 3, { give: 1, to: 1, from: 't' }, 'not-ones-own'],
      ],
      [1, 1],
    ],
    [
      'never back by another than whom they came to',
      [
        ['t', 1, { give: 1, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['s', 3, { back: 1, of: 't' }, 'not-ones-own'],
      ],
      [1, 1],
    ],
    ['never to oneself', [['t', 1, { give: 1, to: 1 }, 'not-ones-own']], [0]],
    [
      'never on in more than came',
      [
        ['t', 1, { give: 1, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['u', 2, { give: 2, to: 3, from: 't' }, 'too-few-seats'],
      ],
      [1, 1],
    ],
    [
      'never on before they are accepted',
      [
        ['t', 1, { give: 1, to: 2 }],
        ['u', 2, { give: 1, to: 3, from: 't' }, 'not-ones-own'],
      ],
      [1],
    ],
    [
      'never on as another right: of another term, class, feature or version',
      [
        ['t', 1, { give: 1, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['u', 2, { give: 1, to: 3, from: 't', term: 6 }, 'not-ones-own'],
        ['v', 2, { give: 1, to: 3, from: 't', class: 'lab' }, 'not-ones-own'],
        ['w', 2, { give: 1, to: 3, from: 't', feature: 'print' }, 'not-ones-own'],
        ['x', 2, { give: 1, to: 3, from: 't', of: hashNamed('a newer version') }, 'not-ones-own'],
      ],
      [1, 1],
    ],
    [
      'never back in more than came',
      [
        ['t', 1, { give: 1, to: 2 }],
        ['a', 2, { accept: 't' }],
        ['s', 2, { back: 2, of: 't' }, 'too-few-seats'],
      ],
      [1, 1],
    ],
    [
      'never back from who has not got them',
      [
        ['t', 1, { give: 1, to: 2 }],
        ['s', 3, { back: 1, of: 't' }, 'not-ones-own'],
      ],
      [1],
    ],
    [
      'nowhere by an accept of what counts for nothing',
      [
        ['t', 1, { give: 4, to: 2 }, 'too-few-seats'],
        ['a', 2, { accept: 't' }, 'nothing-there'],
      ],
      [0],
    ],
  ];
  for (const [why, steps, expected] of cases) {
    it(why, () => {
      const book = played(steps);
      assert.deepEqual(balances(book), expected);
      const verdicts = steps.map(([name]) => book.verdicts.get(hashNamed(name)));
      assert.deepEqual(
        verdicts,
        steps.map(([, , , verdict]) => verdict ?? null),
      );
    });
  }

  it('only when what an accept refers to has arrived, and then with all that waited behind it', () => {
    const steps: readonly Step[] = [
      ['a', 2, { accept: 't' }],
      ['u', 2, { give: 1, to: 3, from: 't' }],
      ['b', 3, { accept: 'u' }],
    ];
    assert.equal(played(steps).verdicts.size, 0);
    assert.deepEqual(balances(played([...steps, ['t', 1, { give: 2, to: 2 }]])), [2, 1, 1]);
  });

  it('only when the version that gave the lot is known', () => {
    const known = new Set<typeof OF>();
    const facts = factsOf(LOTS, { known });
    const book = played(
      [
        ['t', 1, { give: 2, to: 2 }],
        ['a', 2, { accept: 't' }],
      ],
      facts,
    );
    assert.deepEqual(balances(book), [0]);
    known.add(OF);
    versionKnown(book, OF, facts);
    assert.deepEqual(balances(book), [2, 2]);
  });

  it('not by a log that a fork or a revocation has ended before', () => {
    const book = played(
      [
        ['t', 1, { give: 1, to: 2 }],
        ['u', 1, { give: 1, to: 2 }],
      ],
      factsOf(LOTS, { ends: { 1: 1 } }),
    );
    assert.deepEqual([book.verdicts.get(hashNamed('u')), ...balances(book)], ['log-ended', 1]);
  });

  it('by records of three types whose own signature verified', () => {
    const transfer = seatMove('t', 1, 0, { give: 1, to: 2 });
    assert.equal(isSeatMove(transfer), true);
    assert.equal(isSeatMove({ ...transfer, proven: false }), false);
    assert.equal(isSeatMove({ ...transfer, type: 'seat-request' } as unknown as VerifiedRecord), false);
  });

  it('through a hundred thousand hands without a deep call', () => {
    const hands = 100_000;
    const book = emptySeatBook();
    const facts = factsOf({ 1: 1 });
    for (let hand = hands; hand > 1; hand--) {
      addMove(book, seatMove(`a${hand}`, hand, 0, { accept: `t${hand - 1}` }), facts);
      addMove(book, seatMove(`t${hand}`, hand, 1, { give: 1, to: hand + 1, from: `t${hand - 1}` }), facts);
    }
    addMove(book, seatMove('t1', 1, 0, { give: 1, to: 2 }), facts);
    assert.equal(book.queues.size, 0);
    assert.equal(book.credits.get(hashNamed(`t${hands - 1}`))?.seats, 0);
  });
});
