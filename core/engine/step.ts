import { add, addFork, tipOf } from '../ledger/ledger.ts';
import { addStray } from '../ledger/strays.ts';
import { derive, deriveHistories, restrict } from '../state/state.ts';
import type { Stray, VerifiedRecord } from '../verify/record.ts';
import { isEvidence } from '../verify/stray-room.ts';
import { ageLeases } from './ageing.ts';
import { applyPending, obeyRemovals } from './applying.ts';
import { answerAppended, obey } from './commands.ts';
import type { AgentEvent, Effect } from './effect.ts';
import { clientGone, probed } from './holdings.ts';
import type { Input } from './input.ts';
import { serveQueue } from './leasing.ts';
import { type AlarmCode, isRestricted, type Model, mayReport } from './model.ts';
import { reportHeads } from './reporting.ts';
import { askPeers, noteArrival } from './seat-asking.ts';
import { acceptOffers, answerRequests, noteRequest } from './seat-giving.ts';
import { meetTwin, showTwins } from './twins.ts';
import { keepEnded, keepHour, reportUsage } from './usage-reporting.ts';
import { noteOwn, openTerms, voidContested, vote } from './voting.ts';

/** Takes one input and says what to do, in order. Changes the model in place; reads no clock, makes no randomness. */
export function step(model: Model, input: Input): Effect[] {
  const effects = happen(model, input);
  const kept = keepEnded(model);
  return kept.length === 0 ? effects : [...kept, ...effects];
}

function happen(model: Model, input: Input): Effect[] {
  switch (input.kind) {
    case 'records':
      for (const record of input.records) take(model, record);
      return react(model);
    case 'strays':
      takeStrays(model, input.strays);
      return react(model);
    case 'appended': {
      // All are taken before anything is decided: an ack must state every term that this log has opened (rule T2).
      for (const { record } of input.records) take(model, record);
      const told = input.records.flatMap(({ record, call }) =>
        call === null ? [] : answerAppended(model, record, call),
      );
      return [...told, ...react(model)];
    }
    case 'fork':
      return meetFork(model, input.a, input.b);
    case 'tick':
      model.time = input.time;
      model.token = input.token ?? null;
      model.answers = input.answers ?? [];
      model.running = input.running;
      model.lots = null;
      return [
        ...ageLeasesInNewHour(model),
        ...keepHour(model),
        ...reportHeads(model),
        ...proveForks(model),
        ...react(model),
      ];
    case 'peers':
      model.peers = input.peers;
      return react(model);
    case 'twin':
      return meetTwin(model, input.run);
    case 'compared':
      return meetComparison(model);
    case 'command':
      return [...obey(model, input), ...afterLeases(model), ...askPeers(model)];
    case 'client-gone':
      return [...clientGone(model, input.client), ...afterLeases(model)];
    case 'probed':
      return [...probed(model, input.lease, input.gone), ...afterLeases(model)];
    case 'own-log-ahead':
      return becomeStale(model, input.next);
  }
}

// What is held at the turn of the hour has not ended in the hour before it.
function ageLeasesInNewHour(model: Model): Effect[] {
  const reported = reportUsage(model);
  return [...ageLeases(model), ...reported];
}

// Everything that more knowledge or a new moment may allow. Of ack, VOID and opening only one is made at a time:
// each must see what the one before it used up (rules R2, T1, T2), and comes back as `appended` before the next.
function react(model: Model): Effect[] {
  const decided = [...statement(model), ...seatMoves(model), ...obeyRemovals(model)];
  // What waits here is served before others are asked for more.
  return [...decided, ...afterLeases(model), ...askPeers(model)];
}

// Seats that came are accepted before anybody else's wish is looked at.
function seatMoves(model: Model): Effect[] {
  const accepted = acceptOffers(model);
  return accepted.length > 0 ? accepted : answerRequests(model);
}

