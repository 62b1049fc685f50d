import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { atMost, type Bench, median, percentile, type Reach, type Row } from './row.ts';
import { registeredRealm, type ServedRealm } from './served-realm.ts';
import { type ServerKind, type ServerProcess, startServer } from './server-process.ts';
import { signedRun } from './signed-log.ts';
import { type BenchSocket, connect, connectInStep, runsIn } from './socket.ts';

/** How many rooms, how many connections in each (one of them writes), how many records each writer sends in a round. */
interface Shape {
  readonly rooms: number;
  readonly peers: number;
  readonly records: number;
  /** Milliseconds of server CPU per 1,000 deliveries. */
  readonly reach: Reach;
}

const SHAPES: readonly Shape[] = [
  { rooms: 1, peers: 2, records: 4000, reach: atMost(60) },
  { rooms: 1, peers: 50, records: 1500, reach: atMost(3.8) },
  { rooms: 1, peers: 200, records: 400, reach: atMost(4) },
  { rooms: 20, peers: 10, records: 400, reach: atMost(11) },
];
const RECORD_BYTES = 400;
/** Records that a writer has under way at once. */
const WINDOW = 64;
const PACED_PER_SECOND = 100;
/**
 * Turns of one record, in all rooms together, before such turns are timed. A process that has just started compiles them
 * meanwhile, on a core that the sync waits for.
 */
const WARM_UP = { full: 1500, quick: 200 } as const;
/** Long enough for a p99, and for a look. */
const PACED_SECONDS = { full: 4, quick: 1 } as const;

interface Crowd {
  readonly rooms: readonly Room[];
  readonly readers: number;
  close(): Promise<void>;
}

interface Room {
  readonly served: ServedRealm;
  readonly writer: BenchSocket;
  /** Called with the seq that a reader has seen. */
  seen: (seq: number) => void;
  tail: Run;
}

interface Load {
  /** Milliseconds of server CPU per 1,000 deliveries. */
  readonly cpu: number;
  readonly recordsPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly latencies: readonly number[];
}

/** Records from one writer per room to everybody else in it: ours verified and synced first, the stock server's neither. */
export const fanOut: Bench = {
  name: 'fan-out',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const shape of SHAPES) {
      const size = quick ? { ...shape, records: Math.ceil(shape.records / 4) } : shape;
      const form = quick ? 'quick' : 'full';
      const load = { rounds: quick ? 2 : 4, warmUp: WARM_UP[form], paced: PACED_SECONDS[form] };
      const ours = await withCrowd('relay', size, (server, crowd) => measure(server, crowd, size, load));
      const stock = await withCrowd('stock', size, (server, crowd) => measure(server, crowd, size, load));
      rows.push(...rowsOf(size, ours, stock));
    }
    return rows;
  },
};

interface Measured {
  readonly windowed: readonly Load[];
  readonly single: readonly Load[];
  readonly paced: Load;
}

async function measure(
  server: ServerProcess,
  crowd: Crowd,
  shape: Shape,
  load: { readonly rounds: number; readonly warmUp: number; readonly paced: number },
): Promise<Measured> {
  await drive(server, crowd, shape.records, closedLoop(WINDOW));
  const windowed: Load[] = [];
  for (let i = 0; i < load.rounds; i++)
    windowed.push(await drive(server, crowd, shape.records, closedLoop(WINDOW)));
  await drive(server, crowd, Math.ceil(load.warmUp / shape.rooms), closedLoop(1));
  const few = Math.ceil(shape.records / 4);
  const single = [
    await drive(server, crowd, few, closedLoop(1)),
    await drive(server, crowd, few, closedLoop(1)),
  ];
  const paced = await drive(server, crowd, PACED_PER_SECOND * load.paced, everyTenMs);
  return { windowed, single, paced };
}

function rowsOf(shape: Shape, ours: Measured, stock: Measured): Row[] {
  const of = `${shape.rooms}×${shape.peers}`;
  const mid = (loads: readonly Load[], pick: (load: Load) => number) => median(loads.map(pick));
  const row = (
    what: string,
    unit: string,
    reach: Reach | null,
    pick: (measured: Measured) => number,
  ): Row => ({
    ...{ what: `${of} ${what}`, value: pick(ours), unit, reach, stock: pick(stock) },
    ...(shape.rooms === 1 ? { grows: { figure: what, over: 'peers', at: shape.peers } } : {}),
  });
  return [
    row(`server CPU per 1,000 deliveries, ${WINDOW} records under way`, 'ms', shape.reach, ({ windowed }) =>
      mid(windowed, ({ cpu }) => cpu),
    ),
    row('the same, one record under way', 'ms', null, ({ single }) => mid(single, ({ cpu }) => cpu)),
    row(`records per second, ${WINDOW} under way`, '/ s', null, ({ windowed }) =>
      mid(windowed, ({ recordsPerSecond }) => recordsPerSecond),
    ),
    row('deliveries per second', '/ s', null, ({ windowed }) =>
      mid(windowed, ({ deliveriesPerSecond }) => deliveriesPerSecond),
    ),
    row(
      `server CPU per 1,000 deliveries at ${PACED_PER_SECOND} records / s a room`,
      'ms',
      null,
      ({ paced }) => paced.cpu,
    ),
    row('write to seen, p50 at that pace', 'ms', null, ({ paced }) => percentile(paced.latencies, 0.5)),
    row(
      'write to seen, p99 at that pace',
      'ms',
      shape.rooms === 1 && shape.peers === 50 ? atMost(5) : null,
      ({ paced }) => percentile(paced.latencies, 0.99),
    ),
  ];
}

