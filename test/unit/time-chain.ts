import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { systemRandom } from '../../core/adapters/random.ts';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import type { TimeChain } from '../../core/agent/time-chain.ts';
import { timeQuestion } from '../../core/agent/time-question.ts';
import type { Signer } from '../../core/ports.ts';
import { emptyClock, now, witness } from '../../core/state/clock.ts';
import { chainedNonce, verifyReport } from '../../core/verify/malfeasance.ts';
import { decodeReport, type Exchange, encodeReport } from '../../core/wire/malfeasance.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { decodeRequest } from '../../core/wire/roughtime-request.ts';
import { testClock } from '../support/clock.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { reportFile } from '../support/roughtime.ts';
import { signedTime } from '../support/signed-time.ts';
import { emptyChain } from '../support/time-chain.ts';

const T = 1_790_000_000;
const [A, B, C] = [testSigner('relay a'), testSigner('relay b'), testSigner('relay c')];
const ports = { crypto: nodeCrypto, sha512 };

/** An agent that asks relays, each of which is off by so many seconds. */
async function agent(errors: ReadonlyMap<Signer, number>, store = memoryStore()) {
  const clock = testClock(T);
  const chain = await emptyChain(store);
  let host = emptyClock();
  const asked = new Map(
    [...errors.keys()].map((relay) => [
      relay,
      timeQuestion(relay.key, { chain, clock, crypto: nodeCrypto, random: systemRandom }),
    ]),
  );
  const packetFor = async (relay: Signer) => (await asked.get(relay)?.ask(true)) ?? null;
  const answerOf = async (relay: Signer, packet: Uint8Array) => {
    const error = errors.get(relay) ?? 0;
    const verdict = await asked.get(relay)?.answer(await signedTime(relay, packet, clock.wall() + error));
    if (!verdict?.ok) throw new Error(verdict?.reason);
    host = witness(host, verdict.value);
  };
  return {
    chain,
    clock,
    /** Asks all that are due at once, and has them answer in order. */
    async round() {
      const packets = new Map<Signer, Uint8Array>();
      for (const relay of errors.keys()) {
        const packet = await packetFor(relay);
        if (packet !== null) packets.set(relay, packet);
      }
      for (const [relay, packet] of packets) await answerOf(relay, packet);
      return packets;
    },
    view: (liars: number) =>
      now(host, { running: clock.running(), boot: clock.boot(), wall: clock.wall(), liars, rtc: false }),
  };
}

const relaysOf = (chain: TimeChain) => chain.proof()?.map(({ relay }) => relay) ?? null;
const proven = async (chain: TimeChain) => {
  const report = decodeReport(encodeReport(chain.proof() ?? []));
  return report.ok && (await verifyReport(ports, report.value)).proves;
};

describe('chained questions for time', () => {
  it('prove nothing against relays that are right', async () => {
    const { chain, clock, round } = await agent(new Map([A, B, C].map((relay) => [relay, 0])));
    for (let i = 0; i < 4; i++) {
      strictEqual((await round()).size, 3);
      clock.advance(700);
    }
    strictEqual(chain.proof(), null);
  });

  it('make the nonce of what the last answer was and of fresh chance', async () => {
    const { chain, clock, round } = await agent(new Map([[A, 0]]));
    await round();
    clock.advance(700);
    const [one, two] = [await chain.next(), await chain.next()];
    const { rand, after } = one.link ?? { rand: new Uint8Array(), after: null };
    const nonce = await chainedNonce(sha512, after?.exchange.response ?? new Uint8Array(), rand);
    deepStrictEqual(one.nonce, nonce);
    strictEqual(Buffer.compare(one.nonce, two.nonce) === 0, false);
    const packet = (await round()).get(A) ?? new Uint8Array();
    strictEqual(decodeRequest(packet).ok, true);
  });

  for (const [why, errors] of [
    [
      'is in the future, and answers first',
      [
        [A, 1e6],
        [B, 0],
      ],
    ],
    [
      'is in the future, and answers last',
      [
        [A, 0],
        [B, 1e6],
      ],
    ],
    [
      'is in the past, and answers first',
      [
        [A, -1e6],
        [B, 0],
      ],
    ],
    [
      'is in the past, and answers last',
      [
        [A, 0],
        [B, -1e6],
      ],
    ],
  ] as const) {
    it(`convict one of two relays that ${why}`, async () => {
      const { chain, clock, round } = await agent(new Map(errors));
      await round();
      strictEqual(chain.proof(), null);
      clock.advance(700);
      await round();
      strictEqual(await proven(chain), true);
      deepStrictEqual(new Set(relaysOf(chain)), new Set([A.key, B.key]));
    });
  }

  it('leave the interval right with one liar of three, of whom each is asked', async () => {
    for (const lie of [1e6, -1e6]) {
      const { chain, clock, round, view } = await agent(
        new Map([
          [A, 0],
          [B, lie],
          [C, 0],
        ]),
      );
      await round();
      clock.advance(700);
      await round();
      const { lower, upper, conflict } = view(1);
      const right = lower !== null && upper !== null && lower <= clock.wall() && upper >= clock.wall();
      deepStrictEqual([right, conflict, (upper ?? 0) - (lower ?? 0) < 20], [true, false, true]);
      strictEqual(await proven(chain), true);
      strictEqual(relaysOf(chain)?.includes(B.key), true);
    }
  });

  it('ask again soon whoever denies what another has said, to have it proven', async () => {
    const { chain, clock, round } = await agent(
      new Map([
        [A, 0],
        [B, -1e6],
      ]),
    );
    await round();
    deepStrictEqual([chain.disputes(A.key), chain.disputes(B.key)], [false, true]);
    clock.advance(60);
    await round();
    deepStrictEqual([chain.disputes(B.key), await proven(chain)], [false, true]);
  });

  it('are kept over a restart, with what they prove', async () => {
    const store = memoryStore();
    const first = await agent(new Map([[A, 1e6]]), store);
    await first.round();
    const second = await agent(new Map([[B, 0]]), store);
    await second.round();
    deepStrictEqual(relaysOf(second.chain), [A.key, B.key]);
    deepStrictEqual((await emptyChain(store)).proof(), second.chain.proof());
  });

  it('do not begin with what a relay said that is no longer believed', async () => {
    const { chain, round } = await agent(new Map([[A, 1e6]]));
    await round();
    strictEqual((await chain.next()).link === null, false);
    chain.believe(new Set([B.key]));
    strictEqual((await chain.next()).link, null);
  });
});

