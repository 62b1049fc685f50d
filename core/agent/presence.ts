import { z } from 'zod';
import { readIfThere, writeAtomically } from '../adapters/atomic-file.ts';
import { type Hash, isHash, isLogId, type LogId, type Seconds, seconds } from '../units.ts';

/** When anything of each log was last received, of a newcomer's own when a relay confirmed it, and each restriction first, by the wall clock: a hint to show, never evidence. */
interface Presence {
  lastSeen(log: LogId): Seconds | null;
  note(log: LogId, wall: Seconds): void;
  /** When a restriction was first seen; one that is new here is seen now, so that nobody is told of it without its time. */
  firstSeen(restriction: Hash, wall: Seconds): Seconds;
  /** Writes what has been noted since the last time, if anything. Throws Fault as `writeAtomically`. */
  save(): Promise<void>;
}

const PresenceFile = z.record(z.string().regex(/^(\d{1,10}|[0-9a-f]{64})$/), z.number());

/** The presence kept in a file; one that cannot be read is forgotten. */
export async function loadPresence(path: string): Promise<Presence> {
  const { first, seen } = await readSeen(path);
  let changed = false;
  return {
    lastSeen: (log) => seen.get(log) ?? null,
    note(log, wall) {
      seen.set(log, wall);
      changed = true;
    },
    firstSeen(restriction, wall) {
      const before = first.get(restriction);
      if (before !== undefined) return before;
      first.set(restriction, wall);
      changed = true;
      return wall;
    },
    async save() {
      if (!changed) return;
      changed = false;
      await writeAtomically(path, `${JSON.stringify(Object.fromEntries([...seen, ...first]))}\n`);
    },
  };
}

async function readSeen(path: string) {
  const seen = new Map<LogId, Seconds>();
  const first = new Map<Hash, Seconds>();
  for (const [name, at] of Object.entries(parsed(await readIfThere(path)))) {
    const log = Number(name);
    if (isHash(name)) first.set(name, seconds(at));
    else if (isLogId(log)) seen.set(log, seconds(at));
  }
  return { first, seen };
}

function parsed(text: string | null): Record<string, number> {
  try {
    const found = PresenceFile.safeParse(JSON.parse(text ?? '{}'));
    return found.success ? found.data : {};
  } catch {
    return {};
  }
}
