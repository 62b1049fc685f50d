import { Level } from 'level';
import { withTempDir } from './temp-dir.ts';

/** A write that reached LevelDB's binding: the method by which, and whether the disk was to have it before the answer. */
interface LevelWrite {
  readonly by: string;
  readonly sync: boolean;
}

type Method = (...args: readonly unknown[]) => unknown;
type Methods = Record<string, Method>;

/** The private methods that hand a write to the binding, with the place of its options. They are where no wrapper of ours can drop an option any more. */
const DOORS: readonly (readonly [of: 'database' | 'batch', by: string, options: number])[] = [
  ['batch', '_write', 0],
  ['database', '_put', 2],
  ['database', '_del', 1],
  ['database', '_batch', 1],
  ['database', '_clear', 0],
];

/** Notes every write of every LevelDB of this process while the work is done. */
export async function levelWritesOf(work: () => Promise<void>): Promise<readonly LevelWrite[]> {
  const classes = await prototypes();
  const writes: LevelWrite[] = [];
  const undo = DOORS.map(([of, by, at]) => {
    const holder = classes[of];
    const original = holder[by];
    if (original === undefined) throw new Error(`expected classic-level to write by ${by}`);
    holder[by] = function (this: unknown, ...args: readonly unknown[]) {
      writes.push({ by, sync: (args[at] as { sync?: boolean } | undefined)?.sync === true });
      return original.apply(this, args as unknown[]);
    };
    return () => {
      holder[by] = original;
    };
  });
  try {
    await work();
  } finally {
    for (const restore of undo) restore();
  }
  return writes;
}

async function prototypes(): Promise<Readonly<Record<'database' | 'batch', Methods>>> {
  let found: Readonly<Record<'database' | 'batch', Methods>> | null = null;
  await withTempDir(async (directory) => {
    const db = new Level(directory);
    await db.open();
    const batch = db.batch();
    found = { database: holderOf(db, '_put'), batch: holderOf(batch, '_write') };
    await batch.close();
    await db.close();
  });
  if (found === null) throw new Error('expected a database');
  return found;
}

/** The prototype, nearest first, that has the method itself. */
function holderOf(instance: object, method: string): Methods {
  let holder: object | null = Object.getPrototypeOf(instance);
  while (holder !== null && !Object.hasOwn(holder, method)) holder = Object.getPrototypeOf(holder);
  if (holder === null) throw new Error(`expected a class with ${method}`);
  return holder as Methods;
}
