import type { Seconds } from '../units.ts';
import { command, foresee, mustBeAllowed } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { draftLines } from './draft.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showExactly } from './moment.ts';
import { Denied, Refusal } from './refusal.ts';
import { type Goal, reach, showReached } from './rollout-goal.ts';

/** How many times to come a dry run shows. */
const SHOWN_RUNS = 3;

/** What `config publish` is told. */
export interface PublishOptions {
  readonly message?: string;
  readonly expect?: number;
  readonly wait?: Goal;
  readonly schedule?: string;
  readonly unschedule?: boolean;
  readonly dryRun?: boolean;
}

/** `config publish`: proposes the draft as the next version, signed; or arranges that this happens by itself. */
export async function publish(io: CommandIo, options: PublishOptions): Promise<ExitCode> {
  if (options.unschedule === true) return arrange(io, null, '', options.dryRun === true);
  const { message } = options;
  if (message === undefined || message.trim() === '') {
    throw new Refusal('USAGE', 'expected a message that says what changes and why', 'add -m "…"');
  }
  if (options.schedule !== undefined) return arrange(io, options.schedule, message, options.dryRun === true);
  const agent = await io.agent();
  const draft = await agent.request('draft', {});
  const wanted = { do: 'publish', message, expect: options.expect ?? null } as const;
  const isEmpty = draft.changes.length + draft.newcomers.length === 0;
  const isStale = options.expect !== undefined && options.expect !== draft.base;
  // Whoever may not publish gains nothing by another draft; where the agent is asked below, it says so itself.
  if (isEmpty || isStale || draft.problems.length > 0) await mustBeAllowed(io, wanted);
  if (isStale) {
    throw new Denied('conflict', `expected v${options.expect} as the newest version, it is v${draft.base}`);
  }
  if (draft.problems.length > 0) {
    for (const { path, text } of draft.problems) io.out.warn(`${path}: ${text}`);
    throw new Refusal('INVALID_REGISTRY', `the draft has ${counted(draft.problems.length, 'problem')}`);
  }
  if (isEmpty) throw new Denied('nothing-to-publish');
  if (options.dryRun === true) {
    const foreseen = await foresee(io, wanted);
    const version = foreseen.kind === 'published' ? foreseen.version : draft.base + 1;
    io.out.show('PublishPlan', { ...draft, version, message }, () => [
      `Would sign v${version} on v${draft.base}: ${message}`,
      ...draftLines(io, draft),
    ]);
    return EXIT.success;
  }
  const published = await command(io, wanted, 'published');
  const { admitted, candidate, needed, signatures } = published;
  const data = { version: published.version, candidate, signatures, needed, admitted, message };
  io.out.piece('Published', data, () => [
    `${io.out.tone('✓', 'green')} Signed v${published.version} as ${candidate.slice(0, 12)}: ${message}`,
    ...admitted.map((id) => `  ${id} becomes a member`),
  ]);
  if (signatures < needed) {
    io.out.note(
      `${signatures} of ${needed} signatures: other issuers run leasehold config sign ${candidate.slice(0, 12)}`,
    );
  }
  if (options.wait === undefined) {
    io.out.note('Follow: leasehold rollout watch');
    return EXIT.success;
  }
  showReached(io, await reach(io, published.version, options.wait), options.wait);
  return EXIT.success;
}

async function arrange(io: CommandIo, cron: string | null, message: string, dry: boolean): Promise<ExitCode> {
  const { nextRun, scheduleFrom } = await import('../agent/schedule.ts');
  if (cron !== null) {
    const made = scheduleFrom(cron, message, io.now(), io.timeZone);
    if (!made.ok) throw new Denied(made.reason, made.detail);
  }
  const agent = await io.agent();
  // Nobody looks on when a duty fails.
  if (cron !== null) await mustBeAllowed(io, { do: 'publish', message, expect: null });
  if (dry) {
    const runs: Seconds[] = [];
    while (cron !== null && runs.length < SHOWN_RUNS) {
      const next = nextRun(cron, runs.at(-1) ?? io.now(), io.timeZone);
      if (!next.ok || next.value === null) break;
      runs.push(next.value);
    }
    io.out.show('SchedulePlan', { cron, message, runs }, () =>
      cron === null
        ? ['Would publish no more by itself']
        : [
            'Would publish the draft by itself, if it has changed, next at:',
            ...runs.map((run) => `  ${showExactly(run, io.timeZone)}`),
          ],
    );
    return EXIT.success;
  }
  const set = await agent.request('schedule', { cron, message });
  io.out.show('Schedule', set, () => [
    cron === null
      ? `${io.out.tone('✓', 'green')} Publishes no more by itself`
      : `${io.out.tone('✓', 'green')} Publishes by itself, next at ${showExactly(set.next, io.timeZone)}`,
  ]);
  if (cron !== null) io.out.note('This host does it, while its agent runs; as a service it always does');
  return EXIT.success;
}
