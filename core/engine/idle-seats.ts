import { freeSeats } from '../decide/capacity.ts';
import { keptSeats } from '../decide/limits.ts';
import { classOf, creditTerm, lotsIn, type TermSpan, termAt } from '../decide/lots.ts';
import { type LogId, type Seconds, seconds } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import { usesOf } from './checkout-question.ts';
import type { NewRecord } from './effect.ts';
import { currentLots, endsOf, lotQuestion, type Model, mayMove } from './model.ts';
import { waitingFor } from './waiting-line.ts';

/** What somebody wants: that many seats of a feature throughout a time, or fewer. */
export interface Wish {
  readonly feature: string;
  readonly wanted: number;
  readonly from: Seconds;
  readonly until: Seconds;
}

/** What a transfer says. */
export type Transfer = (NewRecord & { readonly type: 'transfer' })['body'];

/** The transfers that give as many idle seats as there are throughout the time, at most what is wished, to another log; those that came from elsewhere go first. */
export function transfersTo(model: Model, to: LogId, wish: Wish): readonly Transfer[] {
  const question = lotQuestion(model);
  const own = question === null ? null : classOf(question.applied, question.host);
  if (own === null) return [];
  const terms: (readonly Idle[])[] = [];
  for (let from = wish.from; from < wish.until; from = termAt(own.hostClass, from).until) {
    terms.push(idleSeats(model, { ...wish, from }));
  }
  const all = terms.map((idle) => idle.reduce((sum, { seats }) => sum + seats, 0));
  const wanted = Math.min(wish.wanted, ...all);
  return terms.flatMap((idle) => taken(idle, wanted, to, wish.feature));
}

function taken(idle: readonly Idle[], wanted: number, to: LogId, feature: string): readonly Transfer[] {
  const transfers: Transfer[] = [];
  let left = wanted;
  for (const { seats, source } of idle) {
    const given = Math.min(seats, left);
    if (given <= 0) continue;
    left -= given;
    transfers.push({ ...source, to, feature, seats: given, request: null });
  }
  return transfers;
}

/** Idle seats of one source: what a transfer of them names. */
export interface Idle {
  readonly seats: number;
  readonly source: Pick<Transfer, 'class' | 'term' | 'of' | 'source'>;
}

/** What this host could send away at an instant, seat by source. A host keeps what is pinned, kept for some, in use or waited for here. */
export function idleSeats(model: Model, { feature, from }: Wish): readonly Idle[] {
  const question = lotQuestion(model);
  const { lower } = model.time;
  const own = question === null ? null : classOf(question.applied, question.host);
  if (question === null || own === null || lower === null) return [];
  const start = seconds(Math.max(from, lower));
  const term = termAt(own.hostClass, start);
  const present = currentLots(model);
  const view = present.ok && present.term.index === term.index ? present : lotsIn(question, term.index);
  if (!view.ok) return [];
  const spans = view.spans(feature);
  const used = [...endsOf(model, feature), ...waitingFor(model, feature).map(() => term.until)];
  // In a term that has not begun, whoever works here now is taken to go on.
  const ends = term.from > lower ? used.map((end) => seconds(Math.max(end, term.until))) : used;
  const kept = pinnedSeats(model, feature) + keptHere(model, feature);
  const idleUntil = (until: Seconds) => freeSeats(spans, ends, start, until) - kept;
  const out: Idle[] = [];
  let promised = 0;
  for (const { seats, term: span, transfer } of creditsAt(model, feature, start)) {
    const free = Math.min(seats, idleUntil(seconds(Math.min(span.until, term.until))) - promised);
    if (free <= 0) continue;
    const { class: hostClass, of, term: index } = transfer.body;
    out.push({ seats: free, source: { class: hostClass, term: index, of, source: transfer.hash } });
    promised += free;
  }
  const lot = spans[0]?.seats ?? 0;
  const free = Math.min(lot - kept, idleUntil(term.until) - promised);
  const of = question.applied.id;
  if (free > 0) out.push({ seats: free, source: { class: own.name, term: term.index, of, source: null } });
  return out;
}

function creditsAt(model: Model, feature: string, at: Seconds) {
  const question = lotQuestion(model);
  const { credits, creditsOf } = model.state.seats;
  const out: { seats: number; term: TermSpan; transfer: Verified<'transfer'> }[] = [];
  for (const hash of creditsOf.get(model.self.log) ?? []) {
    const credit = credits.get(hash);
    if (question === null || credit === undefined || credit.transfer.body.feature !== feature) continue;
    const term = creditTerm(question, credit.transfer);
    if (term === null || term.from > at || at >= term.until || credit.seats === 0) continue;
    out.push({ seats: credit.seats, term, transfer: credit.transfer });
  }
  return out;
}

function pinnedSeats(model: Model, feature: string): number {
  const question = lotQuestion(model);
  const { registry } = model.applied?.configuration ?? {};
  const own = Object.values(registry?.reservations ?? {}).filter(
    (reservation) => reservation.pinned === true && reservation.feature === feature,
  );
  return own.filter(({ host }) => host === question?.host).reduce((sum, { seats }) => sum + seats, 0);
}

// A request does not say for whom a seat is wanted: what is kept for some would be lost to them.
function keptHere(model: Model, feature: string): number {
  const question = lotQuestion(model);
  if (model.applied === null || question === null) return 0;
  const { configuration } = model.applied;
  return keptSeats({ configuration, feature, host: question.host, uses: () => usesOf(model, feature) });
}

/** Idle seats of every feature that this host could send away now: what it tells others over presence. */
export function idleByFeature(model: Model): ReadonlyMap<string, number> {
  const { applied } = model;
  const { lower } = model.time;
  const idle = new Map<string, number>();
  if (applied === null || lower === null || !mayMove(model)) return idle;
  for (const feature of Object.keys(applied.configuration.registry.features)) {
    const wish = { feature, wanted: 1, from: lower, until: seconds(lower + 1) };
    const seats = idleSeats(model, wish).reduce((sum, each) => sum + each.seats, 0);
    if (seats > 0) idle.set(feature, seats);
  }
  return idle;
}
