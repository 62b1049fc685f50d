import { freeSeats } from '../decide/capacity.ts';
import { accessOf } from '../decide/checkout.ts';
import { classOf, creditTerm, lotsIn, type TermSpan, termAt } from '../decide/lots.ts';
import { memberOf } from '../state/quorum.ts';
import { hostMay } from '../state/rules.ts';
import { type Hash, type LogId, type Seconds, seconds } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import type { Effect, NewRecord } from './effect.ts';
import {
  currentLots,
  endsOf,
  isRestricted,
  lotQuestion,
  type Model,
  mayReport,
  newestVersion,
  pendingVersion,
} from './model.ts';

/** Running time for which a checkout that did not want to queue waits for another host's seat. */
export const ASK_FOR = seconds(3);
/** Running time that each peer asked leaves to those before it. */
const TURN = seconds(1);
/** Peers that one request asks. */
const ASKED = 3;
/** Signed time after which an answer is of no use: more than any two hosts' clocks differ. */
const ANSWER_WITHIN = 30;

/** What a peer says of itself over presence: it tells whom to ask, and is never evidence. */
export interface Peer {
  /** Idle seats by feature. */
  readonly free: ReadonlyMap<string, number>;
}

/** A request that this host has been asked to answer, since a running time. */
export interface Asked {
  readonly request: Verified<'seat-request'>;
  readonly since: Seconds;
}

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
    const moves = transfersTo(model, request.log, {
      feature,
      wanted,
      from: seconds(from),
      until: seconds(until),
    });
    // One at a time: what the next may give depends on what this one has given.
    if (moves.length > 0)
      return moves.map((body) => append({ type: 'transfer', body: { ...body, request: hash } }));
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

/** What somebody wants: that many seats of a feature throughout a time, or fewer. */
export interface Wish {
  readonly feature: string;
  readonly wanted: number;
  readonly from: Seconds;
  readonly until: Seconds;
}

type Transfer = (NewRecord & { readonly type: 'transfer' })['body'];

/** The transfers that give as many idle seats as there are to another log, at most what is wished; those that came from elsewhere go first. */
export function transfersTo(model: Model, to: LogId, wish: Wish): readonly Transfer[] {
  const idle = idleSeats(model, wish);
  const transfers: Transfer[] = [];
  let left = wish.wanted;
  for (const { seats, source } of idle) {
    const given = Math.min(seats, left);
    if (given <= 0) continue;
    left -= given;
    transfers.push({ ...source, to, feature: wish.feature, seats: given, request: null });
  }
  return transfers;
}

interface Idle {
  readonly seats: number;
  readonly source: Pick<Transfer, 'class' | 'term' | 'of' | 'source'>;
}

function idleSeats(model: Model, { feature, from }: Wish): readonly Idle[] {
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
  const ends = [...endsOf(model, feature), ...waitingHere(model, feature).map(() => term.until)];
  const kept = pinnedSeats(model, feature);
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

function waitingHere(model: Model, feature: string) {
  return model.queue.filter(({ request }) => request.feature === feature);
}

/** Idle seats of every feature that this host could send away now: what it tells others over presence. */
export function idleByFeature(model: Model): ReadonlyMap<string, number> {
  const { applied } = model;
  const { lower } = model.time;
  const idle = new Map<string, number>();
  if (applied === null || lower === null || !mayMove(model)) return idle;
  for (const feature of Object.keys(applied.configuration.registry.features)) {
    const wish = { feature, wanted: 1, from: lower, until: lower };
    const seats = idleSeats(model, wish).reduce((sum, each) => sum + each.seats, 0);
    if (seats > 0) idle.set(feature, seats);
  }
  return idle;
}

/** Asks peers for the seats that checkouts here wait for and nobody has been asked for yet. */
export function askPeers(model: Model): Effect[] {
  if (model.queue.length === 0 || !mayMove(model)) return [];
  const effects: Effect[] = [];
  for (const feature of new Set(model.queue.map(({ request }) => request.feature))) {
    const body = requestFor(model, feature);
    if (body !== null) effects.push(append({ type: 'seat-request', body }));
  }
  return effects;
}

function requestFor(model: Model, feature: string): (NewRecord & { type: 'seat-request' })['body'] | null {
  const { lower, upper } = model.time;
  const view = currentLots(model);
  if (!view.ok || lower === null || upper === null || model.draining !== null) return null;
  const open = model.asking.get(feature);
  const pending = open !== undefined && model.running < open.until ? open.seats : 0;
  const seats = waitingHere(model, feature).length - pending;
  if (seats <= 0) return null;
  const ask = peersWith(model, feature);
  if (ask.length === 0) return null;
  model.asking.set(feature, { seats: pending + seats, until: seconds(model.running + ASK_FOR) });
  const [from, until] = [Math.floor(lower), Math.ceil(view.term.until)];
  return { feature, seats, from, until, ask, by: Math.ceil(upper) + ANSWER_WITHIN };
}

/** Peers that say they have idle seats of a feature, those with the most first. */
export function peersWith(model: Model, feature: string): LogId[] {
  const roster = newestVersion(model)?.roster;
  const offers: [LogId, number][] = [];
  for (const [log, { free }] of model.peers) {
    const seats = free.get(feature) ?? 0;
    const key = model.state.ledger.logs.get(log)?.[0]?.key;
    if (seats <= 0 || log === model.self.log || roster === undefined || key === undefined) continue;
    if (memberOf(roster, log, key)?.kind === 'host') offers.push([log, seats]);
  }
  return offers
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, ASKED)
    .map(([log]) => log);
}

/** Notes that seats came, so that others are asked for what is still missing. */
export function noteArrival(model: Model, accepted: Hash): void {
  const credit = model.state.seats.credits.get(accepted);
  const open = credit === undefined ? undefined : model.asking.get(credit.transfer.body.feature);
  if (credit === undefined || open === undefined) return;
  const { feature, seats } = credit.transfer.body;
  if (open.seats > seats) model.asking.set(feature, { ...open, seats: open.seats - seats });
  else model.asking.delete(feature);
}

// What a host signs about seats it must never forget (rule R7), and what a restricted one signs counts for nothing.
function mayMove(model: Model): boolean {
  return mayReport(model) && !isRestricted(model) && pendingVersion(model) === null;
}

function append(record: NewRecord): Effect {
  return { kind: 'append', record, call: null };
}
