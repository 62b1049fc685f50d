import type { LogId, Seconds } from '../units.ts';
import { decide, mayQueue } from './admission.ts';
import { obey } from './commands.ts';
import type { Answer } from './effect.ts';
import type { Command } from './input.ts';
import type { Model } from './model.ts';
import { replacing } from './newcomers.ts';

/** Commands that a dry run can ask about: those that take a seat or sign something. */
export type Foreseeable = Extract<
  Command,
  {
    do:
      | 'checkout'
      | 'set-registry'
      | 'publish'
      | 'sign'
      | 'void'
      | 'invite'
      | 'revoke'
      | 'remove'
      | 'give'
      | 'surrender';
  }
>;

/** What a command would come to. */
export type Foresight =
  | { readonly ok: true; readonly kind: 'lease'; readonly end: Seconds }
  | { readonly ok: true; readonly kind: 'queued'; readonly position: number }
  | {
      readonly ok: true;
      readonly kind: 'published';
      readonly version: number;
      readonly admitted: readonly string[];
    }
  | { readonly ok: true; readonly kind: 'recorded'; readonly replaces?: readonly LogId[] }
  | (Answer & { readonly ok: false });

/** The call that no command has. */
const NO_CALL = 0;

/** What a command would come to at this moment, by the checks that carrying it out begins with. The model stays as it is. */
export function foresee(model: Model, command: Foreseeable): Foresight {
  if (command.do === 'checkout') return foreseeCheckout(model, command);
  const effects = obey(model, { kind: 'command', call: NO_CALL, client: 0, command });
  const admitted = model.admitted.get(NO_CALL) ?? [];
  model.admitted.delete(NO_CALL);
  for (const effect of effects) {
    if (effect.kind === 'answer' && !effect.answer.ok) return effect.answer;
    if (effect.kind === 'append' && effect.record.type === 'invite') {
      return { ok: true, kind: 'recorded', replaces: replacing(model, effect.record.body).replaces };
    }
    if (effect.kind !== 'append' || effect.record.type !== 'candidate') continue;
    return { ok: true, kind: 'published', version: effect.record.body.version, admitted };
  }
  return { ok: true, kind: 'recorded' };
}

function foreseeCheckout(model: Model, { request }: Command & { do: 'checkout' }): Foresight {
  const decision = decide(model, request);
  if (decision.allow) return { ok: true, kind: 'lease', end: decision.end };
  if (mayQueue(model, request, decision)) {
    return { ok: true, kind: 'queued', position: model.queue.length + 1 };
  }
  return { ok: false, reason: decision.reason, detail: decision.detail };
}
