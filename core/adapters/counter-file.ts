import { join } from 'node:path';
import { Fault } from '../errors.ts';
import type { Hash, LogId } from '../units.ts';
import { readIfThere, writeAtomically } from './atomic-file.ts';

/** The next sequence number of each own log, kept outside the data directory: a restored backup shows as a lower one. */
interface HeadCounter {
  /** The highest number that was ever kept for this log; 0 if none was. Throws Fault FILE_UNREADABLE. */
  read(log: LogId): Promise<number>;
  /**
   * Keeps the number unless a higher one is kept; resolves when it is on disk. To be called after the records are, or
   * a crash in between would look like a restored backup. Calls during a write share the next one.
   */
  raise(log: LogId, next: number): Promise<void>;
}

/** The counters of one realm in the state directory, a file for each log: no two agents write the same one. */
export function counterFile(stateDirectory: string, realm: Hash): HeadCounter {
  const kept = new Map<LogId, number>();
  const wanted = new Map<LogId, number>();
  const writing = new Map<LogId, Promise<void>>();
  const pathOf = (log: LogId) => join(stateDirectory, realm, `${log}.next`);

  async function read(log: LogId): Promise<number> {
    const path = pathOf(log);
    const text = await readIfThere(path);
    if (text === null) return 0;
    if (!/^(0|[1-9][0-9]{0,14})\n$/.test(text)) {
      throw new Fault('FILE_UNREADABLE', {
        detail: `expected a number in ${path}, came ${JSON.stringify(text)}`,
      });
    }
    return Number(text);
  }

  async function write(log: LogId): Promise<void> {
    const held = kept.get(log) ?? (await read(log));
    kept.set(log, held);
    const next = wanted.get(log) ?? held;
    if (next <= held) return;
    await writeAtomically(pathOf(log), `${next}\n`);
    kept.set(log, next);
  }

  return {
    read,
    async raise(log, next) {
      wanted.set(log, Math.max(next, wanted.get(log) ?? 0));
      while ((kept.get(log) ?? -1) < next) {
        const under =
          writing.get(log) ??
          write(log).finally(() => {
            writing.delete(log);
          });
        writing.set(log, under);
        await under;
      }
    },
  };
}
