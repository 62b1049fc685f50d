import assert from 'node:assert/strict';
import { type AwarenessBoard, awarenessBoard } from '../../core/adapters/awareness.ts';
import { peerStates, peersOf, withoutOffers } from '../../core/agent/peer-states.ts';
import type { LogId } from '../../core/units.ts';

/** Boards that hand on to each other what each says of itself. */
function room(...logs: readonly number[]): AwarenessBoard[] {
  const boards: AwarenessBoard[] = [];
  for (const log of logs) {
    const send = (update: Uint8Array) => {
      for (const board of boards) if (board !== own) board.take(update);
    };
    const own = awarenessBoard(log as LogId, { send, changed: () => undefined });
    boards.push(own);
  }
  return boards;
}

describe('A board of presence', () => {
  let boards: AwarenessBoard[] = [];
  afterEach(() => {
    for (const board of boards) board.close();
  });

  it('shows what others say of themselves, until they say that they are gone', () => {
    boards = room(7, 8);
    const [a, b] = boards as [AwarenessBoard, AwarenessBoard];
    a.say({ free: { draw: 2 } });
    assert.deepEqual([...b.others()], [[7, { free: { draw: 2 } }]]);
    assert.deepEqual([...a.others()], []);
    a.say(null);
    assert.deepEqual([...b.others()], []);
  });

  it('has what this host says ready for a relay that has not heard it', () => {
    boards = room(7, 8);
    const [a, b] = boards as [AwarenessBoard, AwarenessBoard];
    assert.equal(a.own(), null);
    a.say({ free: {} });
    b.say(null);
    b.take(a.own() ?? new Uint8Array());
    assert.equal(b.others().size, 1);
  });

  it('is not moved by what is no presence', () => {
    boards = room(7);
    const [a] = boards as [AwarenessBoard];
    for (const nonsense of [[], [255], [1, 5, 1, 2, 0x7b], [3, 1, 1, 1, 49]])
      a.take(Uint8Array.from(nonsense));
    assert.deepEqual(
      [...a.others()].filter(([client]) => client === 7),
      [],
    );
  });
});

describe('What peers say', () => {
  const said = (state: unknown) => peerStates(new Map([[7, state]]));
  const lease = { feature: 'draw', user: 'ana', tool: 'drafter', since: 1, end: 2 };

  it('is idle seats by feature, and who uses the others', () => {
    const states = said({ free: { draw: 2 }, leases: [lease], more: 'of a newer version' });
    assert.deepEqual([...states], [[7, { free: { draw: 2 }, leases: [lease] }]]);
    assert.deepEqual([...(peersOf(states).get(7 as LogId)?.free ?? [])], [['draw', 2]]);
  });

  it('is no offer while nobody can be asked, though what they use counts', () => {
    const peers = withoutOffers(peersOf(said({ free: { draw: 2 }, leases: [lease] })));
    assert.deepEqual([...peers], [[7, { free: new Map(), used: [lease] }]]);
  });

  const refused: readonly [why: string, state: unknown][] = [
    ['nothing', null],
    ['a text', 'free'],
    ['a negative count', { free: { draw: -1 }, leases: [] }],
    ['a part of a seat', { free: { draw: 0.5 }, leases: [] }],
    ['no leases', { free: {} }],
    ['a lease of nobody', { free: {}, leases: [{ ...lease, user: undefined }] }],
  ];
  for (const [why, state] of refused) {
    it(`is not heard where it is ${why}`, () => {
      assert.equal(said(state).size, 0);
    });
  }

  it('is not heard from a client whose number is no log', () => {
    assert.equal(peerStates(new Map([[0, { free: {}, leases: [] }]])).size, 0);
  });
});
