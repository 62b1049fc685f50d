import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { MAX_ROOM_NAME, MAX_ROUGHTIME_BYTES } from '../../core/wire/bounds.ts';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import type { RunningRelay } from '../../relay/compose.ts';
import { readConfig } from '../../relay/config.ts';
import { DEFAULT_LIMITS } from '../../relay/limits.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';
import { dial, dialAs, roomUrl } from '../support/relay-client.ts';
import { withRelay } from '../support/relay-server.ts';
import { type StockClient, stockClient } from '../support/stock-client.ts';

interface World {
  readonly realm: TestRealm;
  readonly relay: RunningRelay;
  readonly token: string;
}

async function inWorld(
  seed: string,
  settings: Readonly<Record<string, unknown>>,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const realm = await makeRealm(seed, { hosts: 1, issuers: 1, voters: 1 });
  await withRelay(realm, settings, (relay, token) => work({ realm, relay, token }));
}

/** What the other clients of a provider are, once somebody among them passes. */
async function others(
  client: StockClient,
  passes: (states: readonly unknown[]) => boolean,
): Promise<readonly unknown[]> {
  const { awareness } = client.provider;
  for (;;) {
    const states = [...awareness.getStates()]
      .filter(([id]) => id !== client.doc.clientID)
      .map(([, state]) => state as unknown);
    if (passes(states)) return states;
    await new Promise((resolve) => awareness.once('change', resolve));
  }
}

describe('the doors of a relay', () => {
  it('open to room names of so many characters, and are not there for longer ones', () =>
    inWorld('names', {}, async ({ relay }) => {
      equal(await (await dial(roomUrl(relay.port, 'a'.repeat(MAX_ROOM_NAME)))).closed, 4404);
      const longer = dial(roomUrl(relay.port, 'a'.repeat(MAX_ROOM_NAME + 1)));
      equal(
        await longer.then(
          () => 'open',
          (error: Error) => error.message,
        ),
        'Unexpected server response: 404',
      );
    }));

  it('let so many connections in and no more, until one has gone', () =>
    inWorld('full', { 'max-peers': 2 }, async ({ realm, relay }) => {
      const founder = realm.logOf('issuer-1');
      const [first, second] = [
        await dialAs(relay.port, realm, founder),
        await dialAs(relay.port, realm, founder),
      ];
      equal(await (await dial(roomUrl(relay.port, realm.id))).closed, 4513);
      first.socket.close();
      await first.closed;
      const next = await dialAs(relay.port, realm, founder);
      await next.until(({ type }) => type === 'step2');
      for (const { socket } of [second, next]) socket.close();
      await Promise.all([second.closed, next.closed]);
    }));

  it('take a request for time of so many bytes, and break off a longer one', () =>
    inWorld('time', {}, async ({ relay }) => {
      const request = { versions: [1], nonce: new Uint8Array(32), server: null };
      const post = (bytes: number) =>
        fetch(`http://127.0.0.1:${relay.port}/v1/time`, {
          method: 'POST',
          body: encodeRequest(request, bytes - 12),
        }).then(
          ({ status }) => status,
          () => 'broken off',
        );
      equal(await post(MAX_ROUGHTIME_BYTES), 200);
      equal(await post(MAX_ROUGHTIME_BYTES + 4), 'broken off');
    }));

  it('have the bounds that the settings say when nobody says anything', () => {
    const verdict = readConfig({}, {}, null);
    const { config } = verdict.ok ? verdict : { config: null };
    deepEqual(
      [
        config?.['max-message-bytes'],
        config?.['max-queue-bytes'],
        config?.['rate-limit'],
        config?.['hello-timeout'],
      ],
      [
        DEFAULT_LIMITS.frameBytes,
        DEFAULT_LIMITS.queueBytes,
        DEFAULT_LIMITS.framesPerSecond,
        DEFAULT_LIMITS.helloSeconds,
      ],
    );
    deepEqual({ records: config?.['quota-records'], bytes: config?.['quota-bytes'] }, DEFAULT_LIMITS.quota);
  });

  it('show the presence of stock Yjs clients to each other, and that it has ended', () =>
    inWorld('presence', {}, async ({ realm, relay, token }) => {
      const [first, second] = [
        stockClient(relay.port, realm.id, token),
        stockClient(relay.port, realm.id, token),
      ];
      await Promise.all([first.synced(), second.synced()]);
      first.provider.awareness.setLocalState({ name: 'first' });
      second.provider.awareness.setLocalState({ name: 'second' });
      deepEqual(await others(second, (states) => states.length === 1), [{ name: 'first' }]);
      deepEqual(await others(first, (states) => states.length === 1), [{ name: 'second' }]);
      const { ws } = first.provider;
      const left = once(ws as unknown as NodeJS.EventEmitter, 'close');
      (ws as unknown as { terminate(): void }).terminate();
      first.provider.shouldConnect = false;
      await left;
      deepEqual(await others(second, (states) => states.length === 0), []);
      const third = stockClient(relay.port, realm.id, token);
      deepEqual(await others(third, (states) => states.length === 1), [{ name: 'second' }]);
      for (const client of [first, second, third]) client.end();
    }));
});
