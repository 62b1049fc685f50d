import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_ROUGHTIME_BYTES } from '../core/wire/bounds.ts';
import { PROTOCOL } from '../core/wire/hello.ts';
import type { TimeDoor } from './time-door.ts';
import { VERSION } from './version.ts';

/** One thing that has to hold for a relay to be ready. */
export interface Check {
  readonly name: string;
  ok(): Promise<boolean>;
}

/** What the plain HTTP pages show. */
interface PageOptions {
  readonly checks: readonly Check[];
  readonly door: TimeDoor | null;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** What a browser asks before it posts for a page of another origin. */
const PREFLIGHT = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type',
  'access-control-max-age': '86400',
};

/** Answers the public listener's plain requests: `/livez`, `/readyz`, `/healthz`, `/version`, `POST /v1/time`. */
export function pages(options: PageOptions): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const isTime = path === '/v1/time' && options.door !== null;
    // A page of any origin may ask: the answer is public, signed, and the same for whoever asks.
    if (isTime) response.setHeader('access-control-allow-origin', '*');
    if (isTime && request.method === 'OPTIONS') {
      request.resume();
      response.writeHead(204, PREFLIGHT);
      response.end();
      return;
    }
    if (request.method === 'POST' && path === '/v1/time' && options.door !== null) {
      answerTime(options.door, request, response);
      return;
    }
    request.resume();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply(response, 405, TEXT, 'method not allowed\n');
      return;
    }
    switch (path) {
      case '/livez':
        reply(response, 200, TEXT, 'ok\n');
        break;
      case '/readyz':
      case '/healthz':
        void readiness(options.checks, new URLSearchParams(query).has('verbose')).then(({ ok, text }) =>
          reply(response, ok ? 200 : 503, TEXT, text),
        );
        break;
      case '/version':
        reply(
          response,
          200,
          JSON_TYPE,
          `${JSON.stringify({ name: 'leasehold-relay', version: VERSION, protocol: PROTOCOL })}\n`,
        );
        break;
      default:
        reply(response, 404, TEXT, 'not found\n');
    }
  };
}

/** Whether all checks hold, and a line for each of them when asked. A check that throws does not hold. */
export async function readiness(
  checks: readonly Check[],
  verbose: boolean,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const results = await Promise.all(
    checks.map(async ({ name, ok }) => ({ name, ok: await ok().catch(() => false) })),
  );
  const ok = results.every((result) => result.ok);
  const lines = results.map((result) => (result.ok ? `[+]${result.name} ok` : `[-]${result.name} failed`));
  const verdict = ok ? 'ok' : 'not ready';
  return { ok, text: `${(verbose ? [...lines, verdict] : [verdict]).join('\n')}\n` };
}

/** Ends a response with a text. */
export function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

function answerTime(door: TimeDoor, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const address = request.socket.remoteAddress ?? '';
  request.on('error', () => response.destroy());
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_ROUGHTIME_BYTES) chunks.push(chunk);
    else request.destroy();
  });
  request.on('end', () => {
    const answered = (packet: Uint8Array | null) => {
      if (packet === null) return reply(response, 400, TEXT, 'expected a Roughtime request\n');
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
      response.end(packet);
    };
    const refused = door.ask(new Uint8Array(Buffer.concat(chunks)), address, 'http', answered);
    if (refused === 'rate' || refused === 'busy') reply(response, 429, TEXT, 'too many requests\n');
    else if (refused !== null) answered(null);
  });
}
