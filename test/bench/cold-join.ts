import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../core/adapters/clock-system.ts';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { groupCommit } from '../../core/adapters/group-commit.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { openRuntime, type Runtime } from '../../core/runtime/runtime.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { type FilledRoom, fill, fillAndStop, filledRoom } from './filled-relay.ts';
import { atMost, type Bench, median, type Reach, type Row } from './row.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { ASK_ALL, connect, messageIn } from './socket.ts';

/** Records, and what DESIGN asks for at that many, in milliseconds. */
interface Size {
  readonly count: number;
  readonly wire: Reach | null;
  readonly disk: Reach | null;
}

const SIZES: readonly Size[] = [
  { count: 1000, wire: null, disk: null },
  { count: 10_000, wire: null, disk: null },
  { count: 50_000, wire: atMost(300), disk: null },
  { count: 100_000, wire: null, disk: atMost(2500) },
];
const RECORD_BYTES = 400;

/** Somebody who has nothing gets everything from a server that was just started. */
export const coldJoin: Bench = {
  name: 'cold-join',
  async run({ quick }) {
    const rows: Row[] = [];
    const rounds = quick ? 1 : 3;
    for (const size of quick ? SIZES.slice(0, 2) : SIZES) {
      rows.push(...(await withTempDir((temp) => joinOf(temp, size, rounds))));
    }
    return rows;
  },
};

async function joinOf(temp: string, { count, wire, disk }: Size, rounds: number): Promise<Row[]> {
  const relay = join(temp, 'relay');
  const stock = join(temp, 'stock');
  await mkdir(stock);
  const room = await filledRoom(relay, `join-${count}`, count, RECORD_BYTES);
  await fillAndStop('relay', relay, room);
  await fillAndStop('stock', stock, room);
  const onWire: number[] = [];
  const onDisk: number[] = [];
  const stockCold: number[] = [];
  for (let round = 0; round < rounds; round++) {
    onWire.push(await fromCold('relay', relay, (server) => received(server, room)));
    stockCold.push(await fromCold('stock', stock, (server) => received(server, room)));
    onDisk.push(await fromCold('relay', relay, (server) => taken(server, room, join(temp, `host-${round}`))));
  }
  const warm = await startServer('stock');
  await fill(warm, room);
  const stockWarm = await received(warm, room);
  await warm.stop();
  const of = `${count.toLocaleString('en')} records of ${RECORD_BYTES} B`;
  const seconds = median(onDisk) / 1000;
  const over = (figure: string) => ({ grows: { figure, over: 'records', at: count } });
  return [
    {
      ...row(`${of}, on the wire; stock loads from level`, median(onWire), wire, median(stockCold)),
      ...over('on the wire'),
    },
    row(`${of}, on the wire; stock has them in memory`, median(onWire), null, stockWarm),
    { ...row(`${of}, verified and on the host's disk`, median(onDisk), disk), ...over('on disk') },
    { what: `${of}, verified and on disk a second`, value: count / seconds, unit: '/ s', reach: null },
  ];
}

function row(what: string, value: number, reach: Reach | null, stock?: number): Row {
  return { what, value, unit: 'ms', reach, ...(stock === undefined ? {} : { stock }) };
}

async function fromCold(
  kind: 'relay' | 'stock',
  directory: string,
  work: (server: ServerProcess) => Promise<number>,
): Promise<number> {
  const server = await startServer(kind, directory);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** Milliseconds from connecting to the last byte of step 2. */
async function received(server: ServerProcess, room: FilledRoom): Promise<number> {
  const sizes: number[] = [];
  const start = performance.now();
  const end = await download(server, room, (update) => sizes.push(update.length));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes < room.records * RECORD_BYTES * 0.5) throw new Error(`expected all records, got ${bytes} bytes`);
  return end - start;
}

/** Milliseconds from connecting to the last record verified and synced by a host. */
async function taken(server: ServerProcess, room: FilledRoom, directory: string): Promise<number> {
  const runtime = await newHost(room, directory);
  const work: Promise<readonly unknown[]>[] = [];
  const start = performance.now();
  await download(server, room, (update) => work.push(runtime.update(update)));
  await Promise.all(work);
  const end = performance.now();
  let held = 0;
  for (const log of runtime.model.state.ledger.logs.values()) held += log.length;
  if (held < room.records - 1) throw new Error(`expected ${room.records} records, got ${held}`);
  await runtime.close();
  await rm(directory, { recursive: true });
  return end - start;
}

async function download(
  server: ServerProcess,
  room: FilledRoom,
  take: (update: Uint8Array) => void,
): Promise<number> {
  let last: (at: number) => void = () => undefined;
  const synced = new Promise<number>((resolve) => {
    last = resolve;
  });
  const socket = await connect(server.room(room.realm.id, room.token), (frame) => {
    const message = messageIn(frame);
    if (message.type === 'update' || message.type === 'step2') take(message.update);
    if (message.type === 'step2') last(performance.now());
  });
  socket.send(ASK_ALL);
  const end = await synced;
  await socket.close();
  return end;
}

async function newHost(room: FilledRoom, directory: string): Promise<Runtime> {
  const store = groupCommit(await openLevelStore(directory));
  const newcomer = await room.realm.invite('newcomer');
  return openRuntime({
    ...{ store, crypto: nodeCrypto, signer: newcomer.signer, clock: systemClock() },
    ...{ realm: room.realm.id, log: newcomer.log, opening: [] },
    ...{ probe: async () => false, counter: { read: async () => 0, write: async () => undefined } },
    ...{ event: () => undefined, publish: () => undefined },
    fault(error) {
      throw error;
    },
  });
}
