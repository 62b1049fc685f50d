import assert from 'node:assert/strict';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { type RelayLink, relayLink } from '../../core/agent/relay-link.ts';
import { timeQuestion } from '../../core/agent/time-question.ts';
import { type Hash, type LogId, seconds } from '../../core/units.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { decodeHello, encodeHello, helloBytes } from '../../core/wire/hello.ts';
import { encodeNotice } from '../../core/wire/notice.ts';
import { prepareRecord } from '../../core/wire/record.ts';
import { encodeStateVector } from '../../core/wire/state-vector.ts';
import type { Message } from '../../core/wire/sync.ts';
import { type BareConnection, type BareRelay, bareRelay } from '../support/bare-relay.ts';
import { testClock } from '../support/clock.ts';
import { foundedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { testSigner } from '../support/keys.ts';
import { type Queue, queue } from '../support/queue.ts';
import { encodeBody } from '../support/realm.ts';
import { signedTime } from '../support/signed-time.ts';
import { silentBoard } from '../support/silent-board.ts';
import { emptyChain } from '../support/time-chain.ts';

const NONCE = new Uint8Array(32).fill(9);
const RELAY = testSigner('relay');
const NO_HEADS = { whole: true, next: new Map<LogId, number>() };

describe('a link to a relay', () => {
  it('answers the challenge with the key of its log, for this room and nonce', () =>
    withLink(async ({ connection, host }) => {
      connection.send({ type: 'hello', body: challenge() });
      const answer = decodeHello((await taken(connection, 'hello')).body);
      assert.ok(answer.ok && answer.value.type === 'answer');
      const signed = helloBytes(host.runtime.model.state.ledger.realm, NONCE);
      assert.equal(answer.value.log, host.log);
      assert.equal(await nodeCrypto.verify(host.signer.key, signed, answer.value.signature), true);
    }));

  it('asks for the room by the realm, at the path of rooms, and says that it speaks our messages', () =>
    withLink(async ({ connection, host }) => {
      const { realm } = host.runtime.model.state.ledger;
      assert.equal(connection.target, `/v1/sync/${realm}?hello=1&token=read-me`);
    }));

  it('sends what a relay lacks, and goes on voting once that shows no more of its own log', () =>
    withLink(async ({ connection, host }) => {
      const { model } = host.runtime;
      model.compared = false;
      connection.send({ type: 'step2', update: encodeAppend([]) });
      connection.send({ type: 'step1', stateVector: encodeStateVector(new Map()) });
      const { update } = await taken(connection, 'update');
      const [run] = host.runtime.lackedBy(encodeStateVector(new Map()));
      assert.deepEqual(update, run);
      await host.runtime.tick();
      assert.equal(model.compared, true);
    }));

  it('does not vote while a relay claims to hold more of its log than it shows', () =>
    withLink(async ({ connection, host, link, changed }) => {
      const { model } = host.runtime;
      model.compared = false;
      connection.send({ type: 'step2', update: encodeAppend([]) });
      connection.send({ type: 'step1', stateVector: encodeStateVector(new Map([[host.log, 99]])) });
      await until(changed, () => link.remarks().some((text) => text.includes('than it shows')));
      assert.equal(model.compared, false);
      assert.equal(model.stale, false);
    }));

  it('shows the history that it holds of a log, once, to a relay whose own does not follow from it', () =>
    withLink(async ({ connection, host }) => {
      const { ledger } = host.runtime.model.state;
      const from = ledger.logs.get(host.log)?.length ?? 0;
      const place = { realm: ledger.realm, log: host.log, seq: from, prev: 'ab'.repeat(32) as Hash };
      const record = prepareRecord({ ...place, type: 'heads', body: encodeBody('heads', NO_HEADS) });
      const other = record.seal(await host.signer.sign(record.signed));
      for (let time = 0; time < 2; time++) {
        connection.send({
          type: 'update',
          update: encodeAppend([{ log: host.log, from, records: [other] }]),
        });
      }
      const [held] = host.runtime.lackedBy(encodeStateVector(new Map()));
      assert.deepEqual((await taken(connection, 'update')).update, held);
      connection.send({ type: 'step1', stateVector: encodeStateVector(new Map()) });
      await taken(connection, 'update');
      await host.runtime.tick();
      const more = connection.frames.rest().filter(({ type }) => type === 'update');
      assert.deepEqual(more, []);
    }));

  it('shows what the relay remarks until the connection is a new one', () =>
    withLink(async ({ relay, connection, link, changed }) => {
      const body = encodeNotice({ code: 'quota', log: 101 as LogId, seq: 7, text: 'wait an hour' });
      connection.send({ type: 'notice', body });
      await until(changed, () => link.remarks().length > 0);
      assert.match(link.remarks()[0] ?? '', /used up .*\(log 101 at 7\): wait an hour$/);
      connection.cut();
      await relay.connections.take();
      await until(changed, () => link.remarks().length === 0);
    }));

  it('is not moved by own messages that are no such thing', () =>
    withLink(async ({ connection, link, changed }) => {
      for (const type of ['hello', 'notice', 'time'] as const) {
        connection.send({ type, body: Uint8Array.of(0xff, 1, 2) });
      }
      connection.send({ type: 'step2', update: encodeAppend([]) });
      await until(changed, () => link.report().state === 'synced');
    }));

  it('takes the time that its relay signs', () =>
    withLink(async ({ connection, link, host, changed }) => {
      const asked = await taken(connection, 'time');
      connection.send({ type: 'time', body: await signedTime(RELAY, asked.body, MIDYEAR) });
      await until(changed, () => link.signed() !== null);
      assert.equal(link.signed(), MIDYEAR);
      assert.equal(host.runtime.model.time.lower, MIDYEAR - 3);
    }));

  it('reports why a relay will not have it', () =>
    withLink(async ({ connection, link, changed }) => {
      connection.close(4404, 'unknown room');
      await until(changed, () => link.report().state === 'refused');
      assert.equal(link.report().detail, 'the relay does not serve this room');
    }));
});

describe('a question for time', () => {
  it('does not believe what a stranger signs', async () => {
    const { clock, question } = await asking();
    const packet = await question.ask(true);
    const answer = await signedTime(testSigner('stranger'), packet ?? new Uint8Array(), MIDYEAR, RELAY.key);
    clock.advance(1);
    const verdict = await question.answer(answer);
    assert.equal(verdict.ok ? 'ok' : verdict.reason, 'wrong-delegation-signature');
  });

  it('does not take an answer twice, nor one to an earlier question', async () => {
    const { clock, question } = await asking();
    const first = (await question.ask(true)) ?? new Uint8Array();
    clock.advance(60);
    const second = (await question.ask(true)) ?? new Uint8Array();
    const late = await question.answer(await signedTime(RELAY, first, MIDYEAR));
    assert.equal(late.ok ? 'ok' : late.reason, 'wrong-nonce');
    assert.equal((await question.answer(await signedTime(RELAY, second, MIDYEAR))).ok, true);
    const again = await question.answer(await signedTime(RELAY, second, MIDYEAR));
    assert.equal(again.ok ? 'ok' : again.reason, 'not-asked');
  });

  it('is asked again after ten minutes, sooner where there is need, and not while an answer is awaited', async () => {
    const { clock, question } = await asking();
    const packet = (await question.ask(false)) ?? new Uint8Array();
    assert.equal(await question.ask(true), null);
    await question.answer(await signedTime(RELAY, packet, MIDYEAR));
    clock.advance(599);
    assert.equal(await question.ask(false), null);
    clock.advance(1);
    assert.notEqual(await question.ask(false), null);
  });

  it('is asked ever more rarely while nobody answers, by chance earlier or later, and at once over a new connection', async () => {
    const { clock, question } = await asking();
    const asked: number[] = [];
    for (let second = 0; second < 6000; second++) {
      if ((await question.ask(true)) !== null) asked.push(second);
      clock.advance(1);
    }
    const waits = asked.slice(1).map((at, i) => at - (asked[i] ?? 0) - 15);
    for (const [i, wait] of waits.entries()) {
      const middle = Math.min(600, 10 * 2 ** i);
      assert.ok(wait >= middle / 2 - 2 && wait <= middle * 1.5 + 2, `wait ${i} was ${wait}`);
    }
    assert.ok(asked.length < 20, `asked ${asked.length} times`);
    question.reset();
    assert.notEqual(await question.ask(false), null);
  });

  it('waits after answers that do not hold as after none, and no more after one that holds', async () => {
    const { clock, question } = await asking();
    for (let round = 0; round < 4; round++) {
      const packet = (await question.ask(true)) ?? new Uint8Array();
      const wrong = await question.answer(
        await signedTime(testSigner('stranger'), packet, MIDYEAR, RELAY.key),
      );
      assert.equal(wrong.ok, false);
      clock.advance(16);
      assert.equal(await question.ask(true), null);
      clock.advance(600);
    }
    const packet = (await question.ask(true)) ?? new Uint8Array();
    assert.equal((await question.answer(await signedTime(RELAY, packet, MIDYEAR))).ok, true);
    clock.advance(29);
    assert.equal(await question.ask(true), null);
    clock.advance(1);
    assert.notEqual(await question.ask(true), null);
    clock.advance(31);
    assert.notEqual(await question.ask(true), null);
  });

  it('counts the interval from sending to receipt', async () => {
    const { clock, question } = await asking();
    clock.advance(100);
    const packet = (await question.ask(false)) ?? new Uint8Array();
    clock.advance(2);
    const verdict = await question.answer(await signedTime(RELAY, packet, MIDYEAR));
    assert.ok(verdict.ok);
    const { boot, receivedAt, sentAt } = verdict.value;
    assert.deepEqual([sentAt, receivedAt, boot], [seconds(100), seconds(102), 'boot-1']);
  });
});

interface Linked {
  readonly relay: BareRelay;
  readonly connection: BareConnection;
  readonly host: RigHost;
  readonly link: RelayLink;
  readonly changed: Queue<null>;
}

async function withLink(work: (linked: Linked) => Promise<void>): Promise<void> {
  const relay = await bareRelay();
  const host = await foundedHost({ relays: { main: { url: relay.url, key: RELAY.key } } });
  const changed = queue<null>();
  const { clock, log, runtime, signer } = host;
  const link = relayLink({
    board: silentBoard,
    chain: await emptyChain(),
    relay: { url: new URL('/', relay.url).href, key: RELAY.key, token: 'read-me', register: null },
    ...{ realm: runtime.model.state.ledger.realm, log, signer, once: null, runtime },
    ...{ clock, crypto: nodeCrypto, random: systemRandom },
    changed: () => changed.put(null),
    heard: () => undefined,
    forward: () => undefined,
    failed: (error) => {
      throw error;
    },
  });
  try {
    await work({ relay, host, link, changed, connection: await relay.connections.take() });
  } finally {
    await link.close();
    await relay.close();
  }
}

async function taken<T extends Message['type']>(
  connection: BareConnection,
  type: T,
): Promise<Message & { readonly type: T }> {
  for (;;) {
    const message = await connection.frames.take();
    if (message.type === type) return message as Message & { readonly type: T };
  }
}

async function until(changed: Queue<null>, wanted: () => boolean): Promise<void> {
  while (!wanted()) await changed.take();
}

function challenge(): Uint8Array {
  return encodeHello({
    ...{ type: 'challenge', nonce: NONCE, protocol: { min: 1, max: 1 } },
    ...{ relay: RELAY.key, roughtime: 1 },
  });
}

async function asking() {
  const clock = testClock(MIDYEAR);
  const chain = await emptyChain();
  const ports = { chain, clock, crypto: nodeCrypto, random: systemRandom };
  return { clock, question: timeQuestion(RELAY.key, ports) };
}