async function withCrowd<T>(
  kind: ServerKind,
  shape: Shape,
  work: (server: ServerProcess, crowd: Crowd) => Promise<T>,
): Promise<T> {
  return withTempDir(async (temp) => {
    const directory = join(temp, 'relay');
    await mkdir(directory);
    const realms: ServedRealm[] = [];
    for (let i = 0; i < shape.rooms; i++) {
      realms.push(await registeredRealm(directory, `fan-out-${i}`, { hosts: 1, issuers: 1, voters: 1 }));
    }
    const server = await startServer(kind, kind === 'relay' ? directory : undefined);
    const crowd = await gather(server, realms, shape.peers - 1);
    try {
      return await work(server, crowd);
    } finally {
      await crowd.close();
      await server.stop();
    }
  });
}

async function gather(
  server: ServerProcess,
  realms: readonly ServedRealm[],
  readers: number,
): Promise<Crowd> {
  const sockets: BenchSocket[] = [];
  const rooms: Room[] = [];
  for (const served of realms) {
    const { realm, token } = served;
    const log = realm.logOf('host-1');
    const url = server.room(realm.id, token);
    const writer = await connect(url, () => undefined);
    writer.send(encodeMessage({ type: 'update', update: realm.update() }));
    const room: Room = { served, writer, seen: () => undefined, tail: realm.run(log) };
    for (let i = 0; i < readers; i++) sockets.push(await reader(url, room, log));
    sockets.push(writer);
    rooms.push(room);
  }
  return { rooms, readers, close: async () => void (await Promise.all(sockets.map((each) => each.close()))) };
}

function reader(url: string, room: Room, log: number): Promise<BenchSocket> {
  return connectInStep(url, new Map(), (frame) => {
    for (const run of runsIn(frame)) {
      if (run.log !== log) continue;
      for (let i = 0; i < run.records.length; i++) room.seen(run.from + i);
    }
  });
}

/** Sends `send(i)` for each record; `done` resolves a number when that many records have been seen by all. */
type Pace = (
  count: number,
  send: (i: number) => void,
  arrived: (listener: (count: number) => void) => void,
) => void;

function closedLoop(window: number): Pace {
  return (count, send, arrived) => {
    let next = 0;
    const fill = (seen: number) => {
      while (next < count && next - seen < window) send(next++);
    };
    arrived(fill);
    fill(0);
  };
}

const everyTenMs: Pace = (count, send) => {
  const start = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - start) * PACED_PER_SECOND) / 1000;
    while (next < count && next < due) send(next++);
    if (next === count) clearInterval(timer);
  }, 2);
};

async function drive(server: ServerProcess, crowd: Crowd, count: number, pace: Pace): Promise<Load> {
  const latencies: number[] = [];
  const runs = await Promise.all(
    crowd.rooms.map(({ served, tail }) => signedRun(served.realm, tail.log, count, RECORD_BYTES, tail)),
  );
  const cpuBefore = await server.cpu();
  const start = performance.now();
  await Promise.all(
    crowd.rooms.map((room, i) => driveRoom(room, runs[i] ?? room.tail, crowd.readers, pace, latencies)),
  );
  const wall = (performance.now() - start) / 1000;
  const records = count * crowd.rooms.length;
  const deliveries = records * crowd.readers;
  return {
    cpu: ((await server.cpu()) - cpuBefore) / (deliveries / 1000),
    recordsPerSecond: records / wall,
    deliveriesPerSecond: deliveries / wall,
    latencies,
  };
}

function driveRoom(room: Room, run: Run, readers: number, pace: Pace, latencies: number[]): Promise<void> {
  const frames = run.records.map((record, i) =>
    encodeMessage({
      type: 'update',
      update: encodeAppend([{ log: run.log, from: run.from + i, records: [record] }]),
    }),
  );
  room.tail = run;
  return new Promise((resolve) => {
    const sent = new Float64Array(frames.length);
    let seen = 0;
    let listener: (count: number) => void = () => undefined;
    room.seen = (seq) => {
      const at = seq - run.from;
      if (at < 0) return;
      latencies.push(performance.now() - (sent[at] ?? 0));
      seen += 1;
      if (seen % readers === 0) listener(seen / readers);
      if (seen === readers * frames.length) resolve();
    };
    const send = (i: number) => {
      sent[i] = performance.now();
      const frame = frames[i];
      if (frame !== undefined) room.writer.send(frame);
    };
    pace(frames.length, send, (listen) => {
      listener = listen;
    });
  });
}
