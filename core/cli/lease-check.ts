import type { FeatureReport } from '../agent/protocol.ts';
import { PERSONAL } from '../decide/limits.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** `lease check`: 0 if a seat could be had now, 6 if all are in use, 7 if none may be had. */
export async function checkFeature(
  io: CommandIo,
  { feature: id }: { readonly feature: string },
): Promise<ExitCode> {
  const agent = await io.agent();
  const features = await agent.request('features', {});
  const feature = features.find((one) => one.id === id);
  const { exit, text } = verdict(id, feature);
  const { fromSetUp = null, time = [] } = feature ?? {};
  const warnings = exit === EXIT.notEntitled ? [] : time.filter(({ state }) => state !== 'open');
  if (!io.out.quiet) {
    const data = { feature: id, available: exit === EXIT.success, exit, reason: text, fromSetUp, time };
    io.out.show('FeatureCheck', data, () => [
      `${io.out.tone(exit === EXIT.success ? '✓' : '✗', exit === EXIT.success ? 'green' : 'red')} ${text}`,
      ...(fromSetUp === null
        ? []
        : [`  ${counted(fromSetUp, 'day')} from set-up, which is the first lease here`]),
      ...warnings.map(({ sentence }) => `${io.out.tone('!', 'yellow')} ${sentence}`),
    ]);
  }
  return exit;
}

function verdict(id: string, feature: FeatureReport | undefined): { exit: ExitCode; text: string } {
  if (feature === undefined)
    return { exit: EXIT.notEntitled, text: `${id} is not a feature of this configuration` };
  const free = feature.lot - feature.inUse;
  if (feature.reason !== null && feature.reason !== 'no-seat' && !PERSONAL.has(feature.reason)) {
    const why = feature.time?.find(({ allow, state }) => !allow && state === feature.reason)?.sentence;
    return {
      exit: EXIT.notEntitled,
      text: `${id} cannot be used here: ${why ?? feature.reason.replaceAll('-', ' ')}`,
    };
  }
  if (feature.reason !== null || free <= 0) {
    return {
      exit: EXIT.noSeat,
      text: `no seat of ${id} is free: ${feature.inUse} of ${feature.lot} in use here`,
    };
  }
  return { exit: EXIT.success, text: `${id} has ${free} of ${feature.lot} seats free here` };
}