describe('a malfeasance report', () => {
  it('of another implementation is read and proves what it says', async () => {
    const report = decodeReport(reportFile('gnomon-reference-v1'));
    if (!report.ok) throw new Error(report.reason);
    const { checks, contradictions, proves } = await verifyReport(ports, report.value);
    strictEqual(checks.every(({ ok }) => ok) && proves, true);
    deepStrictEqual(contradictions, [
      { earlier: 0, later: 1 },
      { earlier: 0, later: 2 },
    ]);
    const again = decodeReport(encodeReport(report.value));
    deepStrictEqual(again, report);
  });

  it('of the appendix of RFC 10049 verifies in the draft’s dialect only', async () => {
    const report = decodeReport(reportFile('rfc10049-appendixB'));
    if (!report.ok) throw new Error(report.reason);
    strictEqual((await verifyReport(ports, report.value)).proves, false);
    const old = { version: 1, context: PROFILES.draft.context };
    strictEqual((await verifyReport(ports, report.value, { profile: old })).proves, true);
  });

  const damage: readonly [why: string, change: (exchange: Exchange, i: number) => Exchange][] = [
    [
      'whose links are made up, such as of answers of different years',
      (e) => ({ ...e, rand: e.rand && new Uint8Array(32) }),
    ],
    ['that says nothing of its links', (e) => ({ ...e, rand: null })],
    [
      'whose answers are to other questions',
      (e, i) => (i === 1 ? { ...e, request: new Uint8Array(e.request).fill(1, 900) } : e),
    ],
    ['whose signatures are wrong', (e, i) => (i === 0 ? { ...e, relay: B.key } : e)],
  ];
  for (const [why, change] of damage) {
    it(`proves nothing ${why}`, async () => {
      const { chain, clock, round } = await agent(
        new Map([
          [A, 1e6],
          [B, 0],
        ]),
      );
      await round();
      clock.advance(700);
      await round();
      const exchanges = chain.proof() ?? [];
      strictEqual((await verifyReport(ports, exchanges)).proves, true);
      strictEqual((await verifyReport(ports, exchanges.map(change))).proves, false);
    });
  }

  it('proves nothing against relays by keys that are not theirs', async () => {
    const report = decodeReport(reportFile('gnomon-reference-v1'));
    if (!report.ok) throw new Error(report.reason);
    strictEqual((await verifyReport(ports, report.value, { known: new Set([A.key]) })).proves, false);
  });

  for (const [why, text] of [
    ['no JSON', '{'],
    ['without responses', '{}'],
    ['with none', '{"responses":[]}'],
    ['with too many', JSON.stringify({ responses: Array.from({ length: 65 }, () => ({})) })],
    ['with what is no response', '{"responses":[null]}'],
    ['with a key of another length', '{"responses":[{"publicKey":"AAAA","request":"","response":""}]}'],
    ['with what is not base64', '{"responses":[{"publicKey":"***","request":"","response":""}]}'],
  ] as const) {
    it(`is not ${why}`, () => strictEqual(decodeReport(text).ok, false));
  }
});
