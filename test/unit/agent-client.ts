import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { agentProof, writeAgentFile } from '../../core/agent/agent-file.ts';
import { connectAgent } from '../../core/agent/client.ts';
import type { HelloParams } from '../../core/agent/protocol.ts';
import { isFault } from '../../core/errors.ts';
import { withTempDir } from '../support/temp-dir.ts';

const SECRET = 'ab'.repeat(32);
const NONCE = 'cd'.repeat(32);

/** A socket whose owner ends no connection, as that of a process which a signal has stopped. */
function withStopped(
  serve: (socket: Socket) => void,
  work: (dataDir: string, accepted: () => Promise<Socket>) => Promise<void>,
): Promise<void> {
  return withTempDir(async (dataDir) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    });
    const socket = join(dataDir, 's');
    server.listen(socket);
    await once(server, 'listening');
    await writeAgentFile(dataDir, { pid: process.pid, version: '0.1.0', socket, secret: SECRET });
    const first = once(server, 'connection').then(([accepted]) => accepted as Socket);
    try {
      await work(dataDir, () => first);
    } finally {
      server.close();
    }
  });
}

const options = (dataDir: string) => ({ dataDir, spawn: false, timeout: 0.05, client: 'test/1' });

/** Resolves when nobody is left at the other end to write to. */
async function abandoned(socket: Socket): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('anybody?');
  await closed;
}

describe('a client that would send more than an agent takes', () => {
  it('is told so, and that the change is why', () =>
    withStopped(greeting, async (dataDir) => {
      const client = await connectAgent({ ...options(dataDir), timeout: 20 });
      const sending = client.request('draft', {
        change: { was: {}, registry: { realm: 'x'.repeat(2 ** 20) } },
      });
      await assert.rejects(sending, { reason: 'change-too-large' });
      await client.close();
    }));
});

describe('a client of an agent that says nothing', () => {
  it('keeps no connection that would keep its process', () =>
    withStopped(
      (socket) => socket.resume(),
      async (dataDir, accepted) => {
        await assert.rejects(connectAgent(options(dataDir)), (error) => isFault(error, 'AGENT_UNAVAILABLE'));
        await abandoned(await accepted());
      },
    ));

  it('is done with it, though the agent fell silent after it had greeted', () =>
    withStopped(greeting, async (dataDir, accepted) => {
      const client = await connectAgent({ ...options(dataDir), timeout: 20 });
      await client.close();
      await abandoned(await accepted());
    }));
});

function greeting(socket: Socket): void {
  const connection = createMessageConnection(
    new StreamMessageReader(socket),
    new StreamMessageWriter(socket),
  );
  connection.onRequest('hello', ({ nonce }: HelloParams) => ({
    ...{ protocol: 1, version: '0.1.0', pid: process.pid, host: 'ws-01', realm: 'ef'.repeat(32) },
    ...{ nonce: NONCE, proof: agentProof(SECRET, nonce, NONCE) },
  }));
  connection.listen();
}
