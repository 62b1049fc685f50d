import { classOf, lotsIn, termAt } from '../decide/lots.ts';
import { memberOf, ownerOf } from '../state/quorum.ts';
import { type Hash, type LogId, type PrincipalId, type Seconds, seconds } from '../units.ts';
import type { Effect } from './effect.ts';
import type { Tie } from './lease.ts';
import { currentLots, lotQuestion, type Model, mayMove, newestVersion } from './model.ts';
import { renewFrom } from './renewal.ts';
import { waitingFor } from './waiting-line.ts';

/** Running time for which a checkout that did not want to queue waits for another host's seat. */
export const ASK_FOR = seconds(3);
/** Peers that one request asks. */
const ASKED = 3;
/** Signed time after which an answer is of no use: more than any two hosts' clocks differ. */
const ANSWER_WITHIN = 30;
/** Seconds for which a seat has to last to be of use. */
const LEAST = 60;

/** Leases that are not renewed: they are over at their end. */
const LASTING: ReadonlySet<Tie> = new Set(['borrow', 'linger']);
/** Doublings, at most, of the time between two requests for one wish: in the end it is asked for each quarter of an hour. */
const MOST_DOUBLINGS = 8;

/** Asks peers for the seats that checkouts here wait for and nobody has been asked for yet. */
export function askPeers(model: Model): Effect[] {
  if (!mayMove(model)) return [];
  const effects: Effect[] = askForNextTerm(model);
  forgetWishes(model);
  if (model.queue.length === 0) return effects;
  for (const feature of new Set(model.queue.map(({ request }) => request.feature))) {
    const waiting = waitingFor(model, feature);
    const borrowers = waiting.filter(({ request }) => request.until !== undefined);
    effects.push(...ask(model, feature, feature, waiting.length - borrowers.length));
    for (const { id, request } of borrowers) {
      effects.push(...ask(model, nameOf(feature, id), feature, 1, { until: request.until }));
    }
  }
  return effects;
}

// Whoever waits no longer leaves nothing behind that the next one would have to wait for.
function forgetWishes(model: Model): void {
  if (model.asking.size === 0) return;
  const wishes = new Set(
    model.queue.flatMap(({ id, request: { feature } }) => [feature, nameOf(feature, id)]),
  );
  for (const [name, { from, until }] of model.asking) {
    const isOver =
      from === null
        ? !wishes.has(name)
        : model.running >= until && model.time.lower !== null && model.time.lower >= from;
    if (isOver) model.asking.delete(name);
  }
}

function nameOf(feature: string, id: string): string {
  return `${feature} ${id}`;
}

// A lease on a seat that came from elsewhere goes on if a seat comes for the next term, too.
function askForNextTerm(model: Model): Effect[] {
  const view = currentLots(model);
  const { upper } = model.time;
  if (!view.ok || upper === null || upper < renewFrom(view.term)) return [];
  const ending = [...model.leases.values()]
    .map(({ lease }) => lease)
    .filter(({ end, tie, under }) => end <= view.term.until && !LASTING.has(tie) && under === undefined);
  const from = view.term.until;
  const time = { from, until: seconds(from + LEAST) };
  return [...new Set(ending.map(({ feature }) => feature))].flatMap((feature) => {
    const wanted = ending.filter((lease) => lease.feature === feature).length;
    return ask(model, `${feature} at ${from}`, feature, wanted, time);
  });
}

// Each wish is asked for once; after a while without an answer it is asked of whoever has seats then, more and more seldom.
// The attack: a peer that promises seats and sends none would have this log filled with requests.
function ask(
  model: Model,
  name: string,
  feature: string,
  seats: number,
  when: { readonly from?: Seconds; readonly until?: Seconds | undefined } = {},
): Effect[] {
  const { lower, upper } = model.time;
  const open = model.asking.get(name);
  const isAwaited = open !== undefined && model.running < open.until;
  const asked = isAwaited ? open.seats : 0;
  const wanted = seats - asked;
  const peers = peersWith(model, feature);
  if (lower === null || upper === null || wanted <= 0 || peers.length === 0) return [];
  if (!currentLots(model).ok) return [];
  const times = open === undefined ? 0 : open.times + (isAwaited ? 0 : 1);
  const patience = ASK_FOR * 2 ** Math.min(times, MOST_DOUBLINGS);
  const until = seconds(model.running + patience);
  model.asking.set(name, { seats: asked + wanted, until, times, from: when.from ?? null });
  const time = {
    from: Math.floor(when.from ?? lower),
    until: Math.ceil(when.until ?? upper + LEAST),
    by: Math.ceil(upper) + ANSWER_WITHIN,
  };
  const body = { feature, seats: wanted, ask: peers, ...time };
  return [{ kind: 'append', record: { type: 'seat-request', body }, call: null }];
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
  const asked: LogId[] = [];
  for (const [log] of offers.sort(([a, x], [b, y]) => y - x || a - b)) {
    if (asked.length === ASKED) break;
    // Presence lags behind the ledger: the next in line waits its turn for an answer of one that has sent its last seat away.
    if (roster !== undefined && hasRights(model, ownerOf(roster, log)?.id, log, feature)) asked.push(log);
  }
  return asked;
}

/** Whether a log has any seat of a feature now, idle or not, by what the ledger holds; yes where that cannot be told. */
function hasRights(model: Model, host: PrincipalId | undefined, log: LogId, feature: string): boolean {
  const question = lotQuestion(model);
  const { lower } = model.time;
  const own = question === null || host === undefined ? null : classOf(question.applied, host);
  if (question === null || host === undefined || own === null || lower === null) return true;
  const view = lotsIn({ ...question, host, log }, termAt(own.hostClass, lower).index);
  if (!view.ok) return true;
  const now = view.spans(feature).filter(({ from, until }) => from <= lower && lower < until);
  return now.reduce((sum, { seats }) => sum + seats, 0) > 0;
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
