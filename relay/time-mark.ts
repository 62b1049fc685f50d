import { readIfThere, writeAtomically } from '../core/adapters/atomic-file.ts';
import { Fault } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { type Seconds, seconds } from '../core/units.ts';
import { TIME_MARK_KEY } from './store-keys.ts';
import type { TimeKeeperOptions } from './time.ts';

const DIGITS = /^(0|[1-9][0-9]{0,14})\n?$/;

/** The highest time ever signed, in the store and in a file outside it: a restored store must not make signed time go backwards. */
export function timeMark(store: Store, path: string): TimeKeeperOptions['mark'] {
  return {
    async load() {
      const stored = await store.get(TIME_MARK_KEY);
      const marks = [stored === undefined ? null : new TextDecoder().decode(stored), await readIfThere(path)];
      const known = marks.filter((text) => text !== null).map((text) => read(text, path));
      return known.length === 0 ? null : seconds(Math.max(...known));
    },
    async save(mark) {
      await store.batch([{ key: TIME_MARK_KEY, value: new TextEncoder().encode(String(mark)) }]);
      await writeAtomically(path, `${mark}\n`);
    },
  };
}

function read(text: string, path: string): Seconds {
  if (!DIGITS.test(text)) {
    const detail = `expected seconds in ${path} and in the store, came ${JSON.stringify(text.slice(0, 32))}`;
    throw new Fault('FILE_UNREADABLE', { detail });
  }
  return seconds(Number(text));
}
