import { deepEqual, equal, ok } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { seconds } from '../../core/units.ts';
import { MAX_DELEGATION, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { newCounts } from '../../relay/counts.ts';
import { timeKeeper } from '../../relay/time.ts';
import { timeDesk } from '../../relay/time-desk.ts';
import { timeDoor } from '../../relay/time-door.ts';
import { listenForTcp } from '../../relay/time-tcp.ts';
import { listenForUdp } from '../../relay/time-udp.ts';
import { testClock } from '../support/clock.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { seededRandom } from '../support/random.ts';
import { tcpClient, timeRequest, udpClient } from '../support/time-clients.ts';

const T = 1_790_000_000;
const LOOPBACK = { host: '127.0.0.1', port: 0 };
const longTerm = testSigner('relay');
const trust = { key: longTerm.key, profile: PROFILES.v1, maxDelegation: MAX_DELEGATION };

/** All that answers strangers, but sockets. */
async function answering(rate: number) {
  const counts = newCounts();
  const clock = testClock(T);
  const keeper = await timeKeeper({
    ...{ longTerm, sha512 },
    makeOnlineKey: async () => testSigner('online'),
    wall: () => seconds(T),
    synchronised: () => true,
    mark: { load: async () => null, save: async () => undefined },
    refused: (reason) => counts.add('time_refused_total', 1, reason),
  });
  const desk = timeDesk(keeper, counts, (error) => {
    throw error;
  });
  const door = timeDoor({ desk, counts, rate, now: () => clock.running() });
  return {
    ...{ counts, desk, door },
    refused: () => Object.fromEntries(counts.read().get('time_refused_total') ?? []),
  };
}

async function believed(answer: Uint8Array | null, request: Uint8Array): Promise<boolean> {
  const ports = { crypto: nodeCrypto, sha512 };
  return answer !== null && (await verifyResponse(ports, answer, request, trust)).ok;
}

type Flood = (number: number) => Uint8Array;

const noise = seededRandom(7).bytes(1200);
const full = timeRequest(0xffff_ffff);
const replayed = timeRequest(0xfefe_fefe);

const FLOODS: readonly [what: string, packet: Flood, reason: string | null][] = [
  ['short packets', (number) => timeRequest(number, { bytes: 1011 }), 'too-short'],
  ['empty packets', () => new Uint8Array(0), 'too-short'],
  ['noise', (number) => noise.subarray(number % 100, 1100 + (number % 100)), 'packet-header'],
  [
    'malformed packets',
    (number) => full.with(12 + (number % 24), (full[12 + (number % 24)] ?? 0) ^ (1 + (number % 255))),
    null,
  ],
  ['one request replayed', () => replayed, null],
  ['requests of just the size that is answered', (number) => timeRequest(number, { bytes: 1012 }), null],
  [
    'requests for another server',
    (number) => timeRequest(number, { server: sha512(full).slice(0, 32) }),
    'other-server',
  ],
];

/** As many packets as the kernel's buffer for a socket surely holds. */
const BURST = 50;
const BURSTS = 40;

describe('a flood', () => {
  for (const [what, flood, reason] of FLOODS) {
    it(`of ${what} from ten thousand forged addresses leaves every honest request its answer`, async () => {
      const { desk, door, refused } = await answering(5);
      const honest: Promise<boolean>[] = [];
      const tooLong: number[] = [];
      for (let sent = 0; sent < 10_000; sent++) {
        const packet = flood(sent);
        door.ask(packet, `10.0.${sent >> 8}.${sent & 255}`, 'udp', (answer) => {
          if (answer !== null && answer.length > packet.length) tooLong.push(answer.length);
        });
        if (sent % 200 !== 199) continue;
        const request = timeRequest(sent);
        const answer = new Promise<Uint8Array | null>((resolve) => {
          equal(door.ask(request, `192.0.2.${honest.length}`, 'udp', resolve), null);
        });
        honest.push(answer.then((packet) => believed(packet, request)));
        await desk.idle();
      }
      deepEqual(new Set(await Promise.all(honest)), new Set([true]));
      deepEqual(tooLong, []);
      if (reason !== null) deepEqual(refused(), { [reason]: 10_000 });
    });
  }

  it('from one address leaves others their answers, and is answered no oftener than the rate', async () => {
    const { desk, door, refused } = await answering(5);
    let answered = 0;
    for (let i = 0; i < 10_000; i++) {
      door.ask(replayed, '198.51.100.1', 'udp', () => {
        answered += 1;
      });
    }
    const request = timeRequest(1);
    const answer = new Promise<Uint8Array | null>((resolve) => {
      equal(door.ask(request, '192.0.2.1', 'udp', resolve), null);
    });
    await desk.idle();
    ok(await believed(await answer, request));
    deepEqual([answered, refused()], [5, { rate: 9995 }]);
  });

  for (const [what, flood, reason] of FLOODS) {
    it(`of ${what} over UDP does not keep a socket from honest requests`, async () => {
      const { door, refused } = await answering(1_000_000);
      const listener = await listenForUdp(LOOPBACK, door);
      const flooder = await udpClient(listener.port);
      const client = await udpClient(listener.port);
      for (let burst = 0; burst < BURSTS; burst++) {
        for (let i = 0; i < BURST; i++) flooder.send(flood(burst * BURST + i));
        const request = timeRequest(burst);
        client.send(request);
        ok(await believed(await client.answers.take(), request));
      }
      if (reason !== null) equal(refused()[reason], BURST * BURSTS);
      flooder.close();
      client.close();
      await listener.close();
    });

    it(`of ${what} over TCP does not keep a connection from honest requests`, async () => {
      const { counts, door } = await answering(1_000_000);
      const listener = await listenForTcp(LOOPBACK, door, counts);
      const client = await tcpClient(listener.port);
      for (let burst = 0; burst < BURSTS; burst++) {
        const flooder = await tcpClient(listener.port);
        for (let i = 0; i < BURST; i++) flooder.socket.write(flood(burst * BURST + i));
        const request = timeRequest(burst);
        client.socket.write(request);
        ok(await believed(await client.answers.take(), request));
        flooder.socket.destroy();
        await flooder.closed;
      }
      client.socket.destroy();
      await listener.close();
    });
  }
});
