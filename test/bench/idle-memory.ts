import { join } from 'node:path';
import { withTempDir } from '../support/temp-dir.ts';
import { type FilledRoom, fill, filledRoom } from './filled-relay.ts';
import { atMost, type Bench, median, type Row, repeat } from './row.ts';
import { type ServerKind, type ServerProcess, startServer } from './server-process.ts';
import { type BenchSocket, connectInStep } from './socket.ts';

const CONNECTIONS = [250, 1000] as const;
const WARM_UP = 500;
/** What V8 sets aside for new objects grows to 32 MB with the bustle of connecting, and is no connection's: here it stays. */
const SMALL_NURSERY = '--max-semi-space-size=1';
const RECORD_BYTES = 400;
const KIB = 1024;

/** Resident memory of a server per connection that is in step and silent. */
export const idleMemory: Bench = {
  name: 'idle-memory',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const records of quick ? [0] : [0, 20_000]) {
      for (const connections of CONNECTIONS) {
        rows.push(await withTempDir((temp) => memoryWith(temp, records, connections, quick ? 1 : 3)));
      }
    }
    return rows;
  },
};

async function memoryWith(temp: string, records: number, connections: number, rounds: number): Promise<Row> {
  const room = await filledRoom(join(temp, 'relay'), 'memory', records, RECORD_BYTES);
  return {
    what: `per connection of ${connections.toLocaleString('en')}, room of ${room.records.toLocaleString('en')} records`,
    value: median(await repeat(rounds, () => perConnection('relay', join(temp, 'relay'), room, connections))),
    unit: 'KiB',
    reach: connections === 1000 ? atMost(12) : null,
    stock: median(await repeat(rounds, () => perConnection('stock', undefined, room, connections))),
    grows: {
      figure: `per connection, room of ${room.records.toLocaleString('en')} records`,
      over: 'connections',
      at: connections,
    },
  };
}

async function perConnection(
  kind: ServerKind,
  directory: string | undefined,
  room: FilledRoom,
  connections: number,
): Promise<number> {
  const server = await startServer(kind, directory, [SMALL_NURSERY]);
  await fill(server, room);
  // What a server allocates for its first visitors it does not allocate again.
  const first = await gather(server, room, WARM_UP);
  const before = await server.memory();
  const sockets = await gather(server, room, connections);
  const after = await server.memory();
  await Promise.all([...first, ...sockets].map((socket) => socket.close()));
  await server.stop();
  return (after - before) / connections / KIB;
}

/** Connections of peers that lack nothing. */
async function gather(server: ServerProcess, room: FilledRoom, count: number): Promise<BenchSocket[]> {
  const runs = [...room.realm.runs(), ...room.runs];
  const have = new Map(runs.map(({ log, from, records }) => [log, from + records.length]));
  const sockets: BenchSocket[] = [];
  for (let i = 0; i < count; i++) {
    sockets.push(await connectInStep(server.room(room.realm.id, room.token), have, () => undefined));
  }
  return sockets;
}
