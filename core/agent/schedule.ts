import { Cron } from 'croner';
import { z } from 'zod';
import { readIfThere, writeAtomically } from '../adapters/atomic-file.ts';
import { no, ok, type Result } from '../result.ts';
import { type Seconds, seconds } from '../units.ts';

/** Publication at set times. `since` is the wall clock up to which runs are done or passed over. */
export interface Schedule {
  readonly cron: string;
  readonly message: string;
  readonly since: Seconds;
  /** What the last run came to, in words; null before the first. */
  readonly last: string | null;
}

/** What is to be done about a schedule at a moment. */
type ScheduleDecision =
  | { readonly do: 'publish'; readonly due: Seconds }
  | { readonly do: 'wait'; readonly until: Seconds | null };

const PATTERN_MODE = '5-part';

/** A new schedule, or why the expression is none (five fields: minute, hour, day of month, month, day of week). */
export function scheduleFrom(
  cron: string,
  message: string,
  now: Seconds,
  timeZone: string,
): Result<Schedule, 'invalid-schedule'> {
  const next = nextRun(cron, now, timeZone);
  if (!next.ok) return next;
  // Such as the 30th of February: it would never publish and nobody would notice.
  if (next.value === null) return no('invalid-schedule', `${cron} never comes`);
  return ok({ cron, message, since: now, last: null });
}

/** Whether a run is due. However many were missed while the agent was down, one makes up for all. */
export function decideSchedule(schedule: Schedule, now: Seconds, timeZone: string): ScheduleDecision {
  // A wall clock that was set back must not hold up publication until it has caught up.
  const since = Math.min(schedule.since, now);
  const next = nextRun(schedule.cron, seconds(since), timeZone);
  if (!next.ok || next.value === null) return { do: 'wait', until: null };
  return next.value <= now ? { do: 'publish', due: next.value } : { do: 'wait', until: next.value };
}

/** The first time after an instant that an expression names; null if there is none. */
export function nextRun(
  cron: string,
  after: Seconds,
  timeZone: string,
): Result<Seconds | null, 'invalid-schedule'> {
  try {
    const job = new Cron(cron, { paused: true, timezone: timeZone, mode: PATTERN_MODE });
    const next = job.nextRun(new Date(1000 * after));
    return ok(next === null ? null : seconds(next.getTime() / 1000));
  } catch (error) {
    return no('invalid-schedule', error instanceof Error ? error.message : cron);
  }
}

const ScheduleFile = z.object({
  cron: z.string(),
  message: z.string(),
  since: z.number(),
  last: z.string().nullable(),
});

/** The schedule kept in a file; null where there is none that can be read. */
export async function readSchedule(path: string): Promise<Schedule | null> {
  const text = await readIfThere(path);
  try {
    const found = ScheduleFile.safeParse(JSON.parse(text ?? 'null'));
    return found.success ? { ...found.data, since: seconds(found.data.since) } : null;
  } catch {
    return null;
  }
}

/** Keeps the schedule, or that there is none. Throws Fault as `writeAtomically`. */
export async function writeSchedule(path: string, schedule: Schedule | null): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(schedule)}\n`);
}
