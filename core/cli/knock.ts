import { WebSocket } from 'ws';
import type { Seconds } from '../units.ts';

/** Why nothing answers at a WebSocket address; null if something does, be it with a refusal. */
export function knock(url: string, timeout: Seconds): Promise<string | null> {
  return new Promise((resolve) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, { handshakeTimeout: timeout * 1000 });
    } catch (error) {
      resolve(error instanceof Error ? error.message : String(error));
      return;
    }
    const answer = (trouble: string | null) => {
      resolve(trouble);
      socket.terminate();
    };
    socket.once('open', () => answer(null));
    socket.once('unexpected-response', () => answer(null));
    socket.on('error', (error) => answer(error.message === '' ? 'no answer' : error.message));
  });
}
