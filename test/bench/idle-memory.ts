import { join } from 'node:path';
import { withTempDir } from '../support/temp-dir.ts';
import { type FilledRoom, fill, filledRoom } from './filled-relay.ts';
import { atMost, type Bench, type Row } from './row.ts';
import { type ServerKind, startServer } from './server-process.ts';
import { ASK_ALL, type BenchSocket, connect, messageIn } from './socket.ts';

const CONNECTIONS = 1000;
const RECORD_BYTES = 400;
const KIB = 1024;

/** Resident memory of a server per connection that is in step and silent. */
export const idleMemory: Bench = {
  name: 'idle-memory',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const records of quick ? [0] : [0, 20_000]) {
      rows.push(await withTempDir((temp) => memoryWith(temp, records)));
    }
    return rows;
  },
};

async function memoryWith(temp: string, records: number): Promise<Row> {
  const room = await filledRoom(join(temp, 'relay'), 'memory', records, RECORD_BYTES);
  return {
    what: `per connection of ${CONNECTIONS.toLocaleString('en')}, room of ${room.records.toLocaleString('en')} records`,
    value: await perConnection('relay', join(temp, 'relay'), room),
    unit: 'KiB',
    reach: atMost(12),
    stock: await perConnection('stock', undefined, room),
  };
}

async function perConnection(
  kind: ServerKind,
  directory: string | undefined,
  room: FilledRoom,
): Promise<number> {
  const server = await startServer(kind, directory);
  await fill(server, room);
  const url = server.room(room.realm.id, room.token);
  // What a server allocates for its first visitors it does not allocate again.
  await Promise.all((await gather(url, 100)).map((socket) => socket.close()));
  const before = await server.memory();
  const sockets = await gather(url, CONNECTIONS);
  const after = await server.memory();
  await Promise.all(sockets.map((socket) => socket.close()));
  await server.stop();
  return (after - before) / CONNECTIONS / KIB;
}

async function gather(url: string, count: number): Promise<BenchSocket[]> {
  const sockets: BenchSocket[] = [];
  for (let i = 0; i < count; i++) {
    let synced: () => void = () => undefined;
    const inStep = new Promise<void>((resolve) => {
      synced = resolve;
    });
    const socket = await connect(url, (frame) => {
      if (messageIn(frame).type === 'step2') synced();
    });
    socket.send(ASK_ALL);
    await inStep;
    sockets.push(socket);
  }
  return sockets;
}
