import { spansThrough } from '../decide/lots.ts';
import { isoTime } from '../state/period.ts';
import { entryOf } from '../state/registry.ts';
import { type LogId, type PrincipalId, seconds } from '../units.ts';
import { type Answer, answer, type Effect } from './effect.ts';
import { idleSeats, transfersTo } from './idle-seats.ts';
import type { Command } from './input.ts';
import { lotQuestion, type Model, mayMove, newestVersion } from './model.ts';

/** Sends idle seats of this host to another, for every term of it until an instant: all that are wished, or none. */
export function give(model: Model, call: number, command: Command & { readonly do: 'give' }): Effect[] {
  const { feature, seats, to, until } = command;
  const { lower } = model.time;
  if (!mayMove(model) || lower === null) return refuse(call, 'restricted', MAY_NOT_MOVE);
  const log = hostLog(model, to);
  if (log === null || log === model.self.log) return refuse(call, 'not-found', `no other host ${to}`);
  const features = model.applied?.configuration.registry.features ?? {};
  if (entryOf(features, feature) === undefined) return refuse(call, 'not-found', `no feature ${feature}`);
  if (until <= (model.time.upper ?? lower)) return refuse(call, 'malformed', 'that time is past');
  const gift = transfersTo(model, log, { feature, wanted: seats, from: lower, until });
  if (gift.seats < seats) {
    const detail = `${gift.seats} of ${seats} seats of ${feature} can leave this host until then`;
    const question = lotQuestion(model);
    const certain = question === null ? until : spansThrough(question, feature, lower, until).certain;
    if (certain >= until) return refuse(call, 'no-seat', detail);
    return refuse(
      call,
      'no-term',
      `${detail}: the voters have opened its terms until ${isoTime(certain)} only`,
    );
  }
  const { transfers, until: back } = gift;
  return [
    ...transfers.map((body): Effect => ({ kind: 'append', record: { type: 'transfer', body }, call: null })),
    answer(call, { ok: true, kind: 'moved', seats, records: transfers.length, until: back }),
  ];
}

/** Sends seats that came from other hosts and are idle now back to them, those that are borrowed no longer among them. */
export function surrender(
  model: Model,
  call: number,
  { feature }: Command & { readonly do: 'surrender' },
): Effect[] {
  const { lower } = model.time;
  if (!mayMove(model) || lower === null) return refuse(call, 'restricted', MAY_NOT_MOVE);
  const idle = idleSeats(model, { feature, from: lower, until: seconds(lower + 1) });
  const records = idle.flatMap(({ seats, source }): Effect[] => {
    const body = source.source === null ? null : { transfer: source.source, seats };
    return body === null ? [] : [{ kind: 'append', record: { type: 'surrender', body }, call: null }];
  });
  if (records.length === 0) {
    return refuse(call, 'not-found', `no idle seat of ${feature} here came from another host`);
  }
  const back = idle.filter(({ source }) => source.source !== null).reduce((sum, { seats }) => sum + seats, 0);
  return [...records, answer(call, { ok: true, kind: 'moved', seats: back, records: records.length })];
}

const MAY_NOT_MOVE =
  'this host may move no seats now: it is no member, has not compared its log, or a version waits';

function hostLog(model: Model, host: PrincipalId): LogId | null {
  const member = newestVersion(model)?.roster.members.get(host);
  return member?.kind === 'host' ? (member.logs[0]?.log ?? null) : null;
}

function refuse(call: number, reason: (Answer & { ok: false })['reason'], detail: string): Effect[] {
  return [answer(call, { ok: false, reason, detail })];
}
