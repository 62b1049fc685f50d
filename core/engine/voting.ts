import { termAt } from '../decide/lots.ts';
import { governing, mayAck, mayOpenTerm, mayVoid, nextUndecided } from '../decide/vote.ts';
import { endOfLog } from '../state/evidence.ts';
import { newestOf } from '../state/membership.ts';
import { proposalsOn } from '../state/proposals.ts';
import { isAuthorised, voterOf } from '../state/quorum.ts';
import { standingSigners } from '../state/standing.ts';
import { judgementOf } from '../state/state.ts';
import type { Proposal, Version } from '../state/versions.ts';
import { seconds } from '../units.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import type { Effect } from './effect.ts';
import { acksOf, hasBegun, type Model, selfIn } from './model.ts';
import { timeNamed } from './time-named.ts';

/** Running time for which a version may stay contested before a voter gives its free slot to VOID (rule R5). */
export const VOID_AFTER = seconds(60);

/** Notes what one of this log's own records used up: an ack's slot (R2), or a term (T2). */
export function noteOwn(model: Model, record: VerifiedRecord): void {
  if (record.log !== model.self.log) return;
  if (record.type === 'ack') model.slots.set(record.body.version, record.body.candidate);
  if (record.type === 'term') {
    const highest = model.opened.get(record.body.class) ?? -1;
    model.opened.set(record.body.class, Math.max(highest, record.body.term));
  }
  const [shown] = record.type === 'fork-proof' ? record.carried : [];
  if (shown !== undefined) model.proven.set(shown.log, shown.seq);
}

/** Acks the candidates that the rules and this host's own recompilation let it ack; at most one a call, since each fills a slot. */
export function vote(model: Model): Effect[] {
  if (model.state.membership.versions.length === 0 || !hasBegun(model)) return [];
  const newest = newestOf(model.state.membership);
  model.alarms.delete('candidate-refused');
  for (const proposal of proposalsOn(model.state.membership, newest)) {
    // A newcomer that the proposal makes a member may ack it; others have no say.
    if (selfIn(model, newest.roster) === null && selfIn(model, proposal.roster) === null) continue;
    if (!mayAck(model.slots, proposal, newest).allow || isTainted(model, proposal, newest)) continue;
    const verdict = judgementOf(model.state, proposal.id);
    if (verdict.kind === 'refused') {
      model.alarms.set(
        'candidate-refused',
        `version ${proposal.version}: ${verdict.reason}, ${verdict.detail}`,
      );
    }
    if (verdict.kind === 'good') return [ackEffect(model, proposal.version, proposal.id)];
  }
  return [];
}

// Certificates count every signature, or hosts would differ by what they know of revocations; voters do not (rule R8).
function isTainted(model: Model, proposal: Proposal, newest: Version): boolean {
  const { membership } = model.state;
  const signers = standingSigners(membership, proposal.id, newest.roster);
  return !isAuthorised(signers, newest.roster, proposal.roster) || reachesPastRestriction(model, proposal);
}

/** Whether a candidate holds drafts that a fork or a revocation has taken away: they must not come back inside it (rule R8). */
export function reachesPastRestriction(model: Model, proposal: Proposal): boolean {
  const { evidence, forks } = model.state.membership;
  const { frontier, roster } = newestOf(model.state.membership);
  return [...proposal.frontier].some(([log, next]) => {
    const end = endOfLog(evidence, forks, roster, log);
    return end !== null && next > Math.max(end, frontier.get(log) ?? 0);
  });
}

/** The effect of giving the slot of a version to a candidate, or to VOID. */
export function ackEffect(model: Model, version: number, candidate: Proposal['id'] | null): Effect {
  const body = { version, candidate, terms: new Map(model.opened), ...timeNamed(model) };
  return { kind: 'append', record: { type: 'ack', body }, call: null };
}

/** Gives the slot of a version that stays contested to VOID, so that it can be proven closed and skipped. */
export function voidContested(model: Model): Effect[] {
  if (model.state.membership.versions.length === 0) return [];
  const newest = newestOf(model.state.membership);
  if (!votes(model, newest)) return [];
  const version = nextUndecided(newest, (at) => acksOf(model, at));
  const contested = acksOf(model, version).some((ack) => ack.candidate !== null);
  if (!contested || model.slots.has(version)) {
    model.contested = null;
    return [];
  }
  if (model.contested?.version !== version) model.contested = { version, since: model.running };
  if (model.running - model.contested.since < VOID_AFTER) return [];
  const decision = mayVoid(model.slots, version, newest, (at) => acksOf(model, at));
  return decision.allow ? [ackEffect(model, version, null)] : [];
}

/** Opens the present term and those ahead of need, for each class with hosts (DESIGN: seats). */
export function openTerms(model: Model): Effect[] {
  const { lower, upper } = model.time;
  const { versions } = model.state.membership;
  if (versions.length === 0 || lower === null || !votes(model, newestOf(model.state.membership))) return [];
  const effects: Effect[] = [];
  for (const [name, hostClass] of classesInUse(newestOf(model.state.membership))) {
    const present = termAt(hostClass, lower).index;
    // The attack: a wall clock that is years ahead would open, for ever, every term until then.
    const last = Math.min(termAt(hostClass, upper ?? lower).index, present + 1) + hostClass.ahead;
    for (let term = present; term <= last; term++) {
      const of = governing(versions, name, term);
      if (of === null || !votes(model, of)) continue;
      if (hasOpened(model, of, name, term)) continue;
      const at = { hostClass: name, term };
      if (!mayOpenTerm(model.slots, versions, of, at, (version) => acksOf(model, version)).allow) continue;
      const body = { version: of.version, of: of.id, class: name, term };
      effects.push({ kind: 'append', record: { type: 'term', body }, call: null });
    }
  }
  return effects;
}

function votes(model: Model, { roster }: Version): boolean {
  return voterOf(roster, model.self.log, model.self.key) !== null;
}

function classesInUse(newest: Version) {
  const used = new Set([...newest.roster.members.values()].map((member) => member.class));
  return [...newest.roster.policy.classes].filter(([name]) => used.has(name));
}

function hasOpened(model: Model, of: Version, name: string, term: number): boolean {
  const key = `${of.id}/${name}/${term}`;
  const openers = model.state.membership.evidence.terms.get(key) ?? [];
  return openers.some(({ log }) => log === model.self.log);
}
