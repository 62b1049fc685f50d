import assert from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { askTime } from '../../core/start/ask-time.ts';
import { mayStart, type StartPorts, type StartQuestion } from '../../core/start/may-start.ts';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import { testClock } from '../support/clock.ts';
import { nodeCrypto } from '../support/keys.ts';
import { type TimeAuthority, timeAuthority } from '../support/time-authority.ts';

const DAY = 86_400;
/** 2030-06-01T12:00:00Z. */
const NOON = 1_906_545_600;
const MAIN = timeAuthority('main');

/** A program's machine: its disk, its clock, and what each relay says, null while it cannot be reached. */
function machine(boot: string | null = 'boot-1', forged?: () => Promise<Uint8Array>) {
  const kept = new Map<string, string>();
  const clock = testClock(NOON, boot);
  const said = new Map<string, { readonly authority: TimeAuthority; readonly at: number }>();
  const ports: StartPorts = {
    ...{ clock, crypto: nodeCrypto, sha512, random: { bytes: (length) => new Uint8Array(length).fill(9) } },
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    async post(url, packet) {
      if (forged !== undefined) return forged();
      const relay = said.get(url);
      return relay === undefined ? null : relay.authority.answer(relay.at, packet);
    },
  };
  const says = (at: number | null, authority = MAIN, name = 'main') => {
    const url = `http://${name}.example/v1/time`;
    if (at === null) said.delete(url);
    else said.set(url, { authority, at });
  };
  const relays = [{ url: 'ws://main.example', key: MAIN.key }];
  const ask = (question: Partial<StartQuestion>) =>
    mayStart({ period: { days: 30 }, relays, ...question }, ports);
  return { kept, clock, says, ask };
}

