import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TimeAuthority } from './time-authority.ts';

/** A relay that does nothing but answer `POST /v1/time`, at the time that a test sets. */
export interface TimeServer {
  readonly url: string;
  readonly key: string;
  /** What it signs. */
  at: number;
  /** Requests answered so far. */
  answered: number;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback. */
export async function timeServer(authority: TimeAuthority, at: number): Promise<TimeServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'POST' || request.url !== '/v1/time') return void response.writeHead(404).end();
    const answer = await authority.answer(time.at, new Uint8Array(Buffer.concat(chunks)));
    time.answered += 1;
    response.end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const time: TimeServer = {
    ...{ url: `ws://127.0.0.1:${port}`, key: authority.key, at, answered: 0 },
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return time;
}
