import type { Answer } from '../engine/effect.ts';
import type { Command } from '../engine/input.ts';
import { isoTime } from '../state/period.ts';
import type { Seconds } from '../units.ts';
import type { Methods } from './protocol.ts';
import { RequestRefused } from './request-error.ts';
import {
  decideSchedule,
  nextRun,
  readSchedule,
  type Schedule,
  scheduleFrom,
  writeSchedule,
} from './schedule.ts';

/** Recurring publication as a duty of this agent. */
export interface Scheduler {
  readonly isSet: boolean;
  report(): Methods['schedule']['result'];
  /** Sets or clears it. Throws RequestRefused for an expression that is none, and Fault as `writeSchedule`. */
  set(cron: string | null, message: string): Promise<void>;
  /** To be called about once a second: publishes when a run is due. */
  tick(): Promise<void>;
}

/** What a scheduler works with. */
interface SchedulerOptions {
  readonly path: string;
  readonly timeZone: string;
  wall(): Seconds;
  submit(command: Command): Promise<Answer>;
  /** A run has come to something. */
  changed(): void;
}

/** The scheduler of what is kept in the file. */
export async function loadScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { changed, path, submit, timeZone, wall } = options;
  let schedule = await readSchedule(path);

  async function keep(next: Schedule | null): Promise<void> {
    await writeSchedule(path, next);
    schedule = next;
  }

  return {
    get isSet() {
      return schedule !== null;
    },
    report() {
      if (schedule === null) return { cron: null, message: '', next: null, last: null };
      const { cron, last, message } = schedule;
      const next = nextRun(cron, wall(), timeZone);
      return { cron, message, next: next.ok ? next.value : null, last };
    },
    async set(cron, message) {
      if (cron === null) {
        if (schedule !== null) await keep(null);
        return;
      }
      const made = scheduleFrom(cron, message, wall(), timeZone);
      if (!made.ok) throw new RequestRefused(made.reason, made.detail ?? cron);
      await keep(made.value);
    },
    async tick() {
      const now = wall();
      const due = schedule;
      if (due === null || decideSchedule(due, now, timeZone).do === 'wait') return;
      // Noted before it is done: after a crash in between it is not done twice.
      await keep({ ...due, since: now, last: `${isoTime(now)} begun` });
      const answer = await submit({ do: 'publish', message: due.message, expect: null });
      await keep({ ...due, since: now, last: `${isoTime(now)} ${outcome(answer)}` });
      changed();
    },
  };
}

function outcome(answer: Answer): string {
  if (!answer.ok) return `${answer.reason}: ${answer.detail}`;
  if (answer.kind !== 'published') return answer.kind;
  const { needed, signatures, version } = answer;
  return signatures < needed
    ? `signed version ${version}, which waits for ${needed - signatures} more of ${needed} signatures`
    : `published version ${version}`;
}
