import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  createMessageConnection,
  type MessageConnection,
  ReadableStreamMessageReader,
} from 'vscode-jsonrpc/node';
import { Fault } from '../errors.ts';
import { frameGuard, MAX_ANSWER_BYTES, MAX_RPC_BYTES } from './frame-guard.ts';
import { FrameWriter } from './frame-writer.ts';
import { checkSocketPath } from './paths.ts';

/** Clients of one agent at a time; more are turned away at once. */
const MAX_CONNECTIONS = 1024;
/** Milliseconds for a client to read what was said last, when the agent stops. */
const FAREWELL_MS = 500;

/** Registers the handlers of a new connection; it starts to listen when this returns. */
export type Prepare = (connection: MessageConnection) => void;

/** A listening agent socket. */
export interface RpcServer {
  /**
   * Stops accepting, removes the socket and ends all connections. To be awaited before the store is closed: whoever
   * takes the store over listens at the same path, and this would remove his socket.
   */
  close(): Promise<void>;
}

/**
 * Serves JSON-RPC in the framing of the language-server protocol on a Unix socket with mode 0600, or a named pipe.
 * With `removeStale`, for which the caller must hold the store's lock, a socket left by a crash is removed first.
 * Throws Fault SOCKET_PATH_TOO_LONG or SOCKET_UNSAFE.
 */
export async function listen(
  path: string,
  prepare: Prepare,
  options: { readonly removeStale: boolean },
): Promise<RpcServer> {
  checkSocketPath(path, process.platform);
  const isPipe = process.platform === 'win32';
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    converse(socket, prepare, MAX_RPC_BYTES);
  });
  server.maxConnections = MAX_CONNECTIONS;
  try {
    if (options.removeStale && !isPipe) await removeSocket(path);
    await bound(server, path);
    // Such as too many open files: that client is not served, and the others are.
    server.on('error', () => undefined);
    if (!isPipe) await chmod(path, 0o600);
  } catch (cause) {
    server.close();
    throw new Fault('SOCKET_UNSAFE', { detail: `cannot listen at ${path}`, cause });
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) {
          socket.end();
          setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
        }
      }),
  };
}

/**
 * Connects to an agent. Throws Fault SOCKET_PATH_TOO_LONG or AGENT_UNAVAILABLE, whose cause has the system's code:
 * ENOENT and ECONNREFUSED mean that none runs, EACCES that it is not ours to start one.
 */
export async function dial(path: string, prepare: Prepare = () => undefined): Promise<MessageConnection> {
  checkSocketPath(path, process.platform);
  const socket = connect(path);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } catch (cause) {
    throw new Fault('AGENT_UNAVAILABLE', { detail: path, cause });
  }
  return converse(socket, prepare, MAX_ANSWER_BYTES);
}

/** Any error of the peer ends the connection: after a broken frame there is no knowing where the next one begins. */
function converse(socket: Socket, prepare: Prepare, maxBytes: number): MessageConnection {
  const reader = new ReadableStreamMessageReader(guarded(socket, maxBytes));
  // Its timer is armed again and again, even after a client went in the middle of a frame.
  reader.partialMessageTimeout = 0;
  const handled = handledMessages(reader);
  const connection = createMessageConnection(reader, new FrameWriter(socket));
  const cut = () => void socket.destroy();
  socket.on('error', cut);
  connection.onError(cut);
  prepare(connection);
  connection.listen();
  // A request that is under way when the peer goes would wait for ever; disposing rejects it, after `onClose` was told.
  connection.onClose(() => void handled().then(() => connection.dispose()));
  return connection;
}

/**
 * Resolves once the messages that have come are handled. The connection handles one in each turn of the event loop, so
 * the last answer of a peer that goes may stand behind its news when its end is seen.
 */
function handledMessages(reader: ReadableStreamMessageReader): () => Promise<void> {
  let waiting = 0;
  let turning: Promise<void> = Promise.resolve();
  const listen = reader.listen.bind(reader);
  reader.listen = (take) =>
    listen((message) => {
      waiting += 1;
      if (waiting === 1) turning = untilHandled();
      take(message);
    });

  async function untilHandled(): Promise<void> {
    for (; waiting > 0; waiting--) await new Promise((turn) => setImmediate(turn));
  }

  return async () => {
    await turning;
    // The turn in which the last of them is handled has to end, too.
    await new Promise((turn) => setImmediate(turn));
  };
}

/** The socket as the reader sees it: bytes reach its buffer only after the guard has let them pass. */
function guarded(socket: Socket, maxBytes: number) {
  const guard = frameGuard(maxBytes);
  return {
    onData(take: (chunk: Uint8Array) => void) {
      return subscribed(socket, 'data', (chunk: Uint8Array) => {
        const verdict = guard(chunk);
        if (verdict.ok) take(chunk);
        else socket.destroy(new Error(`${verdict.reason}: ${verdict.detail}`));
      });
    },
    onClose: (told: () => void) => subscribed(socket, 'close', told),
    onEnd: (told: () => void) => subscribed(socket, 'end', told),
    onError: (told: (error: Error) => void) => subscribed(socket, 'error', told),
  };
}

function subscribed<T>(socket: Socket, event: string, listener: (argument: T) => void) {
  socket.on(event, listener);
  return { dispose: () => void socket.off(event, listener) };
}

function bound(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Only a socket is removed: a path given by hand may name a file that somebody needs. */
async function removeSocket(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isSocket()) await unlink(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
