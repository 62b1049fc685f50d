import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../core/wire/close-codes.ts';
import type { Peer } from './peer.ts';

/** How long a peer that was sent away may take to read why. */
const FAREWELL_MS = 2_000;
const SHORT_QUEUE_BYTES = 64 * 1024;
const BINARY = { binary: true, compress: false, fin: true } as const;

/** A WebSocket as a peer of the relay. */
export function socketPeer(socket: WebSocket, address: string): Peer {
  const waiting: (() => void)[] = [];

  function isShort(): boolean {
    return socket.readyState !== socket.OPEN || socket.bufferedAmount <= SHORT_QUEUE_BYTES;
  }

  function look(): void {
    if (waiting.length === 0 || !isShort()) return;
    for (const resolve of waiting.splice(0)) resolve();
  }

  socket.once('close', look);
  return {
    address,
    send(frame) {
      if (socket.readyState !== socket.OPEN) return;
      // A frame that leaves the queue short cannot be the last that somebody waits for, and a callback costs.
      const last = socket.bufferedAmount + frame.length > SHORT_QUEUE_BYTES;
      if (last) socket.send(frame, BINARY, look);
      else socket.send(frame, BINARY);
    },
    queued: () => socket.bufferedAmount,
    drained: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        look();
      }),
    throttle(stop) {
      if (stop) socket.pause();
      else socket.resume();
    },
    close(reason) {
      const { code, sentence } = CLOSE_CODES[reason];
      socket.resume();
      socket.close(code, sentence);
      // Whoever does not read will not read this either.
      setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
    },
  };
}
