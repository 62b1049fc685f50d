import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import { packetCutter } from '../../relay/packet-cutter.ts';
import { type Queue, queue } from './queue.ts';

/** A request of version 1 whose nonce is the number, over and over, in a message of 1,024 bytes or of those given. */
export function timeRequest(
  number: number,
  more: { readonly server?: Uint8Array; readonly versions?: readonly number[]; readonly bytes?: number } = {},
): Uint8Array {
  const nonce = new Uint8Array(32);
  new DataView(nonce.buffer).setUint32(0, number);
  return encodeRequest(
    { versions: more.versions ?? [1], nonce, server: more.server ?? null },
    more.bytes ?? 1024,
  );
}

/** Somebody who asks for time over UDP. */
export interface UdpClient {
  readonly answers: Queue<Uint8Array>;
  send(packet: Uint8Array): void;
  close(): void;
}

/** A UDP client of a port on the loopback. */
export async function udpClient(port: number): Promise<UdpClient> {
  const socket = createSocket('udp4');
  const answers = queue<Uint8Array>();
  socket.on('message', (packet) => answers.put(new Uint8Array(packet)));
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return { answers, send: (packet) => socket.send(packet), close: () => socket.close() };
}

/** Somebody who asks for time over TCP. */
interface TcpClient {
  readonly answers: Queue<Uint8Array>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<unknown>;
  readonly socket: Socket;
}

/** A TCP client of a port on the loopback. */
export async function tcpClient(port: number): Promise<TcpClient> {
  const socket = connect(port, '127.0.0.1');
  const answers = queue<Uint8Array>();
  const cut = packetCutter();
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    for (const packet of cut(chunk) ?? []) answers.put(packet);
  });
  await once(socket, 'connect');
  return { answers, closed, socket };
}
