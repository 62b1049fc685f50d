import { freeSeats } from '../decide/capacity.ts';
import { keptSeats } from '../decide/limits.ts';
import { classOf, creditTerm, lotsIn, spansThrough, type TermSpan, termAt } from '../decide/lots.ts';
import { type LogId, type Seconds, seconds } from '../units.ts';
import { usesOf } from './checkout-question.ts';
import type { NewRecord } from './effect.ts';
import { endsOf, lotQuestion, type Model, mayMove } from './model.ts';
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

/** How many seats some transfers move throughout the time wished, and the transfers. */
interface Gift {
  readonly seats: number;
  readonly transfers: readonly Transfer[];
  /** The end of what was sent for longest: seats go for whole terms, however short the time wished. */
  readonly until: Seconds;
}

/** The transfers that give as many idle seats as there are throughout the time, at most what is wished, to another log; those that came from elsewhere go first. */
export function transfersTo(model: Model, to: LogId, wish: Wish): Gift {
  for (let { wanted } = wish; wanted > 0; ) {
    const { seats, taken } = plan(model, { ...wish, wanted });
    if (seats === wanted) {
      const transfers = taken.map((idle) => transferOf(idle, to, wish.feature));
      return { seats, transfers, until: seconds(Math.max(...taken.map(({ span }) => span.until))) };
    }
    wanted = seats;
  }
  return { seats: 0, transfers: [], until: wish.from };
}

function transferOf({ seats, source }: Idle, to: LogId, feature: string): Transfer {
  return { ...source, to, feature, seats, request: null };
}

// Term by term, the first of which has nothing ends it: somebody may wish for seats until the end of the world.
function plan(
  model: Model,
  { feature, from, until, wanted }: Wish,
): { readonly seats: number; readonly taken: readonly Idle[] } {
  const question = lotQuestion(model);
  const own = question === null ? null : classOf(question.applied, question.host);
  const taken: Idle[] = [];
  let at = seconds(Math.max(from, model.time.lower ?? from));
  if (own === null || at >= until) return { seats: 0, taken };
  let seats = wanted;
  while (at < until && seats > 0) {
    const end = seconds(Math.min(termAt(own.hostClass, at).until, until));
    let missing = wanted - seatsThrough(taken, at, end);
    for (const idle of idleSeats(model, { feature, from: at, until: end }, taken)) {
      const given = Math.min(idle.seats, missing);
      if (given > 0) taken.push({ ...idle, seats: given });
      missing -= Math.max(0, given);
    }
    seats = Math.min(seats, wanted - missing);
    at = end;
  }
  return { seats, taken };
}

function seatsThrough(idle: readonly Idle[], from: Seconds, until: Seconds): number {
  const through = idle.filter(({ span }) => span.from <= from && span.until >= until);
  return through.reduce((sum, { seats }) => sum + seats, 0);
}

/** Idle seats of one source: how long there are any of it, and what a transfer of them names. */
interface Idle {
  readonly seats: number;
  readonly span: Pick<TermSpan, 'from' | 'until'>;
  readonly source: Pick<Transfer, 'class' | 'term' | 'of' | 'source'>;
}

