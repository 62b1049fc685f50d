import { mkdir } from 'node:fs/promises';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { registeredRealm, type ServedRealm } from './served-realm.ts';
import { type ServerKind, type ServerProcess, startServer } from './server-process.ts';
import { portionsOf, signedRun } from './signed-log.ts';
import { connect, connectInStep, runsIn } from './socket.ts';

/** A room with many records: those that made its realm, and as many of each host's log as asked for. */
export interface FilledRoom extends ServedRealm {
  readonly runs: readonly Run[];
  /** All records in it. */
  readonly records: number;
}

const HOSTS = 20;
const PORTION_BYTES = 256 * 1024;

/** Makes a realm of twenty hosts, known to the relay of this directory, whose logs hold so many records together. */
export async function filledRoom(
  directory: string,
  seed: string,
  count: number,
  recordBytes: number,
): Promise<FilledRoom> {
  await mkdir(directory, { recursive: true });
  const served = await registeredRealm(directory, seed, { hosts: HOSTS, issuers: 1, voters: 3 });
  const { realm } = served;
  const runs: Run[] = [];
  for (let i = 1; i <= HOSTS; i++) {
    const log = realm.logOf(`host-${i}`);
    runs.push(await signedRun(realm, log, Math.ceil(count / HOSTS), recordBytes));
  }
  const records = [...realm.runs(), ...runs].reduce((sum, run) => sum + run.records.length, 0);
  return { ...served, runs, records };
}

/** Brings a room's records to a server that runs, and waits until it has handed the last of them on. */
export async function fill(server: ServerProcess, { realm, token, runs }: FilledRoom): Promise<void> {
  const portions = runs.flatMap((run) => portionsOf(run, PORTION_BYTES));
  await bring(server.room(realm.id, token), [realm.runs(), ...portions.map((portion) => [portion])]);
}

/** Sends updates of these runs to a room, and waits until it has handed the last record on. */
export async function bring(url: string, updates: readonly (readonly Run[])[]): Promise<void> {
  const records = updates.flat().reduce((sum, run) => sum + run.records.length, 0);
  const logs = new Set(updates.flat().map(({ log }) => log));
  let counted = 0;
  let all: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => {
    all = resolve;
  });
  const writer = await connect(url, () => undefined);
  const first = encodeMessage({ type: 'update', update: encodeAppend(updates[0] ?? []) });
  writer.send(first);
  const witness = await connectInStep(url, new Map(), (frame) => {
    for (const run of runsIn(frame)) if (logs.has(run.log)) counted += run.records.length;
    if (counted >= records) all();
  });
  for (const update of updates.slice(1)) {
    writer.send(encodeMessage({ type: 'update', update: encodeAppend(update) }));
  }
  await complete;
  await Promise.all([witness.close(), writer.close()]);
}

/** Starts a server, fills the room, and stops the server. */
export async function fillAndStop(kind: ServerKind, directory: string, room: FilledRoom): Promise<void> {
  const server = await startServer(kind, directory);
  await fill(server, room);
  await server.stop();
}