describe('Whether a program may start', () => {
  it('is known without an agent, and kept as evidence', async () => {
    const { ask, kept, says } = machine();
    says(NOON);
    const answer = await ask({ period: { from: '2030-01-01', until: '2030-12-31' } });
    assert.deepEqual(
      [answer.allow, answer.state, answer.end, answer.setUp],
      [true, 'open', 1_924_992_000, null],
    );
    assert.deepEqual([...kept.keys()], ['leasehold-time']);
  });

  it('is no before any relay has answered', async () => {
    const answer = await machine().ask({});
    assert.deepEqual([answer.allow, answer.state, answer.setUp], [false, 'time-unknown', null]);
  });

  it('is yes for as many days from the first start, and no for good then', async () => {
    const { ask, clock, says } = machine();
    says(NOON);
    assert.equal((await ask({})).end, NOON - 3 + 30 * DAY);
    clock.advance(29 * DAY);
    says(NOON + 29 * DAY);
    assert.deepEqual(
      (await ask({})).warnings.map(({ state }) => state),
      ['expires-soon'],
    );
    says(NOON + 31 * DAY);
    assert.equal((await ask({})).state, 'expired');
    says(null);
    assert.equal((await ask({})).state, 'expired');
  });

  it('does not become yes again by a relay that signs an earlier time', async () => {
    const { ask, says } = machine();
    says(NOON);
    await ask({});
    says(NOON + 31 * DAY);
    await ask({});
    says(NOON + DAY);
    assert.equal((await ask({})).state, 'expired');
  });

  it('is no before the dates that bound a period by days, and asking uses up none of them', async () => {
    const { ask, clock, says } = machine();
    const period = { days: 30, from: '2030-07-01', until: '2030-08-15' };
    says(NOON);
    const early = await ask({ period });
    assert.deepEqual([early.allow, early.state, early.setUp], [false, 'not-started', null]);
    assert.equal(early.changesAt, Date.UTC(2030, 6, 1) / 1000);
    for (const [from, end] of [
      [NOON + 31 * DAY, NOON - 3 + 61 * DAY],
      [NOON + 70 * DAY, Date.UTC(2030, 7, 16) / 1000],
    ] as const) {
      const { ask, says } = machine();
      says(from);
      assert.equal((await ask({ period })).end, end);
    }
    clock.advance(90 * DAY);
    says(NOON + 90 * DAY);
    const late = await ask({ period });
    assert.deepEqual([late.state, late.setUp], ['expired', null]);
  });

  it('is no after fourteen days offline unless told otherwise', async () => {
    const { ask, clock, says } = machine();
    says(NOON);
    await ask({});
    says(null);
    clock.advance(14 * DAY);
    assert.equal((await ask({})).state, 'offline');
    clock.advance(1);
    assert.equal((await ask({})).state, 'offline-too-long');
  });

  it('never depends on the wall clock', async () => {
    for (const wall of [0, NOON, NOON + 400 * DAY]) {
      const { ask, clock, says } = machine();
      clock.setWall(wall);
      says(NOON);
      assert.equal((await ask({})).end, NOON - 3 + 30 * DAY);
    }
  });

  it('goes on offline for as long as it may, and says until when', async () => {
    const { ask, clock, says } = machine();
    says(NOON);
    await ask({});
    says(null);
    clock.advance(DAY);
    const offline = await ask({ maxOffline: 2 * DAY });
    assert.deepEqual([offline.allow, offline.state], [true, 'offline']);
    assert.equal(offline.changesAt, NOON - 3 + 2 * DAY - DAY * 1e-3);
    clock.advance(DAY + 1);
    assert.equal((await ask({ maxOffline: 2 * DAY })).state, 'offline-too-long');
  });

  it('is of the earliest set-up that is known, so that wiping the storage begins nothing again', async () => {
    const { ask, kept, says } = machine();
    says(NOON);
    const { setUp } = await ask({});
    assert(setUp !== null);
    kept.clear();
    says(NOON + 20 * DAY);
    assert.equal((await ask({ setUps: [setUp, 'nonsense'] })).end, NOON - 3 + 30 * DAY);
    assert.equal((await ask({})).end, NOON - 3 + 30 * DAY);
  });

  it('takes no set-up of a relay that is not believed, nor one from the future', async () => {
    const { ask, says } = machine();
    const stranger = await timeAuthority('stranger').token(NOON - 40 * DAY);
    const future = await MAIN.token(NOON + 400 * DAY);
    says(NOON);
    const text = (key: string, bytes: Uint8Array) => `${key}:${Buffer.from(bytes).toString('hex')}`;
    const setUps = [
      ...[text(stranger.relay, stranger.bytes), text(MAIN.key, stranger.bytes)],
      text(MAIN.key, future.bytes),
    ];
    assert.equal((await ask({ setUps })).end, NOON - 3 + 30 * DAY);
  });

  it('takes nothing from a storage that somebody has written into', async () => {
    const { ask, kept, says } = machine();
    for (const garbage of ['', 'zz', 'a0', 'not hex at all'.repeat(40)]) {
      kept.set('leasehold-time', garbage).set('leasehold-set-up', garbage);
      says(null);
      assert.equal((await ask({})).state, 'time-unknown');
    }
  });

  it('believes no answer of another key, and none to another request', async () => {
    const other = encodeRequest({ versions: [1], nonce: new Uint8Array(32).fill(8), server: null });
    for (const authority of [MAIN, timeAuthority('stranger')]) {
      const { ask } = machine('boot-1', () => authority.answer(NOON, other));
      assert.equal((await ask({})).state, 'time-unknown');
    }
  });

  it('cannot be bent by one lying relay of three, neither way', async () => {
    const [b, c] = [timeAuthority('b'), timeAuthority('c')];
    const relays = [MAIN, b, c].map(({ key }, i) => ({ url: `ws://${i}.example`, key }));
    for (const lie of [NOON - 300 * DAY, NOON + 300 * DAY]) {
      const { ask, says } = machine();
      for (const [i, [authority, at]] of (
        [
          [MAIN, NOON],
          [b, NOON + 1],
          [c, lie],
        ] as const
      ).entries())
        says(at, authority, String(i));
      const answer = await ask({ relays, liars: 1 });
      assert.deepEqual([answer.allow, Math.abs((answer.end ?? 0) - NOON - 30 * DAY) < 10], [true, true]);
    }
  });

  it('is not begun by the past of one lying relay while an honest one cannot be reached, nor ended by it', async () => {
    const [b, c] = [timeAuthority('b'), timeAuthority('c')];
    const relays = [MAIN, b, c].map(({ key }, i) => ({ url: `ws://${i}.example`, key }));
    const { ask, clock, kept, says } = machine();
    says(NOON, MAIN, '0');
    says(NOON - 300 * DAY, c, '2');
    const answer = await ask({ relays, liars: 1 });
    assert.deepEqual([answer.allow, answer.state, answer.setUp], [false, 'not-set-up', null]);
    assert.deepEqual([...kept.keys()], ['leasehold-time']);
    clock.advance(60);
    says(NOON + 60, b, '1');
    const { end } = await ask({ relays, liars: 1 });
    assert(Math.abs((end ?? 0) - NOON - 30 * DAY) < 10);
  });

  it('counts what an answer says from its arrival, and not from the question', async () => {
    const clock = testClock(NOON);
    const ports = { clock, crypto: nodeCrypto, sha512, random: { bytes: (n: number) => new Uint8Array(n) } };
    const post = async (url: string, packet: Uint8Array) => {
      assert.equal(url, 'https://main.example/v1/time');
      clock.advance(4);
      return MAIN.answer(NOON, packet);
    };
    const seen = await askTime({ url: 'wss://main.example/', key: MAIN.key }, { ...ports, post }, 5);
    assert(seen !== null && seen.passive !== true);
    assert.deepEqual([seen.sentAt, seen.receivedAt], [0, 4]);
  });

  it('takes an answer during which a page slept for no fresh one: it proves that its time is past', async () => {
    const clock = testClock(NOON, 'page-0');
    clock.advance(1);
    const ports = { clock, crypto: nodeCrypto, sha512, random: { bytes: (n: number) => new Uint8Array(n) } };
    const post = async (_: string, packet: Uint8Array) => {
      const answer = await MAIN.answer(NOON, packet);
      clock.reboot('page-1');
      clock.advance(2);
      return answer;
    };
    const seen = await askTime({ url: 'ws://main.example', key: MAIN.key }, { ...ports, post }, 5);
    assert.deepEqual([seen?.passive, seen?.token.midpoint, seen?.boot], [true, NOON, 'page-1']);
  });

  it('stands over a reload of a page, which knows no boot of the machine', async () => {
    const { ask, clock, says } = machine(null);
    says(NOON);
    await ask({});
    says(NOON + 31 * DAY);
    await ask({});
    clock.reboot(null);
    says(null);
    assert.equal((await ask({})).state, 'expired');
  });

  for (const [why, question, said] of [
    ['a date that is none', { period: { from: '2030-02-30', until: '2030-12-31' } }, /dates such as/],
    ['a period without an end', { period: { from: '2030-01-01' } }, /from and until, or days/],
    ['no days', { period: { days: 0 } }, /above 0/],
    ['a key of another form', { relays: [{ url: 'ws://x', key: 'AB' }] }, /64 lowercase hex/],
    ['fewer relays than lies take', { liars: 1 }, /take 3/],
    ['no relay', { relays: [] }, /take 1/],
  ] as const) {
    it(`is not answered for ${why}`, () => assert.rejects(machine().ask(question), said));
  }
});
