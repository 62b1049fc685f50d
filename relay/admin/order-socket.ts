import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { checkSocketPath } from '../../core/adapters/paths.ts';
import { prepareSocketDirectory } from '../../core/adapters/socket-directory.ts';
import { Fault, isFault } from '../../core/errors.ts';
import { RealmAnswer, RealmOrder } from '../operator.ts';
import { reply } from '../pages.ts';

/** More than a genesis record in base64 and all around it. */
const MAX_ORDER_BYTES = 65_536;
const NOBODY_LISTENS: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

/** The listener for orders of a running relay. */
interface OrderListener {
  /** Takes no more orders and resolves when the last one is carried out. */
  close(): Promise<void>;
}

/** The socket of a running relay inside its data directory; null where this system has none. */
export function orderSocket(dataDir: string): string | null {
  return process.platform === 'win32' ? null : join(dataDir, 'operator', 's');
}

/**
 * Takes orders from those who may enter a directory of mode 0700 in the data directory, one after another; null where
 * this system has no such sockets. The caller holds the store's lock. Throws Fault SOCKET_PATH_TOO_LONG, SOCKET_UNSAFE
 * or STORE_FAILED.
 */
export async function listenForOrders(
  dataDir: string,
  carryOut: (order: RealmOrder) => Promise<RealmAnswer>,
): Promise<OrderListener | null> {
  const path = orderSocket(dataDir);
  if (path === null) return null;
  checkSocketPath(path, process.platform);
  // The directory keeps everybody else out from the start, whatever mode the socket is made with.
  await prepareSocketDirectory(join(dataDir, 'operator'), process.getuid?.() ?? 0);
  // Whoever holds the lock knows that the relay that left it is gone.
  await rm(path, { force: true });
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((incoming, response) => {
    const answered = read(incoming).then((order) => {
      if (order === null) return reply(response, 400, 'text/plain', 'expected an order\n');
      const done = last.then(() => carryOut(order));
      last = done.catch(() => undefined);
      return done.then((answer) => reply(response, 200, 'application/json', JSON.stringify(answer)));
    });
    answered.catch((error) => {
      const text = isFault(error) ? error.message : String(error);
      if (!response.headersSent) reply(response, 500, 'text/plain', text);
    });
  });
  server.on('clientError', (_error, stream) => stream.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Fault('STORE_FAILED', { detail: path, cause })));
    server.listen(path, resolve);
  });
  return {
    async close() {
      server.close();
      await last;
      // After the answer to it.
      setImmediate(() => server.closeAllConnections());
    },
  };
}

/** What the relay that runs on this data directory answers to an order; null where none runs. Throws Fault STORE_FAILED. */
export async function orderFrom(dataDir: string, order: RealmOrder): Promise<RealmAnswer | null> {
  const path = orderSocket(dataDir);
  if (path === null) return null;
  try {
    checkSocketPath(path, process.platform);
  } catch (fault) {
    // A relay could not listen there either.
    if (isFault(fault, 'SOCKET_PATH_TOO_LONG')) return null;
    throw fault;
  }
  const answer = await post(path, JSON.stringify(order));
  if (answer === null) return null;
  if (answer.status !== 200) throw new Fault('STORE_FAILED', { detail: `the running relay: ${answer.text}` });
  return RealmAnswer.parse(JSON.parse(answer.text));
}

async function read(incoming: IncomingMessage): Promise<RealmOrder | null> {
  let size = 0;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ORDER_BYTES) return null;
    chunks.push(chunk);
  }
  try {
    const order = RealmOrder.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    return order.success ? order.data : null;
  } catch {
    return null;
  }
}

function post(
  socketPath: string,
  body: string,
): Promise<{ readonly status: number; readonly text: string } | null> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: '/realms', agent: false }, (response) => {
      buffer(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, text: text.toString() }),
        reject,
      );
    });
    sent.on('error', (cause: NodeJS.ErrnoException) => {
      if (NOBODY_LISTENS.has(cause.code ?? '')) resolve(null);
      else reject(new Fault('STORE_FAILED', { detail: `${socketPath}: ${cause.message}`, cause }));
    });
    sent.end(body);
  });
}
