import { deepEqual, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { newCounts } from '../../relay/counts.ts';
import {
  MAX_TIME_CONNECTIONS,
  MAX_TIME_CONNECTIONS_PER_ADDRESS,
  MAX_TIME_STREAM_BYTES,
  TIME_IDLE_MS,
} from '../../relay/limits.ts';
import type { TimeDoor } from '../../relay/time-door.ts';
import { listenForTcp } from '../../relay/time-tcp.ts';
import { timeRequest } from '../support/time-clients.ts';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const ANSWER_BYTES = 16;
/** A request packet of 1,024 bytes, so that a whole number of them is what one connection may send. */
const REQUEST = timeRequest(1, { bytes: 1012 });

/** A listener whose door answers whatever is asked, at once. */
async function withListener(
  work: (dial: (from?: string) => Promise<Socket>, refused: () => object) => Promise<void>,
  idleMs: number = TIME_IDLE_MS,
): Promise<void> {
  const counts = newCounts();
  const door: TimeDoor = {
    ask(_packet, _address, _transport, reply) {
      queueMicrotask(() => reply(new Uint8Array(ANSWER_BYTES)));
      return null;
    },
  };
  const listener = await listenForTcp({ host: '127.0.0.1', port: 0 }, door, counts, idleMs);
  const dial = async (from = '127.0.0.1') => {
    const socket = connect({ host: '127.0.0.1', port: listener.port, localAddress: from });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  try {
    await work(dial, () => Object.fromEntries(counts.read().get('time_refused_total') ?? []));
  } finally {
    await listener.close();
  }
}

/** Resolves when so many requests have been answered. */
async function ask(socket: Socket, requests: number): Promise<void> {
  let awaited = requests * ANSWER_BYTES;
  const answered = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      awaited -= chunk.length;
      if (awaited <= 0) resolve();
    });
    socket.once('close', () => reject(new Error(`closed with ${awaited} bytes of answers to come`)));
  });
  for (let i = 0; i < requests; i++) socket.write(REQUEST);
  await answered;
  socket.removeAllListeners('data');
}

describe('the bounds of signed time over TCP', () => {
  it('let one connection send all that it may, and end it with the next request', () =>
    withListener(async (dial, refused) => {
      const socket = await dial();
      await ask(socket, MAX_TIME_STREAM_BYTES / REQUEST.length);
      deepEqual(refused(), {});
      socket.resume();
      socket.write(REQUEST);
      await once(socket, 'close');
      deepEqual(refused(), { 'stream-bytes': 1 });
    }));

  it('let all addresses together have so many connections, and another when one has gone', () =>
    withListener(async (dial, refused) => {
      const open: Socket[] = [];
      for (let i = 0; i < MAX_TIME_CONNECTIONS; i++) {
        const address = `127.0.1.${1 + Math.floor(i / MAX_TIME_CONNECTIONS_PER_ADDRESS)}`;
        const socket = await dial(address);
        await ask(socket, 1);
        open.push(socket);
      }
      const refusedOne = await dial('127.0.2.1');
      refusedOne.resume();
      await once(refusedOne, 'close');
      deepEqual(refused(), { connections: 1 });
      const [first] = open;
      first?.end();
      first?.resume();
      if (first !== undefined) await once(first, 'close');
      const next = await dial('127.0.2.1');
      await ask(next, 1);
      for (const socket of [...open, next]) socket.destroy();
    }));

  it('end a connection over which bytes drip in, and no request', () =>
    withListener(async (dial, refused) => {
      const socket = await dial();
      socket.resume();
      let at = 0;
      const drip = setInterval(() => socket.write(REQUEST.subarray(at, ++at)), 5);
      await once(socket, 'close');
      clearInterval(drip);
      deepEqual([refused(), at < REQUEST.length], [{ idle: 1 }, true]);
    }, 100));

  it('are what the README says', () => {
    const [seconds, megabytes] = [TIME_IDLE_MS / 1000, MAX_TIME_STREAM_BYTES / 1024 / 1024];
    ok(README.includes(`ends after ${seconds} seconds without a whole request, after ${megabytes} MiB,`));
    ok(
      README.includes(
        `one address has at most ${MAX_TIME_CONNECTIONS_PER_ADDRESS} of them, and all together ${MAX_TIME_CONNECTIONS}.`,
      ),
    );
  });
});
