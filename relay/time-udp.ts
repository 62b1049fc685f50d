import { createSocket, type Socket } from 'node:dgram';
import { type LookupOneOptions, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { type ListenAt, listenFault } from './server.ts';
import type { TimeDoor } from './time-door.ts';

/** A listener for requests for time. */
export interface TimeListener {
  readonly port: number;
  /** Takes no more requests and sends no more answers. */
  close(): Promise<void>;
}

/** What the kernel may hold for us while a batch is signed; it gives less where it allows less. */
const BUFFER_BYTES = 4 * 1024 * 1024;
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/** Answers Roughtime requests over UDP (RFC 10049); what is refused gets no word, so that nobody is flooded through us. Throws Fault LISTEN_FAILED. */
export async function listenForUdp(at: ListenAt, door: TimeDoor): Promise<TimeListener> {
  const socket = await bound(at);
  socket.on('message', (packet, { address, port }) => {
    door.ask(packet, address, 'udp', (answer) => {
      // Nobody is told of a failure: an address that cannot be reached is a forged one or somebody who left.
      if (answer !== null) socket.send(answer, port, address);
    });
  });
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
}

async function bound(at: ListenAt): Promise<Socket> {
  if (at.host === '') {
    try {
      return await bind('udp6', { host: '::', port: at.port });
    } catch (error) {
      if (!NO_IPV6.has((error as NodeJS.ErrnoException).code ?? '')) throw listenFault(at, error);
    }
  }
  try {
    return await bind(isIP(at.host) === 6 ? 'udp6' : 'udp4', at);
  } catch (error) {
    throw listenFault(at, error);
  }
}

function bind(type: 'udp4' | 'udp6', { host, port }: ListenAt): Promise<Socket> {
  const socket = createSocket({ type, lookup: lookupUnlessIp, recvBufferSize: BUFFER_BYTES });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      // A refusal by some earlier receiver shows here, and is nobody's fault.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** An answer goes to an address, and the resolver would cost a turn of the loop for each. */
function lookupUnlessIp(
  host: string,
  options: LookupOneOptions,
  found: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const family = isIP(host);
  if (family === 0) lookup(host, options, found);
  else found(null, host, family);
}
