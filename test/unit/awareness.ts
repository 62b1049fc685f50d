import assert from 'node:assert/strict';
import { type AwarenessBoard, awarenessBoard } from '../../core/adapters/awareness.ts';
import { peerStates, peersOf, withoutOffers } from '../../core/agent/peer-states.ts';
import { type LogId, seconds } from '../../core/units.ts';
import { readPresence, writePresence } from '../../core/wire/presence.ts';

/** A clock that stands where it is put. */
interface Hands {
  wall: number;
  running: number;
}

/** One process with a board; `send` hands on what it says. */
interface Speaking extends AwarenessBoard {
  readonly hands: Hands;
  /** How often it was told of a twin, and how often it spoke. */
  twins: number;
  spoke: number;
}

const boards: AwarenessBoard[] = [];

function board(log: number, run: string, wall: number, send: (update: Uint8Array) => void): Speaking {
  const hands = { wall, running: 0 };
  const clock = { wall: () => seconds(hands.wall), running: () => seconds(hands.running) };
  const made = awarenessBoard({ log: log as LogId, run }, clock, {
    send: (update) => {
      speaking.spoke += 1;
      send(update);
    },
    changed: () => undefined,
    twin: () => {
      speaking.twins += 1;
    },
  });
  const speaking: Speaking = { ...made, hands, twins: 0, spoke: 0 };
  boards.push(made);
  return speaking;
}

/** A room: whatever one process says is heard by all the others that have come. */
function room() {
  const here = new Set<Speaking>();
  return {
    enter(log: number, run: string, wall = 1000): Speaking {
      const own: Speaking = board(log, run, wall, (update) => {
        if (here.has(own)) for (const each of [...here]) if (each !== own) each.take(update);
      });
      here.add(own);
      return own;
    },
    /** Gone without a word, as after kill -9. */
    lose: (one: Speaking) => here.delete(one),
  };
}

const UNSAID = new Uint8Array();
const saidBy = (one: Speaking) => {
  const read = readPresence(one.own() ?? UNSAID);
  return read.ok ? (read.value[0]?.clock ?? 0) : 0;
};
/** What a relay tells the others of a client that it has lost. */
const goneAfter = (one: Speaking, log: number) =>
  writePresence([{ client: log, clock: saidBy(one) + 1, state: new TextEncoder().encode('null') }]);

afterEach(() => {
  for (const each of boards.splice(0)) each.close();
});

describe('A board of presence', () => {
  it('shows what others say of themselves, until they say that they are gone', () => {
    const { enter } = room();
    const [a, b] = [enter(7, 'a'), enter(8, 'b')];
    a.say({ free: { draw: 2 } });
    assert.deepEqual([...b.others()], [[7, { free: { draw: 2 }, run: 'a', met: [] }]]);
    assert.deepEqual([...a.others()], []);
    a.say(null);
    assert.deepEqual([...b.others()], []);
  });

  it('has what this host says ready for a relay that has not heard it', () => {
    const { enter } = room();
    const [a, b] = [enter(7, 'a'), enter(8, 'b')];
    assert.equal(a.own(), null);
    a.say({ free: {} });
    b.say(null);
    b.take(a.own() ?? UNSAID);
    assert.equal(b.others().size, 1);
  });

  it('is not moved by what is no presence', () => {
    const a = room().enter(7, 'a');
    for (const nonsense of [[], [255], [1, 5, 1, 2, 0x7b], [3, 1, 1, 1, 49]])
      a.take(Uint8Array.from(nonsense));
    assert.deepEqual(
      [...a.others()].filter(([client]) => client === 7),
      [],
    );
  });
});

