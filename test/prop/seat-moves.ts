import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addMove, emptySeatBook, type SeatBook, type SeatMove } from '../../core/state/seat-moves.ts';
import { factsOf, type ShortMove, seatMove } from '../support/seat-moves.ts';

const HOSTS = 4;
const LOTS = { 1: 5, 2: 3, 3: 0, 4: 1 };
const ALL = 9;

/** What some host does next: numbers choose among what there is, so that a shrunk case still means something. */
const act = fc.record(
  {
    kind: fc.constantFrom('give', 'pass', 'accept', 'back' as const),
    log: fc.integer({ min: 1, max: HOSTS }),
    to: fc.integer({ min: 1, max: HOSTS }),
    seats: fc.integer({ min: 1, max: 4 }),
    of: fc.nat(20),
  },
  { noNullPrototype: true },
);

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** Logs of moves, honest and not: too many seats, twice accepted, others' seats. */
function logsOf(acts: readonly Act[]): SeatMove[][] {
  const logs: SeatMove[][] = Array.from({ length: HOSTS }, () => []);
  acts.forEach(({ kind, log, of, seats, to }, i) => {
    const earlier = i === 0 ? 'none' : `m${of % i}`;
    const own = logs[log - 1];
    const short: ShortMove =
      kind === 'give'
        ? { give: seats, to }
        : kind === 'pass'
          ? { give: seats, to, from: earlier }
          : kind === 'accept'
            ? { accept: earlier }
            : { back: seats, of: earlier };
    own?.push(seatMove(`m${i}`, log, own.length, short));
  });
  return logs;
}

/** All moves, each log in its order, the logs mixed as the numbers say. */
function mixed(logs: readonly (readonly SeatMove[])[], choices: readonly number[]): SeatMove[] {
  const cursors = logs.map(() => 0);
  const out: SeatMove[] = [];
  for (let i = 0; ; i++) {
    const open = logs.flatMap((log, at) => ((cursors[at] ?? 0) < log.length ? [at] : []));
    const at = open[(choices[i % choices.length] ?? 0) % open.length];
    if (at === undefined) return out;
    const move = logs[at]?.[cursors[at] ?? 0];
    if (move !== undefined) out.push(move);
    cursors[at] = (cursors[at] ?? 0) + 1;
  }
}

function folded(moves: readonly SeatMove[], watch: (book: SeatBook) => void = () => undefined): SeatBook {
  const book = emptySeatBook();
  for (const move of moves) {
    addMove(book, move, factsOf(LOTS));
    watch(book);
  }
  return book;
}

function meaning(book: SeatBook) {
  const credits = [...book.credits.values()].map(({ owner, seats, transfer }) => [
    transfer.hash,
    owner,
    seats,
  ]);
  return {
    verdicts: new Map([...book.verdicts].sort()),
    left: new Map([...book.left].sort()),
    credits: credits.sort(),
    waiting: [...book.queues].map(([log, queue]) => [log, queue.length]).sort(),
  };
}

describe('The book of seats', () => {
  const moves = fc.array(act, { maxLength: 30 });
  const order = fc.array(fc.nat(100), { minLength: 1, maxLength: 40 });

  it('is the same in whatever order the logs arrive', () => {
    fc.assert(
      fc.property(moves, order, order, (acts, one, other) => {
        const logs = logsOf(acts);
        assert.deepEqual(meaning(folded(mixed(logs, one))), meaning(folded(mixed(logs, other))));
      }),
      { numRuns: 2000 },
    );
  });

  it('never has fewer than no seats anywhere, nor more in all than the lots, at any moment', () => {
    fc.assert(
      fc.property(moves, order, (acts, choices) => {
        folded(mixed(logsOf(acts), choices), (book) => {
          const left = [...book.left.values()];
          const held = [...book.credits.values()].map(({ seats }) => seats);
          assert.ok([...left, ...held].every((seats) => seats >= 0));
          const sum = (seats: readonly number[]) => seats.reduce((all, each) => all + each, 0);
          assert.ok(ALL - sum(left) + sum(held) <= ALL);
        });
      }),
      { numRuns: 2000 },
    );
  });
});
