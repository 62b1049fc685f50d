import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Counts } from './counts.ts';
import {
  MAX_TIME_CONNECTIONS,
  MAX_TIME_CONNECTIONS_PER_ADDRESS,
  MAX_TIME_STREAM_BYTES,
  MAX_TIME_UNREAD_BYTES,
  TIME_IDLE_MS,
} from './limits.ts';
import { packetCutter } from './packet-cutter.ts';
import { type ListenAt, listenFault } from './server.ts';
import type { TimeDoor } from './time-door.ts';
import type { TimeListener } from './time-udp.ts';

/** Answers Roughtime requests over TCP (RFC 10049), several on one connection; what is no request ends it. Throws Fault LISTEN_FAILED. */
export async function listenForTcp(
  at: ListenAt,
  door: TimeDoor,
  counts: Counts,
  idleMs: number = TIME_IDLE_MS,
): Promise<TimeListener> {
  const connections = new Set<Socket>();
  const perAddress = new Map<string, number>();

  function arrive(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const here = perAddress.get(address) ?? 0;
    socket.on('error', () => socket.destroy());
    if (here >= MAX_TIME_CONNECTIONS_PER_ADDRESS || connections.size >= MAX_TIME_CONNECTIONS) {
      counts.add('time_refused_total', 1, 'connections');
      socket.destroy();
      return;
    }
    perAddress.set(address, here + 1);
    connections.add(socket);
    const stop = answerOn(socket, address, door, counts, idleMs);
    socket.once('close', () => {
      stop();
      connections.delete(socket);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
  }

  const server = createServer({ noDelay: true }, arrive);
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => reject(listenFault(at, cause));
    server.once('error', failed);
    server.listen(at.port, at.host === '' ? undefined : at.host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of connections) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answerOn(
  socket: Socket,
  address: string,
  door: TimeDoor,
  counts: Counts,
  idleMs: number,
): () => void {
  const cut = packetCutter();
  let received = 0;
  let waiting = 0;

  function end(reason: string): void {
    counts.add('time_refused_total', 1, reason);
    socket.destroy();
  }

  // Started again by whole requests only: bytes that drip in must not keep a connection.
  const idle = setTimeout(() => end('idle'), idleMs);

  function answered(answer: Uint8Array | null): void {
    waiting -= 1;
    if (socket.destroyed) return;
    if (answer === null) socket.destroy();
    else if (socket.writableLength > MAX_TIME_UNREAD_BYTES) end('slow-reader');
    else socket.write(answer);
    if (waiting === 0) socket.resume();
  }

  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    const packets = cut(chunk);
    if (packets === null) return end('packet-header');
    if (packets.length > 0) idle.refresh();
    for (const packet of packets) {
      waiting += 1;
      if (door.ask(packet, address, 'tcp', answered) === null) continue;
      socket.destroy();
      return;
    }
    if (received > MAX_TIME_STREAM_BYTES) return end('stream-bytes');
    // Nothing more is read until all that was asked has been answered.
    if (waiting > 0) socket.pause();
  });
  return () => clearTimeout(idle);
}
