import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { MAX_FRAME_BYTES } from '../../core/wire/bounds.ts';
import { decodeMessage, encodeMessage } from '../../core/wire/sync.ts';

/** Somebody before a relay who lets everything pass, or all but records. */
export interface WithholdingDoor {
  readonly url: string;
  /** From now on whoever comes in gets no record; what is signed passes unchanged, signed time with it. */
  withhold(): void;
  /** Lets everything pass again; whoever got no records is sent away, to come in anew. */
  open(): void;
  close(): Promise<void>;
}

/** An update without a record: nobody who gets it as an answer is told that anything is missing. */
const NOTHING = Uint8Array.of(0, 0);

/** Listens on a free port of the loopback before the relay at this address. */
export async function withholdingDoor(relay: string): Promise<WithholdingDoor> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const kept = new Set<WebSocket>();
  let withholds = false;
  server.on('connection', (inner, request) => {
    const outer = new WebSocket(`${relay}${request.url ?? ''}`, { perMessageDeflate: false });
    const passes = !withholds;
    if (!passes) kept.add(inner);
    const ready = once(outer, 'open');
    ready.catch(() => inner.terminate());
    inner.on('message', (frame: Buffer) => void ready.then(() => outer.send(frame)).catch(() => undefined));
    outer.on('message', (frame: Buffer) => {
      const seen = passes ? new Uint8Array(frame) : withoutRecords(new Uint8Array(frame));
      if (seen !== null) inner.send(seen);
    });
    outer.on('error', () => inner.terminate());
    outer.on('close', () => inner.terminate());
    inner.on('close', () => {
      kept.delete(inner);
      outer.terminate();
    });
  });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    withhold: () => {
      withholds = true;
    },
    open: () => {
      withholds = false;
      for (const socket of kept) socket.terminate();
    },
    close: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

function withoutRecords(frame: Uint8Array): Uint8Array | null {
  const message = decodeMessage(frame, MAX_FRAME_BYTES);
  if (!message.ok) return frame;
  if (message.value.type === 'update') return null;
  return message.value.type === 'step2' ? encodeMessage({ type: 'step2', update: NOTHING }) : frame;
}
