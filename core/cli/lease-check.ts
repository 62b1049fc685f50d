import type { FeatureReport } from '../agent/protocol.ts';
import type { Foresight } from '../engine/foresight.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { DENIAL_ENDINGS, EXIT, type ExitCode } from './exit-codes.ts';
import { foreseen, userOf } from './lease-request.ts';

/** What `lease check` is told. */
export interface CheckOptions {
  readonly user?: string;
}

/** What is known of the feature, if it is one, and what the agent would answer a user who asked for it. */
interface Found {
  readonly id: string;
  readonly user: string;
  readonly feature: FeatureReport | undefined;
  readonly answer: Foresight;
}

/** `lease check`: 0 if a user could have a seat now, 6 if those that this user may have are in use, 7 if none may be had. */
export async function checkFeature(
  io: CommandIo,
  options: CheckOptions & { readonly feature: string },
): Promise<ExitCode> {
  const { feature: id } = options;
  const user = userOf(io, options.user);
  const agent = await io.agent();
  const features = await agent.request('features', {});
  const feature = features.find((one) => one.id === id);
  const process = { tool: 'shell', pid: io.parent, startTime: io.startOf(io.parent) };
  const answer = await foreseen(io, { feature: id, user, process, tie: 'process', wait: false });
  const { exit, text } = verdict({ id, user, feature, answer });
  const { fromSetUp = null, time = [] } = feature ?? {};
  const warnings = exit === EXIT.notEntitled ? [] : time.filter(({ state }) => state !== 'open');
  if (!io.out.quiet) {
    const data = { feature: id, user, available: answer.ok, exit, reason: text, fromSetUp, time };
    io.out.show('FeatureCheck', data, () => [
      `${io.out.tone(answer.ok ? '✓' : '✗', answer.ok ? 'green' : 'red')} ${text}`,
      ...(fromSetUp === null
        ? []
        : [`  ${counted(fromSetUp, 'day')} from set-up, which is the first lease here`]),
      ...warnings.map(({ sentence }) => `${io.out.tone('!', 'yellow')} ${sentence}`),
    ]);
  }
  return exit;
}

function verdict({ answer, feature, id, user }: Found): { exit: ExitCode; text: string } {
  if (answer.ok) {
    const { inUse = 0, lot = 0 } = feature ?? {};
    return { exit: EXIT.success, text: `${id} can be had by ${user}: ${inUse} of ${lot} seats in use here` };
  }
  const { detail, reason } = answer;
  if (DENIAL_ENDINGS[reason].exit === 'noSeat') {
    const why = detail === '' ? reason.replaceAll('-', ' ') : detail;
    return { exit: EXIT.noSeat, text: `no seat of ${id} is free for ${user}: ${why}` };
  }
  const { notEntitled: exit } = EXIT;
  if (reason === 'unknown-feature') return { exit, text: `${id} is not a feature of this configuration` };
  const sentence = feature?.time?.find(({ allow, state }) => !allow && state === reason)?.sentence;
  return { exit, text: `${id} cannot be used here: ${sentence ?? withDetail(reason, detail)}` };
}

function withDetail(reason: string, detail: string): string {
  const words = reason.replaceAll('-', ' ');
  return detail === '' ? words : `${words}: ${detail}`;
}
