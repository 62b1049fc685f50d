import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

/** A client that knows Yjs and nothing of us. */
export interface StockClient {
  readonly doc: Y.Doc;
  readonly provider: WebsocketProvider;
  /** Resolves when the provider says that it has everything. */
  synced(): Promise<void>;
  end(): void;
}

/** Connects with a read token, as any Yjs program does. */
export function stockClient(port: number, room: string, token: string): StockClient {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`ws://127.0.0.1:${port}/v1/sync`, room, doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  });
  return {
    ...{ doc, provider },
    async synced() {
      if (!provider.synced) await new Promise((resolve) => provider.once('sync', resolve));
    },
    end() {
      provider.destroy();
      doc.destroy();
    },
  };
}
