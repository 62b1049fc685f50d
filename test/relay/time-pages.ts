import assert from 'node:assert/strict';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import { decodeResponse } from '../../core/wire/roughtime-response.ts';
import { makeRealm } from '../support/realm.ts';
import { withRelay } from '../support/relay-server.ts';

const BODY = encodeRequest({ versions: [1], nonce: new Uint8Array(32).fill(7), server: null });
const ORIGIN = { origin: 'https://plotter.example' };

/** Asks a relay for a page of another origin, which may read only what the answer lets it read. */
async function askedFrom(
  settings: Readonly<Record<string, unknown>>,
  ask: (get: (path: string, options?: RequestInit) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const realm = await makeRealm('pages', { hosts: 1, issuers: 1, voters: 1 });
  await withRelay(realm, settings, ({ port }) =>
    ask((path, options) => fetch(`http://127.0.0.1:${port}${path}`, { headers: ORIGIN, ...options })),
  );
}

const readable = ({ headers }: Response) => headers.get('access-control-allow-origin');

describe('A page of another origin', () => {
  it('may ask for signed time, read the answer, and see that it was refused', () =>
    askedFrom({}, async (get) => {
      const answer = await get('/v1/time', { method: 'POST', body: BODY });
      assert.deepEqual([answer.status, readable(answer)], [200, '*']);
      assert(decodeResponse(new Uint8Array(await answer.arrayBuffer())).ok);
      const refused = await get('/v1/time', { method: 'POST', body: 'nonsense' });
      assert.deepEqual([refused.status, readable(refused)], [400, '*']);
    }));

  it('is told beforehand that it may post, and no credentials are let in', () =>
    askedFrom({}, async (get) => {
      const preflight = await get('/v1/time', { method: 'OPTIONS' });
      const allowed = ['methods', 'headers', 'credentials'].map((what) =>
        preflight.headers.get(`access-control-allow-${what}`),
      );
      assert.deepEqual([preflight.status, readable(preflight)], [204, '*']);
      assert.deepEqual(allowed, ['POST', 'content-type', null]);
    }));

  it('may read nothing else', () =>
    askedFrom({}, async (get) => {
      for (const path of ['/livez', '/readyz?verbose', '/version', '/v1/sync/x', '/v1/times', '/'])
        for (const method of ['GET', 'OPTIONS'])
          assert.equal(readable(await get(path, { method })), null, `${method} ${path}`);
    }));

  it('is not invited where no time is signed', () =>
    askedFrom({ time: 'off' }, async (get) => {
      for (const method of ['OPTIONS', 'POST']) {
        const answer = await get('/v1/time', { method });
        assert.deepEqual([answer.status, readable(answer)], [405, null]);
      }
    }));
});
