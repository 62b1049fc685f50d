import { isDeepStrictEqual } from 'node:util';
import { MAX_DRIFT, type TimeView } from '../../core/state/clock.ts';
import {
  type ClockCode,
  type ClockEvent,
  type ClockHistory,
  type Machine,
  machine,
} from './clock-machine.ts';

/** What no history may break, by name. */
const LAWS = {
  'lower-true': 'now is not before L',
  'upper-true': 'now is not after U',
  'no-wall': 'the wall clock has no influence',
  'rtc-bound': 'where a class allows the wall clock it is an upper bound, never below L',
  passive: 'a passive token neither moves U nor resets the offline age',
  'never-back': 'L never goes back, over crashes and reboots either, but when the disk is restored',
  'no-extension': 'once every honest relay has said that an instant is past, it is',
  'load-equal': 'saving and loading does not raise L',
  'age-least': 'the offline age counts all the time that the host has worked without an answer',
  'age-most': 'the offline age counts no time that has not passed since the last answer',
  'no-conflict': 'f liars cannot make the bounds exclude each other',
} as const;

/** The name of a law. */
export type Law = keyof typeof LAWS;

/** A law that a history breaks. */
export class LawBroken extends Error {
  readonly law: Law;

  constructor(law: Law, detail: string) {
    super(`${law} (${LAWS[law]}): ${detail}`);
    this.law = law;
  }
}

/** What doubles and whole milliseconds on the disk lose. */
const ROUNDING = 0.1;
const LOADS: ReadonlySet<ClockEvent['kind']> = new Set<ClockEvent['kind']>(['restart', 'reboot', 'restore']);

/** Lives a history with the code given, and throws `LawBroken` at the first law that it breaks. */
export async function live(code: ClockCode, given: ClockHistory): Promise<void> {
  const host = await machine(code, given);
  let kept = 0;
  for (const what of given.events) {
    const earlier = host.view(0);
    const before = host.truth;
    await host.begin(what);
    if (LOADS.has(what.kind))
      checkLoad(earlier, host.view(0), what.kind === 'restore' ? 0 : host.truth - before);
    const untold = host.view(0);
    host.end();
    const after = host.view(0);
    if (host.told?.passive === true) check('passive', sameOutside(untold, after), shown(untold, after));
    // A disk of before and a crash may lose what was not noted; all else must stand.
    const crashed = 'clean' in what && !what.clean;
    if (what.kind === 'restore') kept = 0;
    else if (!crashed)
      check('never-back', (after.lower ?? 0) >= (earlier.lower ?? 0) - ROUNDING, shown(earlier, after));
    check('never-back', (after.lower ?? 0) >= kept - ROUNDING, `${after.lower} after ${kept} on the disk`);
    if (host.told !== null || what.kind === 'note' || what.kind === 'snapshot') kept = after.lower ?? 0;
    checkNow(host, after);
  }
}

function checkNow(host: Machine, view: TimeView): void {
  const { lower, upper, offlineAge } = view;
  check('lower-true', lower === null || lower <= host.truth + ROUNDING, `${lower} at ${host.truth}`);
  check('upper-true', upper === null || upper >= host.truth - ROUNDING, `${upper} at ${host.truth}`);
  const apart = lower !== null && upper !== null && lower - upper > ROUNDING;
  check('no-conflict', !view.conflict || !apart, `${lower} to ${upper}`);
  const past = host.reference.past();
  check('no-extension', past === null || (lower ?? 0) >= past - ROUNDING, `${lower} after ${past}`);
  const { least, most } = host.reference.age();
  const drifted = most * (1 + 2 * MAX_DRIFT);
  check('age-least', offlineAge >= least - ROUNDING, `${offlineAge} of ${least}`);
  check('age-most', offlineAge <= drifted + ROUNDING, `${offlineAge} of ${most}`);
  for (const wall of [-1e12, host.truth, 1e12]) {
    check('no-wall', isDeepStrictEqual(host.view(wall), view), `wall ${wall}`);
    const rtc = host.rtc(wall);
    const fair = upper !== null || lower === null || rtc.upper === Math.max(lower, wall);
    check('rtc-bound', fair && rtc.lower === lower && rtc.offlineAge === offlineAge, `wall ${wall}`);
  }
}

function checkLoad(before: TimeView, after: TimeView, passed: number): void {
  const most = (before.lower ?? 0) + passed + ROUNDING;
  const raised = after.lower !== null && before.lower !== null && after.lower > most;
  check('load-equal', !raised && !(before.lower === null && after.lower !== null), shown(before, after));
}

function sameOutside(a: TimeView, b: TimeView): boolean {
  return a.upper === b.upper && a.offlineAge === b.offlineAge && (b.lower ?? 0) >= (a.lower ?? 0);
}

function check(law: Law, holds: boolean, detail: string): void {
  if (!holds) throw new LawBroken(law, detail);
}

function shown(before: TimeView, after: TimeView): string {
  return `${JSON.stringify(before)}, then ${JSON.stringify(after)}`;
}