describe('A process that comes after another one under its log', () => {
  const free = (peer: Speaking) => (peer.others().get(7) as { free: object } | undefined)?.free;

  /** A peer that stays up and has heard many words of the first process. */
  function afterMany() {
    const { enter, lose } = room();
    const peer = enter(8, 'peer');
    const first = enter(7, 'first');
    for (let i = 0; i < 40; i++) first.say({ free: { draw: i } });
    return { enter, lose, peer, first };
  }

  it('is heard at once after an orderly stop', () => {
    const { enter, peer, first } = afterMany();
    first.say(null);
    enter(7, 'second', 1001).say({ free: { draw: 2 } });
    assert.deepEqual(free(peer), { draw: 2 });
  });

  it('is heard at once where the one before it was killed and nobody has noticed yet', () => {
    const { enter, lose, peer, first } = afterMany();
    lose(first);
    enter(7, 'second', 1001).say({ free: { draw: 2 } });
    assert.deepEqual(free(peer), { draw: 2 });
  });

  it('is heard at once with a clock turned back, where the one before it is known to be gone', () => {
    const { enter, lose, peer, first } = afterMany();
    lose(first);
    peer.take(goneAfter(first, 7));
    enter(7, 'second', 10).say({ free: { draw: 2 } });
    assert.deepEqual(free(peer), { draw: 2 });
  });

  it('overtakes the one before it with a clock turned back, as soon as it hears its last word', () => {
    const { enter, lose, peer, first } = afterMany();
    lose(first);
    const second = enter(7, 'second', 10);
    second.say({ free: { draw: 2 } });
    assert.deepEqual(free(peer), { draw: 39 });
    second.take(first.own() ?? UNSAID);
    assert.deepEqual(free(peer), { draw: 2 });
    assert.equal(second.twins, 0);
  });

  it('speaks again where others were told that it is gone', () => {
    const { peer, first } = afterMany();
    const gone = goneAfter(first, 7);
    peer.take(gone);
    assert.equal(free(peer), undefined);
    first.take(gone);
    assert.deepEqual(free(peer), { draw: 39 });
  });

  it('keeps what it says itself, whatever others say under its log', () => {
    const { enter } = room();
    const [own, other] = [enter(7, 'own'), enter(7, 'other', 2000)];
    own.say({ free: { draw: 1 } });
    other.say({ free: { draw: 9 } });
    const peer = enter(8, 'peer');
    peer.take(own.own() ?? UNSAID);
    assert.deepEqual(free(peer), { draw: 1 });
  });

  it('does not overtake the largest clock that can be written, after which nobody would hear it', () => {
    const a = room().enter(7, 'a');
    a.say({ free: {} });
    const before = saidBy(a);
    const state = new TextEncoder().encode('{"free":{}}');
    a.take(writePresence([{ client: 7, clock: Number.MAX_SAFE_INTEGER, state }]));
    assert.equal(saidBy(a), before);
  });
});

describe('Two processes under one log', () => {
  for (const [which, later] of [
    ['later', 2000],
    ['earlier', 10],
  ] as const) {
    it(`hear of each other at once, whichever came first, with the newcomer's clock ${which}`, () => {
      const { enter } = room();
      const a = enter(7, 'a');
      a.say({ free: {} });
      const b = enter(7, 'b', later);
      b.take(a.own() ?? UNSAID);
      b.say({ free: {} });
      assert.deepEqual([a.twins > 0, b.twins > 0], [true, true]);
    });
  }

  it('race each other no further: each answers the other once', () => {
    const { enter } = room();
    const [a, b] = [enter(7, 'a'), enter(7, 'b', 2000)];
    a.say({ free: {} });
    b.say({ free: {} });
    assert.ok(a.spoke + b.spoke <= 6, `${a.spoke} + ${b.spoke}`);
  });

  it('are not suspected by one who hears the last word of a process that is gone, however often', () => {
    const { enter, lose } = room();
    const before = enter(7, 'before');
    before.say({ free: {} });
    lose(before);
    const after = enter(7, 'after', 2000);
    after.say({ free: {} });
    for (let i = 0; i < 5; i++) after.take(before.own() ?? UNSAID);
    assert.equal(after.twins, 0);
  });

  it('cost little where somebody invents them: a word a second at most', () => {
    const { enter } = room();
    const a = enter(7, 'a');
    a.say({ free: {} });
    const before = a.spoke;
    for (let i = 0; i < 50; i++) {
      const state = new TextEncoder().encode(JSON.stringify({ free: {}, run: `liar-${i}`, met: [] }));
      a.take(writePresence([{ client: 7, clock: 10, state }]));
    }
    assert.equal(a.spoke - before, 1);
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
