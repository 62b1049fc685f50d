import { z } from 'zod';
import { readIfThere, writeAtomically } from '../adapters/atomic-file.ts';
import { isLogId, type LogId, type Seconds, seconds } from '../units.ts';

/** When anything of each log was last received, by the wall clock: a hint to show, never evidence. */
export interface Presence {
  lastSeen(log: LogId): Seconds | null;
  note(log: LogId, wall: Seconds): void;
  /** Writes what has been noted since the last time, if anything. Throws Fault as `writeAtomically`. */
  save(): Promise<void>;
}

const PresenceFile = z.record(z.string().regex(/^\d{1,10}$/), z.number());

/** The presence kept in a file; one that cannot be read is forgotten. */
export async function loadPresence(path: string): Promise<Presence> {
  const seen = await readSeen(path);
  let changed = false;
  return {
    lastSeen: (log) => seen.get(log) ?? null,
    note(log, wall) {
      seen.set(log, wall);
      changed = true;
    },
    async save() {
      if (!changed) return;
      changed = false;
      await writeAtomically(path, `${JSON.stringify(Object.fromEntries(seen))}\n`);
    },
  };
}

async function readSeen(path: string): Promise<Map<LogId, Seconds>> {
  const seen = new Map<LogId, Seconds>();
  for (const [name, at] of Object.entries(parsed(await readIfThere(path)))) {
    const log = Number(name);
    if (isLogId(log)) seen.set(log, seconds(at));
  }
  return seen;
}

function parsed(text: string | null): Record<string, number> {
  try {
    const found = PresenceFile.safeParse(JSON.parse(text ?? '{}'));
    return found.success ? found.data : {};
  } catch {
    return {};
  }
}
