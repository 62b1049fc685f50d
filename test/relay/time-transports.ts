import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { isFault } from '../../core/errors.ts';
import { fromHex, type PublicKey } from '../../core/units.ts';
import { serverName } from '../../core/verify/merkle.ts';
import { MAX_DELEGATION, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import type { RunningRelay } from '../../relay/compose.ts';
import { newCounts } from '../../relay/counts.ts';
import {
  MAX_TIME_CONNECTIONS_PER_ADDRESS,
  MAX_TIME_STREAM_BYTES,
  MAX_TIME_UNREAD_BYTES,
} from '../../relay/limits.ts';
import { run } from '../../relay/program.ts';
import type { TimeDoor } from '../../relay/time-door.ts';
import { openTimeFront } from '../../relay/time-front.ts';
import { listenForTcp } from '../../relay/time-tcp.ts';
import { listenForUdp } from '../../relay/time-udp.ts';
import { nodeCrypto } from '../support/keys.ts';
import { queue } from '../support/queue.ts';
import { metricOf, newDirectory, runRelay, startRelayIn } from '../support/relay-server.ts';
import { tcpClient, timeRequest, udpClient } from '../support/time-clients.ts';

const EVERYWHERE = { 'time-udp': '127.0.0.1:0', 'time-tcp': '127.0.0.1:0' };
const LOOPBACK = { host: '127.0.0.1', port: 0 };
const ports = { crypto: nodeCrypto, sha512 };

async function keyIn(directory: string): Promise<PublicKey> {
  const { out } = await runRelay(['key', '--json', '--data-dir', directory]);
  return (JSON.parse(out) as { data: { timeKey: PublicKey } }).data.timeKey;
}

async function believed(answer: Uint8Array, request: Uint8Array, key: PublicKey): Promise<boolean> {
  const trust = { key, profile: PROFILES.v1, maxDelegation: MAX_DELEGATION };
  return (await verifyResponse(ports, answer, request, trust)).ok;
}

async function withTime(
  settings: Readonly<Record<string, unknown>>,
  work: (relay: RunningRelay, key: PublicKey) => Promise<void>,
): Promise<void> {
  const directory = await newDirectory();
  const relay = await startRelayIn(directory.path, { ...EVERYWHERE, ...settings });
  try {
    await work(relay, await keyIn(directory.path));
  } finally {
    await relay.stop();
    await directory.remove();
  }
}

const refusedFor = (relay: RunningRelay, reason: string) =>
  metricOf(relay, `leasehold_relay_time_refused_total{reason="${reason}"}`);

describe('signed time over UDP', () => {
  it('is answered to whoever asks in full, and to nobody who asks short, for another key or otherwise wrong', async () => {
    await withTime({}, async (relay, key) => {
      const client = await udpClient(relay.time.udp ?? 0);
      const named = timeRequest(2, { server: await serverName(sha512, fromHex(key)) });
      client.send(timeRequest(1, { bytes: 1000 }));
      client.send(timeRequest(1, { server: new Uint8Array(32) }));
      client.send(timeRequest(1, { versions: [7] }));
      client.send(new Uint8Array(2048));
      client.send(named);
      const answer = await client.answers.take();
      ok(await believed(answer, named, key));
      ok(answer.length <= named.length);
      equal(client.answers.rest().length, 0);
      for (const reason of ['too-short', 'other-server', 'other-version', 'packet-header'])
        equal(await refusedFor(relay, reason), 1, reason);
      equal(await metricOf(relay, 'leasehold_relay_time_requests_total{transport="udp"}'), 5);
      client.close();
    });
  });

  it('goes to one address no oftener than the rate, over HTTP too', async () => {
    await withTime({ 'time-rate': 1 }, async (relay) => {
      const page = `http://127.0.0.1:${relay.port}/v1/time`;
      const asked = Array.from({ length: 20 }, (_, i) =>
        fetch(page, { method: 'POST', body: timeRequest(i) }).then(({ status }) => status),
      );
      deepEqual([...new Set(await Promise.all(asked))].sort(), [200, 429]);
      ok((await refusedFor(relay, 'rate')) > 0);
    });
  });

  it('cannot begin where another socket is', async () => {
    const door: TimeDoor = { ask: () => null };
    const first = await listenForUdp(LOOPBACK, door);
    await rejects(listenForUdp({ ...LOOPBACK, port: first.port }, door), (fault) =>
      isFault(fault, 'LISTEN_FAILED'),
    );
    await first.close();
  });
});

describe('signed time over TCP', () => {
  it('answers several requests on one connection, also in pieces, and need not be asked in full', async () => {
    await withTime({}, async (relay, key) => {
      const client = await tcpClient(relay.time.tcp ?? 0);
      const requests = [timeRequest(1), timeRequest(2, { bytes: 100 }), timeRequest(3)];
      const bytes = Buffer.concat(requests);
      client.socket.write(bytes.subarray(0, 5));
      client.socket.write(bytes.subarray(5, 1500));
      client.socket.write(bytes.subarray(1500));
      for (const request of requests) ok(await believed(await client.answers.take(), request, key));
      client.socket.destroy();
    });
  });

  const cut: readonly [why: string, bytes: Uint8Array, reason: string][] = [
    ['no packet', new TextEncoder().encode('GET / HTTP/1.1\r\n'), 'packet-header'],
    ['more than a packet may have', Uint8Array.of(...Buffer.from('ROUGHTIM'), 0, 64, 0, 0), 'packet-header'],
    ['a packet of another server', timeRequest(1, { server: new Uint8Array(32) }), 'other-server'],
  ];
  for (const [why, bytes, reason] of cut) {
    it(`ends with ${why}`, async () => {
      await withTime({}, async (relay) => {
        const client = await tcpClient(relay.time.tcp ?? 0);
        client.socket.write(bytes);
        await client.closed;
        equal(await refusedFor(relay, reason), 1);
      });
    });
  }

  /** A listener whose door answers with so many bytes, at once. */
  async function listening(answerBytes: number, idleMs?: number) {
    const counts = newCounts();
    let asked = 0;
    const door: TimeDoor = {
      ask(_packet, _address, _transport, reply) {
        asked += 1;
        queueMicrotask(() => reply(new Uint8Array(answerBytes)));
        return null;
      },
    };
    const listener = await listenForTcp(LOOPBACK, door, counts, idleMs);
    return {
      listener,
      asked: () => asked,
      refused: () => Object.fromEntries(counts.read().get('time_refused_total') ?? []),
    };
  }

  it('does not wait for whoever lets single bytes drip', async () => {
    const { asked, listener, refused } = await listening(400, 50);
    const client = await tcpClient(listener.port);
    const request = timeRequest(1);
    let at = 0;
    const dripping = setInterval(() => client.socket.write(request.subarray(at, ++at)), 5);
    await client.closed;
    clearInterval(dripping);
    await listener.close();
    deepEqual([refused(), asked()], [{ idle: 1 }, 0]);
  });

  it('holds no more connections of one address than it may', async () => {
    const { listener, refused } = await listening(400);
    const clients = [];
    for (let i = 0; i < MAX_TIME_CONNECTIONS_PER_ADDRESS; i++) clients.push(await tcpClient(listener.port));
    await (await tcpClient(listener.port)).closed;
    deepEqual(refused(), { connections: 1 });
    await listener.close();
    await Promise.all(clients.map(({ closed }) => closed));
  });

  it('takes no more from one connection than it may', async () => {
    const { listener, refused } = await listening(16);
    const client = await tcpClient(listener.port);
    const request = timeRequest(1);
    for (let sent = 0; sent <= MAX_TIME_STREAM_BYTES; sent += request.length) client.socket.write(request);
    await client.closed;
    await listener.close();
    deepEqual(refused(), { 'stream-bytes': 1 });
  });

  it('holds no more for whoever does not read than it may', async () => {
    const { listener, refused } = await listening(MAX_TIME_UNREAD_BYTES * 400);
    const client = await tcpClient(listener.port);
    client.socket.write(Buffer.concat([timeRequest(1), timeRequest(2)]));
    await client.closed;
    await listener.close();
    deepEqual(refused(), { 'slow-reader': 1 });
  });
});

describe('the listeners for signed time', () => {
  it('are all closed again when one of them cannot listen', async () => {
    const door: TimeDoor = { ask: () => null };
    const counts = newCounts();
    const taken = await listenForTcp(LOOPBACK, door, counts);
    const free = await listenForUdp(LOOPBACK, door);
    await free.close();
    const at = (port: number) => ({ host: '127.0.0.1', port });
    const front = openTimeFront({ 'time-udp': at(free.port), 'time-tcp': at(taken.port) }, door, counts);
    await rejects(front, (fault) => isFault(fault, 'LISTEN_FAILED'));
    await (await listenForUdp(at(free.port), door)).close();
    await taken.close();
  });
});

describe('leasehold-relay time', () => {
  it('signs time for anybody and serves no realm', async () => {
    const directory = await newDirectory();
    const lines = queue<string>();
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const anywhere = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--log-level', 'silent'];
    const running = run(
      {
        env: {},
        out: (text) => {
          for (const line of text.split('\n')) if (line !== '') lines.put(line);
        },
        err: (text) => lines.put(text),
        input: async () => new Uint8Array(0),
        ask: async () => null,
        untilStopped: () => stopped,
      },
      [
        ...['time', '--data-dir', directory.path, ...anywhere],
        ...['--time-udp', '127.0.0.1:0', '--time-tcp', '127.0.0.1:0'],
      ],
    );
    const portIn = (line: string, what: RegExp): number => {
      match(line, what);
      return Number(line.slice(line.lastIndexOf(':') + 1));
    };
    const page = `http://127.0.0.1:${portIn(await lines.take(), /^listening on http:/)}`;
    const udp = await udpClient(portIn(await lines.take(), /^time on udp:/));
    const tcp = await tcpClient(portIn(await lines.take(), /^time on tcp:/));
    const admin = `http://127.0.0.1:${portIn(await lines.take(), /^admin on http:/)}`;
    const key = await keyIn(directory.path);
    const request = timeRequest(1);
    udp.send(request);
    ok(await believed(await udp.answers.take(), request, key));
    tcp.socket.write(request);
    ok(await believed(await tcp.answers.take(), request, key));
    const posted = await fetch(`${page}/v1/time`, { method: 'POST', body: request });
    ok(await believed(new Uint8Array(await posted.arrayBuffer()), request, key));
    match(
      await (await fetch(`${admin}/metrics`)).text(),
      /^leasehold_relay_time_requests_total\{transport="tcp"\} 1$/m,
    );
    equal((await fetch(`${page}/livez`)).status, 200);
    equal((await fetch(`${page}/v1/sync/${'0'.repeat(64)}`)).status, 404);
    equal((await runRelay(['time', '--data-dir', directory.path, ...anywhere])).code, 5);
    stop();
    equal(await running, 0);
    udp.close();
    await tcp.closed;
    await directory.remove();
  });

  it('shows its key as server lists have it, and ends with 3 where there is none', async () => {
    const directory = await newDirectory();
    equal((await runRelay(['key', '--data-dir', directory.path])).code, 3);
    const made = JSON.parse((await runRelay(['init', '--json', '--data-dir', directory.path])).out) as {
      data: { timeKey: string };
    };
    const { out } = await runRelay(['key', '--data-dir', directory.path]);
    const [, hex = '', base64 = '', srv = ''] =
      /^hex ([0-9a-f]{64})\nbase64 (\S{44})\nsrv (.*)\n$/.exec(out) ?? [];
    equal(hex, made.data.timeKey);
    equal(Buffer.from(base64, 'base64').toString('hex'), hex);
    equal(srv, Buffer.from(await serverName(sha512, fromHex(hex))).toString('hex'));
    await directory.remove();
  });

  it('is refused without a clock to vouch for', async () => {
    const directory = await newDirectory();
    equal((await runRelay(['time', '--time', 'off', '--data-dir', directory.path])).code, 2);
    const flags = ['--time', 'off', '--time-udp', ':0', '--data-dir', directory.path];
    equal((await runRelay(['check', ...flags])).code, 2);
    await directory.remove();
  });
});
