import type { Effect } from '../../core/engine/effect.ts';
import type { Command, Input } from '../../core/engine/input.ts';
import type { Model } from '../../core/engine/model.ts';
import { step } from '../../core/engine/step.ts';
import { USAGE_PREFIX } from '../../core/engine/usage-store.ts';
import { knownFrom } from '../../core/runtime/arrivals.ts';
import { sealRecords } from '../../core/runtime/own-log.ts';
import type { TimeView } from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';
import type { RigHost } from './host-rig.ts';
import { nodeCrypto } from './keys.ts';

/** Gives the engine one input and lists its effects in words, those that its own records bring about below them. */
export async function play({ log, runtime: { model }, signer }: RigHost, input: Input): Promise<string[]> {
  const effects = withoutUsage(step(model, input));
  const said = effects.map(inWords);
  const appends = effects.filter((effect) => effect.kind === 'append');
  if (appends.length === 0) return said;
  const known = knownFrom(model.state.ledger, model.state.membership);
  const ports = { crypto: nodeCrypto, signer };
  const groups = await sealRecords(
    appends.map(({ record }) => record),
    log,
    known,
    ports,
  );
  const records = groups.flatMap((group, i) => {
    const call = appends[i]?.call ?? null;
    return group.map((record, at) => ({ record, call: at === group.length - 1 ? call : null }));
  });
  return [
    ...said,
    ...(await play({ log, runtime: { model }, signer } as RigHost, { kind: 'appended', records })),
  ];
}

/** Effects without what is kept of the present hour's use, which goes along with everything else. */
export function withoutUsage(effects: readonly Effect[]): readonly Effect[] {
  return effects.flatMap((effect): Effect[] => {
    if (effect.kind !== 'write') return [effect];
    const writes = effect.writes.filter(({ key }) => !key.startsWith(USAGE_PREFIX));
    return writes.length === 0 ? [] : [{ ...effect, writes }];
  });
}

/** A client's command as an input. */
export function ask(command: Command, client = 1): Input {
  return { kind: 'command', call: 1, client, command };
}

/** A moment: now lies between `lower` and `upper`, and this much running time has passed since the model's last. */
export function tick(model: Model, lower: number, upper: number | null = lower, passed = 1): Input {
  const time: TimeView = {
    lower: seconds(lower),
    upper: upper === null ? null : seconds(upper),
    offlineAge: seconds(0),
    conflict: false,
  };
  return { kind: 'tick', time, running: seconds(model.running + passed), boot: 'boot-1' };
}

/** One effect in words. */
export function inWords(effect: Effect): string {
  switch (effect.kind) {
    case 'append':
      return `append ${recordInWords(effect.record)}`;
    case 'write':
      return effect.writes
        .map(({ key, value }) => `${value === null ? 'delete' : 'write'} ${key}`)
        .join(', ');
    case 'probe':
      return `probe ${effect.lease.id}`;
    case 'answer': {
      const { answer } = effect;
      return answer.ok ? `answer ${answer.kind}` : `answer no: ${answer.reason}`;
    }
    case 'event': {
      const { event } = effect;
      const to = effect.to === 'all' ? 'all' : `client ${effect.to}`;
      if (event.event === 'lease') return `tell ${to} lease ${event.lease} ${event.state}`;
      if (event.event === 'rollout') return `tell ${to} version ${event.version} ${event.state}`;
      if (event.event === 'granted') return `tell ${to} ticket ${event.ticket} granted`;
      if (event.event === 'denied') return `tell ${to} ticket ${event.ticket} ${event.reason}`;
      return `tell ${to} ${event.event === 'notify' ? event.code : event.event}`;
    }
  }
}

function recordInWords(record: (Effect & { kind: 'append' })['record']): string {
  switch (record.type) {
    case 'ack':
      return `ack ${record.body.version}${record.body.candidate === null ? ' void' : ''}`;
    case 'candidate':
    case 'applied':
      return `${record.type} ${record.body.version}`;
    case 'holding':
      return `holding ${record.body.leases.map(({ id }) => id).join(' ')}`;
    case 'term':
      return `term ${record.body.class} of ${record.body.version}`;
    default:
      return record.type;
  }
}