/** What this host could send away, beside what is taken already, that lasts throughout a time in one of its terms, seat by source. A host keeps what is pinned, kept for some, in use or waited for here. */
export function idleSeats(
  model: Model,
  { feature, from, until }: Omit<Wish, 'wanted'>,
  taken: readonly Idle[] = [],
): readonly Idle[] {
  const question = lotQuestion(model);
  const { lower } = model.time;
  const own = question === null ? null : classOf(question.applied, question.host);
  if (question === null || own === null || lower === null) return [];
  const start = seconds(Math.max(from, lower));
  const term = termAt(own.hostClass, start);
  const end = seconds(Math.min(until, term.until));
  const view = lotsIn(question, term.index);
  if (!view.ok) return [];
  const credits = creditsFor(model, feature).filter(({ span }) => span.from <= start && span.until >= end);
  const latest = seconds(Math.max(term.until, ...credits.map(({ span }) => span.until)));
  const rights = spansThrough(question, feature, lower, latest).spans;
  const ends = endsIn(model, feature, term);
  const kept = pinnedSeats(model, feature) + keptHere(model, feature);
  const gone = [...taken];
  const out: Idle[] = [];
  // What is sent away is gone from now on until it ends, whenever in that time it is wished for: leases may need it before and after.
  const freeIn = (span: Idle['span']) => {
    const spans = [...rights, ...gone.map((idle) => ({ ...idle.span, seats: -idle.seats }))];
    const since = seconds(Math.max(span.from, lower));
    const here = seconds(Math.min(span.until, term.until));
    const inTerm = freeSeats(spans, ends, since, here) - kept;
    return Math.min(inTerm, freeSeats(spans, ends, since, span.until));
  };
  const offer = (idle: Idle) => {
    const spent = gone.filter(({ source }) => isSameSource(source, idle.source));
    const left = idle.seats - spent.reduce((sum, { seats }) => sum + seats, 0);
    const seats = Math.min(left, freeIn(idle.span));
    if (seats <= 0) return;
    out.push({ ...idle, seats });
    gone.push({ ...idle, seats });
  };
  for (const idle of credits) offer(idle);
  const lot = view.spans(feature)[0]?.seats ?? 0;
  const source = { class: own.name, term: term.index, of: question.applied.id, source: null };
  offer({ seats: lot - kept, span: term, source });
  return out;
}

function isSameSource(a: Idle['source'], b: Idle['source']): boolean {
  return a.source === b.source && a.term === b.term && a.class === b.class;
}

// In a term that has not begun, whoever works here now is taken to go on.
function endsIn(model: Model, feature: string, term: TermSpan): readonly Seconds[] {
  const waiting = waitingFor(model, feature).map(({ request }) => Math.max(term.until, request.until ?? 0));
  const { lower } = model.time;
  const isLater = lower !== null && term.from > lower;
  const used = endsOf(model, feature).map((end) => (isLater ? Math.max(end, term.until) : end));
  return [...used, ...waiting].map(seconds);
}

function creditsFor(model: Model, feature: string): readonly Idle[] {
  const question = lotQuestion(model);
  const { credits, creditsOf } = model.state.seats;
  const out: Idle[] = [];
  for (const hash of creditsOf.get(model.self.log) ?? []) {
    const credit = credits.get(hash);
    if (question === null || credit === undefined || credit.transfer.body.feature !== feature) continue;
    const span = creditTerm(question, credit.transfer);
    if (span === null || credit.seats === 0) continue;
    const { class: hostClass, of, term } = credit.transfer.body;
    out.push({ seats: credit.seats, span, source: { class: hostClass, term, of, source: hash } });
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

/** The features of which this host has seats that came from others. */
export function creditedFeatures({ self, state }: Model): readonly string[] {
  const { credits, creditsOf } = state.seats;
  const own = [...(creditsOf.get(self.log) ?? [])].map((hash) => credits.get(hash));
  return [...new Set(own.flatMap((credit) => (credit?.seats ? [credit.transfer.body.feature] : [])))];
}

/** Idle seats of every feature that this host could send away now: what it tells others over presence. */
export function idleByFeature(model: Model): ReadonlyMap<string, number> {
  const { applied } = model;
  const { lower } = model.time;
  const idle = new Map<string, number>();
  if (applied === null || lower === null || !mayMove(model)) return idle;
  for (const feature of Object.keys(applied.configuration.registry.features)) {
    const wish = { feature, from: lower, until: seconds(lower + 1) };
    const seats = idleSeats(model, wish).reduce((sum, each) => sum + each.seats, 0);
    if (seats > 0) idle.set(feature, seats);
  }
  return idle;
}
