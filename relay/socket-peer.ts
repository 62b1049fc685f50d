import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../core/wire/close-codes.ts';
import type { Peer } from './peer.ts';

/** How long a peer that was sent away may take to read why. */
const FAREWELL_MS = 2_000;

/**
 * A WebSocket as a peer of the relay. Frames are written to the stream below it, whole and at once as `ws` writes its
 * own when nothing is compressed, so that the two never mix inside a frame.
 */
export function socketPeer(
  socket: WebSocket,
  stream: Duplex,
  framed: (payload: Uint8Array) => Uint8Array,
  address: string,
): Peer {
  return {
    address,
    send(frame) {
      if (socket.readyState === socket.OPEN) stream.write(framed(frame));
    },
    queued: () => socket.bufferedAmount,
    drained: () =>
      new Promise((resolve) => {
        if (stream.destroyed || !stream.writableNeedDrain) {
          resolve();
          return;
        }
        const done = () => {
          stream.off('drain', done);
          stream.off('close', done);
          resolve();
        };
        stream.on('drain', done);
        stream.on('close', done);
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
