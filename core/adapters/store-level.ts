import { statfs } from 'node:fs/promises';
import { Level } from 'level';
import { Fault } from '../errors.ts';
import type { Store, StoreRange, StoreWrite } from '../ports.ts';
import { makeDirectory } from './make-directory.ts';
import { storeFault } from './store-fault.ts';

/** The layout of the keys that this version writes; a directory of a later one is left alone. */
export const STORE_SCHEMA = 1;

/** Sorts before every key of the rooms, which are printable, so that no range over them meets it. */
const SCHEMA_KEY = '\u0000schema';
const FIRST_KEY = '\u0001';

/** What a walk reads at once: each reading is a visit to the thread pool, where syncs and signatures wait too. */
const WALK_BYTES = 256 * 1024;
const WALK_ENTRIES = 1000;

type Db = Level<string, Uint8Array>;

/**
 * The store over LevelDB in this directory, made with mode 0700 if it is missing.
 * The directory is locked against every other process until `close` resolves.
 * A batch that fails leaves it readable, and the next one goes through once there is space.
 * Throws Fault STORE_LOCKED, STORE_UNWRITABLE, STORE_CORRUPT, STORE_NEWER, DISK_FULL or STORE_FAILED.
 */
export async function openLevelStore(directory: string): Promise<Store> {
  const db: Db = await faulted(async () => {
    await makeDirectory(directory);
    const opened = new Level<string, Uint8Array>(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
    await opened.open();
    return opened;
  });
  try {
    await faulted(() => checkSchema(db));
  } catch (fault) {
    await db.close();
    throw fault;
  }
  let isSuspect = false;
  let isClosed = false;
  let settling: Promise<void> | null = null;

  /**
   * After a write that failed, LevelDB does not know how much of it stands at the end of its log, and what it appended
   * there could be lost with it; opening it anew settles that. Until there is space for it, what is on disk can be read.
   */
  async function settle(): Promise<void> {
    if (!(await hasSpace(directory))) throw new Fault('DISK_FULL', { detail: directory });
    await db.close();
    await db.open();
    isSuspect = false;
  }

  async function write(writes: readonly StoreWrite[]): Promise<void> {
    if (isSuspect) {
      settling ??= settle().finally(() => {
        settling = null;
      });
      await settling;
    }
    try {
      await writeAll(db, writes);
    } catch (error) {
      isSuspect = !isClosed;
      throw error;
    }
  }

  return {
    get: (key) =>
      faulted(async () => {
        const value = await db.get(key);
        return value === undefined ? undefined : plain(value);
      }),
    range: (range) => walk(db, range),
    batch: (writes) => faulted(() => write(writes)),
    close() {
      isClosed = true;
      isSuspect = false;
      return faulted(() => db.close());
    },
  };
}

/** Bytes that LevelDB may write while it opens: the table of a whole log. */
const SPACE_TO_OPEN = 8 * 1024 * 1024;

async function hasSpace(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= SPACE_TO_OPEN;
}

async function checkSchema(db: Db): Promise<void> {
  const found = await db.get(SCHEMA_KEY);
  if (found === undefined) {
    for await (const key of db.keys({ limit: 1 })) {
      throw new Fault('STORE_CORRUPT', {
        detail: `expected a schema number, came the key ${JSON.stringify(key)}`,
      });
    }
    await db.put(SCHEMA_KEY, new TextEncoder().encode(String(STORE_SCHEMA)), { sync: true });
    return;
  }
  const text = new TextDecoder().decode(found);
  if (!/^[1-9][0-9]{0,8}$/.test(text)) {
    throw new Fault('STORE_CORRUPT', { detail: `expected a schema number, came ${JSON.stringify(text)}` });
  }
  if (Number(text) > STORE_SCHEMA) {
    throw new Fault('STORE_NEWER', { detail: `expected schema ${STORE_SCHEMA} at most, came ${text}` });
  }
}

async function* walk(db: Db, range: StoreRange): AsyncGenerator<readonly [string, Uint8Array]> {
  const gte = range.from < FIRST_KEY ? FIRST_KEY : range.from;
  const iterator = await faulted(async () =>
    db.iterator({ gte, lt: range.to, highWaterMarkBytes: WALK_BYTES }),
  );
  try {
    let next = iterator.nextv(WALK_ENTRIES);
    for (;;) {
      const entries = await faulted(() => next);
      if (entries.length === 0) return;
      // The disk is read on while the caller works; whoever stops here does not hear what becomes of it.
      next = iterator.nextv(WALK_ENTRIES);
      next.catch(() => undefined);
      for (const [key, value] of entries) yield [key, plain(value)];
    }
  } finally {
    await iterator.close();
  }
}

/** LevelDB gives a Buffer, whose `slice` shares memory where that of a Uint8Array copies. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A chained batch: an array of operations costs level an object and its options for each. */
async function writeAll(db: Db, writes: readonly StoreWrite[]): Promise<void> {
  const batch = db.batch();
  for (const { key, value } of writes) {
    if (value === null) batch.del(key);
    else batch.put(key, value);
  }
  await batch.write({ sync: true });
}

async function faulted<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFault(error);
  }
}