function statement(model: Model): Effect[] {
  // A log that a fork or a revocation has ended decides nothing more (rules R7, R8): others would not take what it signs,
  // and this host alone would believe its own ack.
  if (!model.compared || model.stale || isRestricted(model)) return [];
  // A host that the roster names already may still wait for its invitation, and its log begins with its join.
  if (tipOf(model.state.ledger, model.self.log) === undefined) return [];
  for (const make of [vote, voidContested, openTerms]) {
    const effects = make(model);
    if (effects.length > 0) return effects;
  }
  return [];
}

// Returning the last lease is what an apply waits for, and applying is what the queue may wait for.
function afterLeases(model: Model): Effect[] {
  const applied = applyPending(model);
  return model.queue.length === 0 ? applied : [...applied, ...serveQueue(model)];
}

/** Adds a record to the ledger and brings the model up to it, without reacting: what loading does, and what every step begins with. */
export function take(model: Model, record: VerifiedRecord): void {
  const outcome = add(model.state.ledger, record);
  if (outcome !== 'added') return;
  model.lots = null;
  noteOwn(model, record);
  derive(model.state, record);
  if (record.type === 'setup' && record.log === model.self.log) model.settingUp.delete(record.body.period);
  if (record.type === 'seat-request') noteRequest(model, record);
  if (record.type === 'accept' && record.log === model.self.log) noteArrival(model, record.body.of);
}

/** Takes records of another history than the one held: evidence counts, and the log stays as it is (rule R8). */
export function takeStrays(model: Model, strays: readonly Stray[]): void {
  const { ledger } = model.state;
  if (strays.length === 0) return;
  model.lots = null;
  // All are there before any counts: a history is of use when nothing of it is missing.
  for (const stray of strays) {
    addStray(ledger.strays, stray);
    if (stray.record.type === 'draft') for (const code of stray.record.grants) ledger.grants.add(code);
  }
  for (const { record } of strays) if (isEvidence(record)) derive(model.state, record);
  deriveHistories(model.state);
}

// Both histories are kept, the log is frozen where they part, and everybody is told (DESIGN: records, forks).
function meetFork(model: Model, a: VerifiedRecord, b: VerifiedRecord): Effect[] {
  if (!addFork(model.state.ledger, a, b)) return [];
  restrict(model.state, a.log, a.seq);
  model.lots = null;
  const text = `log ${a.log} has two records at ${a.seq}: its principal signed two histories, or was restored from a backup`;
  if (a.log === model.self.log) return becomeStale(model, a.seq + 1);
  const proofs = proveForks(model);
  const told = alarm(model, 'fork', text);
  return proofs.length === 0 ? told : [...proofs, ...told, ...react(model)];
}

// Forks that were met while this host could not write to its own log are proven to others as soon as it can.
function proveForks(model: Model): Effect[] {
  if (!mayReport(model) || isRestricted(model)) return [];
  const { forks } = model.state.ledger;
  const open = [...forks.values()].filter(({ log, seq }) => model.proven.get(log) !== seq);
  for (const { log, seq } of open) model.proven.set(log, seq);
  return open.map(({ a, b }) => proofOf(a, b));
}

function proofOf(a: VerifiedRecord, b: VerifiedRecord): Effect {
  const body = { a: a.bytes, b: b.bytes };
  return { kind: 'append', record: { type: 'fork-proof', body }, call: null };
}

function meetComparison(model: Model): Effect[] {
  model.compared = true;
  return [...showTwins(model), ...proveForks(model), ...react(model)];
}

// A restored host has forgotten what it signed: it must not sign again under this key (rule R7).
function becomeStale(model: Model, next: number): Effect[] {
  model.stale = true;
  const text = `others hold ${next} records of this host's log, more or other than it does: it must rejoin with a new key`;
  return alarm(model, 'identity-stale', text);
}

function alarm(
  model: Model,
  code: AlarmCode & (AgentEvent & { event: 'notify' })['code'],
  text: string,
): Effect[] {
  if (model.alarms.get(code) === text) return [];
  model.alarms.set(code, text);
  return [{ kind: 'event', to: 'all', event: { event: 'notify', code, text } }];
}
