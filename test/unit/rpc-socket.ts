import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rename, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { MAX_ANSWER_BYTES, MAX_RPC_BYTES } from '../../core/adapters/frame-guard.ts';
import { dial, listen, type Prepare } from '../../core/adapters/rpc-socket.ts';
import { isFault } from '../../core/errors.ts';
import { withTempDir } from '../support/temp-dir.ts';

const fresh = { removeStale: false };

/** Runs the work against a server whose methods are `echo`, `never` (no answer) and `big` (an answer of as many bytes as asked for). */
function withServer(
  work: (path: string, seen: { closed: Promise<void> }) => Promise<void>,
  prepare: Prepare = () => undefined,
): Promise<void> {
  return withTempDir(async (directory) => {
    const path = join(directory, 's');
    let told: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      told = resolve;
    });
    const server = await listen(
      path,
      (connection) => {
        connection.onRequest('echo', (value: unknown) => value);
        connection.onRequest('never', () => new Promise(() => undefined));
        connection.onRequest('big', (length: number) => 'x'.repeat(length));
        connection.onClose(told);
        prepare(connection);
      },
      fresh,
    );
    try {
      await work(path, { closed });
    } finally {
      await server.close();
    }
  });
}

async function raw(path: string): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('the agent socket', () => {
  it('hands out the answer of a peer that goes, though it came behind much news and with the end', () =>
    withServer(
      async (path) => {
        const client = await dial(path);
        const answer = client.sendRequest('last');
        // Both come while this process is busy, and are read in one piece.
        const busy = performance.now() + 100;
        while (performance.now() < busy);
        assert.equal(await answer, 'gone');
      },
      (connection) =>
        connection.onRequest('last', () => {
          for (let i = 0; i < 20; i++) void connection.sendNotification('news', i);
          setImmediate(() => connection.end());
          return 'gone';
        }),
    ));

  it('answers requests, with text of any language, to several clients at once', () =>
    withServer(async (path) => {
      const clients = await Promise.all([dial(path), dial(path), dial(path)]);
      const answers = await Promise.all(
        clients.map((client, n) => client.sendRequest('echo', { n, text: 'ключ 🔑' })),
      );
      assert.deepEqual(
        answers,
        [0, 1, 2].map((n) => ({ n, text: 'ключ 🔑' })),
      );
      for (const client of clients) client.end();
    }));

  it('pushes to a client whose handlers were registered before the first byte', async () => {
    const pushed: unknown[] = [];
    await withServer(
      async (path) => {
        const client = await dial(path, (connection) =>
          connection.onNotification('state', (state) => void pushed.push(state)),
        );
        await client.sendRequest('echo', 1);
        assert.deepEqual(pushed, [{ version: 42 }]);
        client.end();
      },
      (connection) => {
        setImmediate(() => connection.sendNotification('state', { version: 42 }));
      },
    );
  });

  it('is for its user alone', () =>
    withServer(async (path) => assert.equal((await stat(path)).mode & 0o777, 0o600)));

  for (const [why, bytes] of [
    ['announces more than a frame may hold', `Content-Length: ${MAX_RPC_BYTES + 1}\r\n\r\n`],
    ['sends garbage', '\u0000'.repeat(1000)],
    ['speaks HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['sends a body that is no JSON', 'Content-Length: 3\r\n\r\n{]}'],
  ] as const) {
    it(`cuts off a peer that ${why}, and serves the others`, () =>
      withServer(async (path) => {
        const peer = await raw(path);
        peer.write(bytes);
        peer.resume();
        await once(peer, 'close');
        const client = await dial(path);
        assert.equal(await client.sendRequest('echo', 1), 1);
        client.end();
      }));
  }

  it('hears of a client that goes in the middle of a frame', () =>
    withServer(async (path, { closed }) => {
      const peer = await raw(path);
      peer.write('Content-Length: 100\r\n\r\n{"jsonrpc"');
      peer.destroy();
      await closed;
    }));

  it('hears of a client that only stopped sending', () =>
    withServer(async (path, { closed }) => {
      const peer = connect({ path, allowHalfOpen: true });
      await once(peer, 'connect');
      peer.end();
      await closed;
      peer.destroy();
    }));

  it('turns an answer that no frame holds into an error, and goes on', () =>
    withServer(async (path) => {
      const client = await dial(path);
      await assert.rejects(client.sendRequest('big', MAX_ANSWER_BYTES), /expected 16777216 bytes at most/);
      assert.equal(await client.sendRequest('echo', 1), 1);
      client.end();
    }));

  it('hands out an answer that is larger than any request may be, with news behind it', () =>
    withServer(
      async (path) => {
        const client = await dial(path);
        const length = MAX_ANSWER_BYTES - 1024;
        const news = new Promise((resolve) => client.onNotification('state', resolve));
        assert.equal((await client.sendRequest<string>('big', length)).length, length);
        await news;
        assert.equal(await client.sendRequest('echo', 1), 1);
        client.end();
      },
      (connection) => {
        connection.onRequest('big', (length: number) => {
          setImmediate(() => void connection.sendNotification('state', 1));
          return 'x'.repeat(length);
        });
      },
    ));

  it('refuses to send a request that the other side would cut it off for', () =>
    withServer(async (path) => {
      const client = await dial(path);
      await assert.rejects(client.sendRequest('echo', 'x'.repeat(MAX_RPC_BYTES)));
      assert.equal(await client.sendRequest('echo', 1), 1);
      client.end();
    }));

  it('cuts off a client that does not read, so that pushes do not grow the agent', async () => {
    let dropped = false;
    await withServer(
      async (path, { closed }) => {
        const peer = await raw(path);
        peer.pause();
        await closed;
        dropped = true;
        peer.destroy();
      },
      (connection) => {
        const text = 'x'.repeat(MAX_RPC_BYTES / 2);
        const push = (left: number): void => {
          if (left === 0) return;
          connection.sendNotification('state', text).then(
            () => push(left - 1),
            () => undefined,
          );
        };
        push(100);
      },
    );
    assert.equal(dropped, true);
  });

  it('rejects a request that is under way when the agent stops', () =>
    withTempDir(async (directory) => {
      const path = join(directory, 's');
      let asked: () => void = () => undefined;
      const arrived = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const server = await listen(
        path,
        (connection) => {
          connection.onRequest('never', () => {
            asked();
            return new Promise(() => undefined);
          });
        },
        fresh,
      );
      const client = await dial(path);
      const answer = assert.rejects(client.sendRequest('never'));
      await arrived;
      await server.close();
      await answer;
      assert.equal(existsSync(path), false);
    }));
});

