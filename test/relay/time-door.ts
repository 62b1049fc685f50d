import { deepEqual, equal } from 'node:assert/strict';
import { addressRates } from '../../relay/address-rates.ts';
import { newCounts } from '../../relay/counts.ts';
import { MAX_STRANGERS_WAITING } from '../../relay/limits.ts';
import type { TimeDesk } from '../../relay/time-desk.ts';
import { timeDoor } from '../../relay/time-door.ts';
import { testClock } from '../support/clock.ts';
import { timeRequest } from '../support/time-clients.ts';

const RATE = 3;

/** A door before a desk that answers with so many bytes, or not before it is told to. */
function door(answerBytes: number | null) {
  const clock = testClock(1_790_000_000);
  const counts = newCounts();
  const replies: ((answer: Uint8Array | null) => void)[] = [];
  const desk: TimeDesk = {
    ask: (_packet, _head, reply) => {
      if (answerBytes === null) replies.push(reply);
      else reply(new Uint8Array(answerBytes));
    },
    idle: async () => undefined,
  };
  return {
    ...{ clock, counts, replies },
    ...timeDoor({ desk, counts, rate: RATE, now: () => clock.running() }),
    refused: () => Object.fromEntries(counts.read().get('time_refused_total') ?? []),
  };
}

describe('the door for strangers who ask for time', () => {
  it('refuses what is short where senders can be forged, and nowhere else', () => {
    const { ask, refused } = door(400);
    const short = timeRequest(1, { bytes: 1000 });
    equal(
      ask(short, '192.0.2.1', 'udp', () => undefined),
      'too-short',
    );
    equal(
      ask(short, '192.0.2.1', 'tcp', () => undefined),
      null,
    );
    equal(
      ask(new Uint8Array(4097), '192.0.2.1', 'tcp', () => undefined),
      'packet-too-long',
    );
    deepEqual(refused(), { 'too-short': 1, 'packet-too-long': 1 });
  });

  it('gives nobody over UDP more bytes than he sent', () => {
    const request = timeRequest(1);
    for (const [bytes, given] of [
      [request.length, request.length],
      [request.length + 1, null],
    ] as const) {
      let got: number | null = 0;
      door(bytes).ask(request, '192.0.2.1', 'udp', (answer) => {
        got = answer?.length ?? null;
      });
      equal(got, given);
    }
  });

  it('answers one address no oftener than the rate, whatever others do', () => {
    const { ask, clock, refused } = door(400);
    const asked = (address: string) => ask(timeRequest(1), address, 'udp', () => undefined);
    for (let i = 0; i < RATE; i++) equal(asked('192.0.2.1'), null);
    equal(asked('192.0.2.1'), 'rate');
    equal(asked('192.0.2.2'), null);
    clock.advance(1);
    for (let i = 0; i < RATE; i++) equal(asked('192.0.2.1'), null);
    equal(asked('192.0.2.1'), 'rate');
    deepEqual(refused(), { rate: 2 });
  });

  it('leaves room at the desk for those who are in rooms', () => {
    const { ask, refused, replies } = door(null);
    for (let i = 0; i < MAX_STRANGERS_WAITING; i++)
      equal(
        ask(timeRequest(i), `10.0.${i >> 8}.${i & 255}`, 'udp', () => undefined),
        null,
      );
    equal(
      ask(timeRequest(1), '192.0.2.1', 'udp', () => undefined),
      'busy',
    );
    replies[0]?.(null);
    equal(
      ask(timeRequest(1), '192.0.2.2', 'udp', () => undefined),
      null,
    );
    deepEqual(refused(), { busy: 1 });
  });
});

describe('rates by address', () => {
  const now = () => testClock(0).running();

  const same: readonly [one: string, other: string, together: boolean][] = [
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
    ['2001:db8::1:0:0:1', '2001:db8:0:0:1::', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
    ['192.0.2.1', '192.0.2.2', false],
  ];
  for (const [one, other, together] of same) {
    it(`take ${one} and ${other} for ${together ? 'one sender' : 'two'}`, () => {
      const rates = addressRates(1, now);
      equal(rates.take(one), true);
      equal(rates.take(other), !together);
    });
  }

  it('forget those who were silent longest, and keep whoever goes on asking', () => {
    const rates = addressRates(1, now, 4);
    equal(rates.take('busy'), true);
    for (let i = 0; i < 100; i++) {
      equal(rates.take(`once ${i}`), true);
      equal(rates.take('busy'), false);
    }
    equal(rates.take('once 0'), true);
  });
});
