import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeMessage, encodeMessage, type Message } from '../../core/wire/sync.ts';
import { type Queue, queue } from './queue.ts';

/** One connection as a relay sees it. */
export interface BareConnection {
  /** The path and query that the client asked for. */
  readonly target: string;
  readonly frames: Queue<Message>;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  send(message: Message): void;
  sendRaw(data: Uint8Array | string): void;
  ping(): void;
  close(code: number, reason: string): void;
  /** Breaks the connection without a word. */
  cut(): void;
}

/** A WebSocket server that does nothing by itself: a relay of any behaviour, for tests. */
export interface BareRelay {
  readonly url: string;
  readonly connections: Queue<BareConnection>;
  close(): Promise<void>;
}

const MAX_BYTES = 1 << 20;

/** Listens on a free port of the loopback. */
export async function bareRelay(): Promise<BareRelay> {
  const connections = queue<BareConnection>();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket, request) => connections.put(connectionOf(socket, request.url ?? '')));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/v1/sync`,
    connections,
    close: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

function connectionOf(socket: WebSocket, target: string): BareConnection {
  const frames = queue<Message>();
  socket.on('message', (data: Buffer) => {
    const message = decodeMessage(new Uint8Array(data), MAX_BYTES);
    if (!message.ok) throw new Error(`the client sent a bad frame: ${message.reason}`);
    frames.put(message.value);
  });
  return {
    target,
    frames,
    closed: new Promise((resolve) => socket.on('close', resolve)),
    send: (message) => socket.send(encodeMessage(message)),
    sendRaw: (data) => socket.send(data),
    ping: () => socket.ping(),
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
  };
}
