import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { Fault } from '../core/errors.ts';
import { MAX_ROOM_NAME } from '../core/wire/bounds.ts';
import { CLOSE_CODES } from '../core/wire/close-codes.ts';
import type { Counts } from './counts.ts';
import { framer } from './framer.ts';
import type { Request } from './peer.ts';
import type { Relay } from './relay.ts';
import { socketPeer } from './socket-peer.ts';

/** Where a listener listens: a host (empty: all addresses) and a port (0: any). */
export interface ListenAt {
  readonly host: string;
  readonly port: number;
}

/** A certificate and its key, as PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What the public listener needs. */
interface ServerOptions {
  readonly relay: Relay;
  readonly counts: Counts;
  readonly listen: ListenAt;
  readonly tls: TlsFiles | null;
  readonly maxPeers: number;
  readonly maxPeersPerAddress: number;
  readonly maxFrameBytes: number;
  /** Answers plain HTTP requests. */
  page(request: IncomingMessage, response: ServerResponse): void;
}

/** The public listener of a relay. */
interface RelayServer {
  readonly address: AddressInfo;
  peers(): number;
  /** Uses another certificate for connections to come. */
  useTls(tls: TlsFiles): void;
  /** Takes no more connections. */
  stopAccepting(): void;
  /** Resolves when all connections are gone; those that stay are cut after the time given. */
  close(graceMs: number): Promise<void>;
}

const SYNC_PATH = '/v1/sync/';
const SWEEP_MS = 1_000;
/** y-websocket takes a connection on which it heard nothing for 30 s for dead. */
const HEARTBEAT_MS = 10_000;

/** Opens the public listener: `/v1/sync/<room>` for peers, the rest for plain HTTP. Throws Fault LISTEN_FAILED. */
export async function listen(options: ServerOptions): Promise<RelayServer> {
  const { relay, counts, maxFrameBytes } = options;
  const http: Server | TlsServer =
    options.tls === null ? createServer(options.page) : createTlsServer(options.tls, options.page);
  const sockets = new WebSocketServer({
    ...{ noServer: true, clientTracking: true, maxPayload: maxFrameBytes },
    ...{ perMessageDeflate: false, skipUTF8Validation: true },
  });
  const perAddress = new Map<string, number>();
  const answered = new WeakSet<WebSocket>();
  const framed = framer();

  function crowded(address: string): boolean {
    const here = perAddress.get(address) ?? 0;
    return sockets.clients.size > options.maxPeers || here >= options.maxPeersPerAddress;
  }

  function arrive(socket: WebSocket, stream: Duplex, address: string, request: Request): void {
    // An error of the protocol, such as an unmasked frame, ends its connection and nothing else.
    socket.on('error', () => {
      counts.add('message_rejected_total', 1, 'websocket-frame');
      socket.terminate();
    });
    if (crowded(address)) {
      counts.add('peer_connections_total', 1, 'full');
      socket.close(CLOSE_CODES['full-room'].code, CLOSE_CODES['full-room'].sentence);
      return;
    }
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    const peer = socketPeer(socket, stream, framed, address);
    answered.add(socket);
    socket.on('pong', () => answered.add(socket));
    socket.on('message', (data: Buffer) => {
      relay.receive(peer, new Uint8Array(data.buffer, data.byteOffset, data.length));
    });
    socket.once('close', () => {
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
      relay.disconnect(peer);
    });
    relay.connect(peer, request);
  }

  http.on('upgrade', (incoming: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const request = requestOf(incoming.url ?? '');
    if (request === null) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const address = incoming.socket.remoteAddress ?? '';
    sockets.handleUpgrade(incoming, stream, head, (socket) => arrive(socket, stream, address, request));
  });
  http.on('clientError', (_error, stream) => stream.destroy());

  await opened(http, options.listen);
  const sweeping = setInterval(() => relay.sweep(), SWEEP_MS);
  const beating = setInterval(() => {
    for (const socket of sockets.clients) {
      // A peer that vanished without a word would be kept for hours by TCP alone.
      if (!answered.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, HEARTBEAT_MS);

  return {
    address: http.address() as AddressInfo,
    peers: () => sockets.clients.size,
    useTls(tls) {
      if ('setSecureContext' in http) http.setSecureContext(tls);
    },
    stopAccepting: () => void http.close(),
    async close(graceMs) {
      clearInterval(sweeping);
      clearInterval(beating);
      const gone = [...sockets.clients].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, graceMs);
      await Promise.all(gone);
      clearTimeout(cut);
      http.closeAllConnections();
      if (http.listening) await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Listens with an HTTP server. Throws Fault LISTEN_FAILED. */
export function opened(http: Server | TlsServer, at: ListenAt): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE' ? 'another process listens there' : cause.message;
      reject(new Fault('LISTEN_FAILED', { detail: `${at.host}:${at.port}: ${taken}`, cause }));
    };
    http.once('error', failed);
    http.listen(at.port, at.host === '' ? undefined : at.host, () => {
      http.off('error', failed);
      resolve();
    });
  });
}

function requestOf(url: string): Request | null {
  if (!URL.canParse(url, 'ws://relay')) return null;
  const { pathname, searchParams } = new URL(url, 'ws://relay');
  const room = pathname.slice(SYNC_PATH.length);
  if (!pathname.startsWith(SYNC_PATH) || room.length === 0 || room.length > MAX_ROOM_NAME) return null;
  return {
    ...{ room, token: searchParams.get('token'), register: searchParams.get('register') },
    hello: searchParams.has('hello'),
  };
}
