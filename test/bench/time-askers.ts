import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { encodeMessage } from '../../core/wire/sync.ts';
import { timeRequest } from '../support/time-clients.ts';
import { type BenchSocket, connect, messageIn } from './socket.ts';

/** So many clients that ask for time. */
interface Askers {
  /** Each asks once. */
  ask(): void;
  close(): Promise<void>;
}

/** Makes so many askers; `heard` is called at each answer. */
export type AskerMaker = (count: number, heard: () => void) => Promise<Askers>;

const LARGE_BUFFER = 4 * 1024 * 1024;

/** Askers over a WebSocket each, to a room. */
export function askOverWebSocket(url: string): AskerMaker {
  return async (count, heard) => {
    const sockets: BenchSocket[] = [];
    for (let i = 0; i < count; i++) {
      sockets.push(
        await connect(url, (frame) => {
          if (messageIn(frame).type === 'time') heard();
        }),
      );
    }
    const frames = sockets.map((_, i) => encodeMessage({ type: 'time', body: timeRequest(i) }));
    return {
      ask: () => sockets.forEach((socket, i) => void socket.send(frames[i] ?? new Uint8Array(0))),
      close: async () => void (await Promise.all(sockets.map((socket) => socket.close()))),
    };
  };
}

/** Askers over UDP through one socket, to a port of the loopback. */
export function askOverUdp(port: number): AskerMaker {
  return async (count, heard) => {
    const socket: Socket = createSocket({ type: 'udp4', recvBufferSize: LARGE_BUFFER });
    socket.on('message', heard);
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const packets = Array.from({ length: count }, (_, i) => timeRequest(i));
    return {
      ask: () => {
        for (const packet of packets) socket.send(packet);
      },
      async close() {
        socket.close();
        await once(socket, 'close');
      },
    };
  };
}
