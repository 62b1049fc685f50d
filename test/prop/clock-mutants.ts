import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { loadHostTime } from '../../core/runtime/host-time.ts';
import { type Law, LawBroken, live } from './clock-laws.ts';
import { type ClockCode, history } from './clock-machine.ts';

/** A fault put into the code of the clock: every place is replaced, and each must be there exactly once. */
interface ClockMutant {
  readonly name: string;
  readonly clock?: readonly (readonly [was: string, is: string])[];
  readonly countsSuspend?: boolean;
  /** The laws of which any may be the first to break. */
  readonly breaks: readonly Law[];
}

const PASSIVE = 'if (seen.passive === true)';

const MUTANTS: readonly ClockMutant[] = [
  {
    name: 'gossip lowers U',
    clock: [
      [
        `${PASSIVE}\n        return add(elapse(clock, seen.at, seen.boot), seen, true, null);`,
        `${PASSIVE}\n        return add(elapse(clock, seen.at, seen.boot), { ...seen, passive: false, sentAt: seen.at, receivedAt: seen.at }, true, null);`,
      ],
    ],
    breaks: ['passive', 'upper-true'],
  },
  {
    name: 'L anchored at sending',
    clock: [['seen.at : seen.receivedAt) * (1 - MAX_DRIFT)', 'seen.at : seen.sentAt) * (1 - MAX_DRIFT)']],
    breaks: ['lower-true'],
  },
  {
    name: 'U anchored at receipt',
    clock: [['seen.sentAt * (1 + MAX_DRIFT)', 'seen.receivedAt * (1 + MAX_DRIFT)']],
    breaks: ['upper-true'],
  },
  {
    name: 'the maximum in place of the (f + 1)-th largest lower bound',
    clock: [['lowers.sort((a, b) => b - a)[reading.liars]', 'lowers.sort((a, b) => b - a)[0]']],
    breaks: ['lower-true'],
  },
  {
    name: 'the minimum in place of the (f + 1)-th smallest upper bound',
    clock: [['uppers.sort((a, b) => a - b)[reading.liars]', 'uppers.sort((a, b) => a - b)[0]']],
    breaks: ['upper-true', 'no-conflict'],
  },
  {
    name: 'the youngest offline age in place of the (f + 1)-th',
    clock: [['ages.sort((a, b) => a - b)[reading.liars]', 'ages.sort((a, b) => a - b)[0]']],
    breaks: ['age-least'],
  },
  {
    name: 'no drift',
    clock: [['export const MAX_DRIFT = 1e-3;', 'export const MAX_DRIFT = 0;']],
    breaks: ['lower-true', 'upper-true'],
  },
  { name: 'suspend ignored', countsSuspend: false, breaks: ['upper-true'] },
  {
    name: 'U kept with unknown boot',
    clock: [
      ['const boot = stored.boot ?? undefined;', 'const boot = stored.boot;'],
      ['boot !== undefined && seen.boot === boot, ageAtZero', 'seen.boot === boot, ageAtZero'],
    ],
    breaks: ['upper-true', 'load-equal', 'lower-true'],
  },
  {
    name: 'old uptime added twice',
    clock: [['running >= clock.seen ? 0 : clock.seen', 'running >= clock.seen ? clock.seen : clock.seen']],
    breaks: ['age-most'],
  },
  {
    name: 'the offline age forgotten at a restart',
    clock: [
      [
        'seen.boot === boot, ageAtZero, passed)',
        'seen.boot === boot, ageAtZero === null ? null : seconds(-stored.seen), passed)',
      ],
    ],
    breaks: ['age-least'],
  },
  {
    name: 'no limit on the round trip',
    clock: [['took >= 0 && took <= MAX_ANSWER', 'took >= 0']],
    breaks: ['age-least'],
  },
  {
    name: 'lower bounds of earlier boots lost',
    clock: [['Math.max(bound(floor), lower === null ? 0', 'Math.max(0, lower === null ? 0']],
    breaks: ['never-back', 'no-extension'],
  },
  {
    name: 'what elapsed before a reboot lost with it',
    clock: [
      ['floor: standing(kept, clock.seen)', 'floor: kept.floor'],
      ['const floor = standing(kept, clock.seen)', 'const floor = kept.floor'],
    ],
    breaks: ['never-back'],
  },
  {
    name: 'one relay counted as a quorum',
    clock: [
      [
        'lowers.push(Math.max(bound(floor), lower === null ? 0 : lowerAt(lower, running)))',
        'lowers.push(bound(floor), lower === null ? bound(floor) : lowerAt(lower, running))',
      ],
    ],
    breaks: ['lower-true'],
  },
];

describe('a clock with a fault put in', () => {
  for (const mutant of MUTANTS) {
    it(`is caught: ${mutant.name}`, async () => {
      const code = await codeOf(mutant);
      const found = await fc.check(
        fc.asyncProperty(history, (given) => live(code, given)),
        { numRuns: 5000, seed: 1, endOnFailure: true },
      );
      const error = found.errorInstance;
      ok(error instanceof LawBroken, `every law held: ${error}`);
      deepStrictEqual(mutant.breaks.includes(error.law), true, error.message);
    });
  }
});

const CORE = new URL('../../core/', import.meta.url);

async function codeOf({ clock = [], countsSuspend = true }: ClockMutant): Promise<ClockCode> {
  let code = readFileSync(new URL('state/clock.js', CORE), 'utf8');
  for (const [was, is] of clock) {
    strictEqual(code.split(was).length, 2, `the clock's code has once: ${was}`);
    code = code.replace(was, () => is);
  }
  const changed = moduleOf(code, 'state/');
  const host = readFileSync(new URL('runtime/host-time.js', CORE), 'utf8');
  const { loadHostTime: load } = (await import(
    moduleOf(host.replace("'../state/clock.js'", `'${changed}'`), 'runtime/')
  )) as { loadHostTime: typeof loadHostTime };
  return { load, countsSuspend };
}

/** The address of a module with this code, as if it stood in that folder of the core. */
function moduleOf(code: string, folder: string): string {
  const base = new URL(folder, CORE);
  const absolute = code.replace(/from '(\.[^']+)'/g, (_, path: string) => `from '${new URL(path, base)}'`);
  return `data:text/javascript,${encodeURIComponent(absolute).replaceAll("'", '%27')}`;
}
