import WebSocket from 'ws';
import type { LogId } from '../../core/units.ts';
import { parseAppend, type Run } from '../../core/wire/append.ts';
import { decodeHello, encodeHello, helloBytes } from '../../core/wire/hello.ts';
import { decodeNotice, type Notice } from '../../core/wire/notice.ts';
import { decodeMessage, encodeMessage, type Message } from '../../core/wire/sync.ts';
import type { TestRealm } from './realm.ts';
import { questionFrame, updateFrame } from './relay-rig.ts';

/** A real connection to a relay that has said hello. */
interface RelayClient {
  readonly socket: WebSocket;
  send(frame: Uint8Array): void;
  offer(...runs: readonly Run[]): void;
  /** The first message that passes, received already or to come; rejects when the connection ends first. */
  until(passes: (message: Message) => boolean): Promise<Message>;
  /** Resolves when the relay has confirmed a log up to `next`. */
  confirmed(log: LogId, next: number): Promise<void>;
  notices(): readonly Notice[];
  /** The runs of records received, in order. */
  runs(): readonly Run[];
  /** The close code. */
  readonly closed: Promise<number>;
}

/** Where a relay listens for peers of a room. */
export function roomUrl(port: number, room: string, query = ''): string {
  return `ws://127.0.0.1:${port}/v1/sync/${room}${query}`;
}

/** Connects without a word. */
export async function dial(url: string): Promise<RelayClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const received: Message[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const closed = new Promise<number>((resolve) =>
    socket.once('close', (code) => {
      over = true;
      wake();
      resolve(code);
    }),
  );
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const message = decodeMessage(new Uint8Array(data), data.length);
    if (message.ok) received.push(message.value);
    wake();
  });
  const client: RelayClient = {
    socket,
    send: (frame) => socket.send(frame),
    offer: (...runs) => socket.send(updateFrame(...runs)),
    until: (passes) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = received.find(passes);
          if (found === undefined && !over) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error('the connection ended before the message came'));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async confirmed(log, next) {
      await client.until((message) => {
        const notice = noticeIn(message);
        return notice?.code === 'confirmed' && (notice.heads.get(log) ?? 0) >= next;
      });
    },
    notices: () => received.map(noticeIn).filter((notice) => notice !== null),
    runs: () => received.flatMap(runsIn),
    closed,
  };
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return client;
}

/** Connects, proves to hold the log's key, and asks for everything. */
export async function dialAs(port: number, realm: TestRealm, log: LogId, query = ''): Promise<RelayClient> {
  const client = await dial(roomUrl(port, realm.id, query));
  await sayHello(client, realm, log);
  client.send(questionFrame());
  return client;
}

/** Answers the relay's challenge with the log's key. */
export async function sayHello(client: RelayClient, realm: TestRealm, log: LogId): Promise<void> {
  const message = await client.until(({ type }) => type === 'hello');
  const challenge = message.type === 'hello' ? decodeHello(message.body) : null;
  if (!challenge?.ok || challenge.value.type !== 'challenge') throw new Error('expected a challenge');
  const signature = await realm.signerOf(log).sign(helloBytes(realm.id, challenge.value.nonce));
  const body = encodeHello({ type: 'answer', log, signature, protocol: 1 });
  client.send(encodeMessage({ type: 'hello', body }));
}

function noticeIn(message: Message): Notice | null {
  const notice = message.type === 'notice' ? decodeNotice(message.body) : null;
  return notice?.ok ? notice.value : null;
}

function runsIn(message: Message): readonly Run[] {
  const runs = message.type === 'step2' || message.type === 'update' ? parseAppend(message.update) : null;
  return runs?.ok ? runs.value : [];
}
