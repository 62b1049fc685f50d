import { accessOf } from '../decide/checkout.ts';
import { creditTerm } from '../decide/lots.ts';
import { memberOf } from '../state/quorum.ts';
import { hostMay } from '../state/rules.ts';
import { seconds } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import type { Effect, NewRecord } from './effect.ts';
import { transfersTo } from './idle-seats.ts';
import { lotQuestion, type Model, mayMove } from './model.ts';

/** Running time that each peer asked leaves to those before it. */
const TURN = seconds(1);

/** Makes seats that others sent to this host its own (DESIGN: seats). */
export function acceptOffers(model: Model): Effect[] {
  if (!mayMove(model)) return [];
  const { moves, offered } = model.state.seats;
  const effects: Effect[] = [];
  for (const hash of offered.get(model.self.log) ?? []) {
    const move = moves.get(hash);
    if (move?.type === 'transfer' && isOver(model, move)) continue;
    effects.push(append({ type: 'accept', body: { of: hash } }));
  }
  return effects;
}

function isOver(model: Model, transfer: Verified<'transfer'>): boolean {
  const question = lotQuestion(model);
  const term = question === null ? null : creditTerm(question, transfer);
  return term !== null && model.time.lower !== null && model.time.lower >= term.until;
}

/** Notes a request that names this host, if it is fresh: history is nobody's wish. */
export function noteRequest(model: Model, request: Verified<'seat-request'>): void {
  const { lower } = model.time;
  if (!request.body.ask.includes(model.self.log) || lower === null || lower > request.body.by) return;
  model.requests.set(request.hash, { request, since: model.running });
}

/** Sends idle seats to those who ask for them; whoever is named later waits for those before it. */
export function answerRequests(model: Model): Effect[] {
  const { lower } = model.time;
  for (const [hash, { request, since }] of model.requests) {
    const isLate = lower !== null && lower > request.body.by;
    if (isLate || model.state.seats.answered.has(hash)) {
      model.requests.delete(hash);
      continue;
    }
    const turn = request.body.ask.indexOf(model.self.log);
    if (!mayMove(model) || model.running - since < turn * TURN) continue;
    model.requests.delete(hash);
    const { feature, from, seats: wanted, until } = request.body;
    if (!mayUse(model, request, feature)) continue;
    const { transfers } = transfersTo(model, request.log, {
      feature,
      wanted,
      from: seconds(from),
      until: seconds(until),
    });
    // One at a time: what the next may give depends on what this one has given.
    if (transfers.length > 0)
      return transfers.map((body) => append({ type: 'transfer', body: { ...body, request: hash } }));
  }
  return [];
}

function mayUse(model: Model, { key, log }: Verified<'seat-request'>, feature: string): boolean {
  const { applied } = model;
  const member = applied === null ? undefined : memberOf(applied.version.roster, log, key);
  if (applied === null || member === undefined) return false;
  const access = accessOf(applied.configuration).get(feature);
  return access === undefined || hostMay(access, member.id);
}

function append(record: NewRecord): Effect {
  return { kind: 'append', record, call: null };
}