describe('finding and taking the agent socket', () => {
  const unavailable = (code: string) => (error: unknown) =>
    isFault(error, 'AGENT_UNAVAILABLE') && (error.cause as { code?: string }).code === code;

  it('says AGENT_UNAVAILABLE with the reason of the system', () =>
    withTempDir(async (directory) => {
      await assert.rejects(dial(join(directory, 's')), unavailable('ENOENT'));
      await leaveStale(directory);
      await assert.rejects(dial(join(directory, 's')), unavailable('ECONNREFUSED'));
    }));

  it('removes a socket that a crash left, only when told', () =>
    withTempDir(async (directory) => {
      const path = join(directory, 's');
      await leaveStale(directory);
      await assert.rejects(
        listen(path, () => undefined, fresh),
        (error) => isFault(error, 'SOCKET_UNSAFE'),
      );
      const server = await listen(path, () => undefined, { removeStale: true });
      const client = await dial(path);
      client.end();
      await server.close();
    }));

  it('never removes a file that is no socket', () =>
    withTempDir(async (directory) => {
      const path = join(directory, 's');
      await writeFile(path, 'thesis');
      await assert.rejects(
        listen(path, () => undefined, { removeStale: true }),
        (error) => isFault(error, 'SOCKET_UNSAFE'),
      );
      assert.equal(existsSync(path), true);
    }));

  it('refuses a path that the system would cut', async () => {
    const path = `/tmp/${'a'.repeat(100)}`;
    const tooLong = (error: unknown) => isFault(error, 'SOCKET_PATH_TOO_LONG');
    await assert.rejects(dial(path), tooLong);
    await assert.rejects(
      listen(path, () => undefined, fresh),
      tooLong,
    );
  });
});

/** Leaves a socket to which nobody listens: its name is moved away before its server closes and removes it. */
async function leaveStale(directory: string): Promise<void> {
  const server = createServer();
  server.listen(join(directory, 'alive'));
  await once(server, 'listening');
  await rename(join(directory, 'alive'), join(directory, 's'));
  server.close();
  await once(server, 'close');
}
