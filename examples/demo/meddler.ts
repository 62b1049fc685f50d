import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { Hash, LogId } from '../../core/units.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { prepareRecord } from '../../core/wire/record.ts';
import { type Records, recordsIn } from './records.ts';

/** Looks at what has come, 20 ms apart, at most. */
const LOOKS = 500;

/** What the stock client saw. */
interface Followed {
  readonly records: Records;
  readonly followed: number;
  readonly logs: number;
}

/**
 * Follows a room as any Yjs client would, a plain Y.Doc over the stock provider; unless `harmless`, it then deletes all
 * that it sees and pushes a record under somebody else's log id.
 */
export async function meddle(options: {
  readonly url: string;
  readonly room: string;
  readonly token: string;
  readonly records: number;
  readonly harmless?: boolean;
}): Promise<Followed> {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(options.url, options.room, doc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    params: { token: options.token },
    disableBc: true,
  });
  const logs = () => [...Y.decodeStateVector(Y.encodeStateVector(doc)).keys()];
  const count = () => logs().reduce((sum, log) => sum + doc.getArray(String(log)).length, 0);
  if (!provider.synced) await new Promise((resolve) => provider.once('sync', resolve));
  // What never comes is for whoever compares to tell.
  for (let look = 0; look < LOOKS && count() < options.records; look++) await pause(20);
  const seen: Followed = { records: recordsIn(doc, logs()), followed: count(), logs: logs().length };
  if (options.harmless !== true) {
    const [victim = 1] = logs();
    const closed = new Promise((resolve) => provider.once('connection-close', resolve));
    doc.transact(() => {
      for (const log of logs()) doc.getArray(String(log)).delete(0, doc.getArray(String(log)).length);
    });
    await closed;
    await forge(options, victim);
  }
  provider.destroy();
  doc.destroy();
  return seen;
}

/** Appends a record that its author never signed to somebody's log, in exactly the bytes that Yjs would send. */
async function forge(options: { url: string; room: string; token: string }, victim: number): Promise<void> {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(options.url, options.room, doc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    params: { token: options.token },
    disableBc: true,
  });
  if (!provider.synced) await new Promise((resolve) => provider.once('sync', resolve));
  const log = doc.getArray<Uint8Array[]>(String(victim));
  const last = log.get(log.length - 1)?.[0] ?? new Uint8Array();
  const forged = prepareRecord({
    realm: options.room as Hash,
    log: victim as LogId,
    seq: log.length,
    prev: hashOf(Uint8Array.from(last)),
    type: 'heads',
    body: new Map<string, CborValue>([
      ['whole', true],
      ['next', new Map()],
    ]),
  });
  const own = doc.clientID;
  doc.clientID = victim;
  log.push([[forged.seal(new Uint8Array(64).fill(7))]]);
  doc.clientID = own;
  provider.destroy();
  doc.destroy();
}
