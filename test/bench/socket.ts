import { WebSocket } from 'ws';
import type { LogId } from '../../core/units.ts';
import { parseAppend, type Run } from '../../core/wire/append.ts';
import { MAX_FRAME_BYTES } from '../../core/wire/bounds.ts';
import { encodeStateVector } from '../../core/wire/state-vector.ts';
import { decodeMessage, encodeMessage, type Message } from '../../core/wire/sync.ts';

/** A client without a document: it counts, times and forgets. */
export interface BenchSocket {
  send(frame: Uint8Array): void;
  close(): Promise<void>;
}

/** Connects; frames go to `take` from the first one on. */
export async function connect(url: string, take: (frame: Uint8Array) => void): Promise<BenchSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', take);
  let closing = false;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => resolve());
    socket.on('close', (code) => {
      if (!closing) throw new Error(`the server closed a connection: ${code}`);
    });
  });
  return {
    send: (frame) => socket.send(frame),
    close() {
      closing = true;
      return new Promise((resolve) => {
        socket.on('close', () => resolve());
        socket.close();
      });
    },
  };
}

/** Sync step 1 of somebody who has nothing. */
export const ASK_ALL = encodeMessage({ type: 'step1', stateVector: encodeStateVector(new Map()) });

/** The runs in a frame; none in a frame that carries no records. */
export function runsIn(frame: Uint8Array): readonly Run[] {
  const message = messageIn(frame);
  if (message.type !== 'update' && message.type !== 'step2') return [];
  const runs = parseAppend(message.update);
  if (!runs.ok) throw new Error(`expected the append profile, got ${runs.reason}`);
  return runs.value;
}

/** The message in a frame that a server sent. */
export function messageIn(frame: Uint8Array): Message {
  const message = decodeMessage(frame, Math.max(frame.length, MAX_FRAME_BYTES));
  if (!message.ok) throw new Error(`expected a message, got ${message.reason}`);
  return message.value;
}

/** Connects and asks for what this state vector lacks; resolves when the server has answered. */
export async function connectInStep(
  url: string,
  have: ReadonlyMap<LogId, number>,
  take: (frame: Uint8Array) => void,
): Promise<BenchSocket> {
  let synced: () => void = () => undefined;
  const inStep = new Promise<void>((resolve) => {
    synced = resolve;
  });
  const socket = await connect(url, (frame) => {
    take(frame);
    if (messageIn(frame).type === 'step2') synced();
  });
  socket.send(encodeMessage({ type: 'step1', stateVector: encodeStateVector(have) }));
  await inStep;
  return socket;
}
