import type { Hash, LogId, PrincipalId, Seconds } from '../../units.ts';
import { quorumOf, voterOf, withRole } from '../quorum.ts';
import type { State } from '../state.ts';
import type { Version } from '../versions.ts';
import { HOUR } from './buckets.ts';

/**
 * When each version came into force: the first instant at which a host says that it applied it, else the first term that it
 * governs. A host's word is held to what others' records and its own prove: nothing is applied before its certificate was
 * possible, after the next version was, or after `upper`, before which the record was there to be read.
 */
export function versionStarts(state: State, upper: Seconds | null): readonly number[] {
  const { versions } = state.membership;
  const said = statements(state, upper);
  const starts = versions.map((version, i) => {
    const known = said.get(version.id);
    const claim = known?.at ?? known?.hour;
    if (claim === undefined) return { from: startByTerm(version), stated: false };
    const from = Math.max(claim, certifiedFrom(state, version, versions[i - 1]));
    return { from, stated: known?.at !== undefined };
  });
  // The attack: an instant far ahead for one version would put off all that follow it.
  let next = Number.POSITIVE_INFINITY;
  for (const start of [...starts].reverse()) {
    start.from = Math.min(start.from, next);
    if (start.stated) next = start.from;
  }
  let from = Number.NEGATIVE_INFINITY;
  return starts.map((start) => {
    // A version is in force only after the one before it.
    from = Math.max(from, start.from);
    return from;
  });
}

interface Statement {
  /** The earliest instant that a record states. */
  readonly at: number | undefined;
  /** The hour of use that the first host to apply it signed next: hours of which it had nothing to say are not told apart. */
  readonly hour: number | undefined;
}

function statements(state: State, upper: Seconds | null): ReadonlyMap<Hash, Statement> {
  const said = new Map<Hash, Statement>();
  for (const [log, records] of state.ledger.logs) {
    for (const record of records) {
      if (record.type !== 'applied') continue;
      const { at, candidate } = record.body;
      const known = said.get(candidate);
      // A record that is here cannot tell of an instant that is still to come.
      const stated = at === undefined || (upper !== null && at > upper) ? undefined : at;
      said.set(candidate, {
        at: earlier(known?.at, stated && Math.max(stated, provenBefore(state, log, record.seq))),
        hour: earlier(known?.hour, hourAround(state, log, record.seq)),
      });
    }
  }
  return said;
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function hourAround({ usage }: State, log: LogId, seq: number): number | undefined {
  const hours = usage.get(log) ?? [];
  const next = hours.find((hour) => hour.seq > seq)?.body.hour;
  const last = hours.findLast((hour) => hour.seq < seq)?.body.hour;
  return next ?? (last === undefined ? undefined : last + HOUR);
}

/** The instant that had passed for certain, by its own word, when a log reached a place: an hour of use is signed when it is over. */
function provenBefore({ usage }: State, log: LogId, seq: number): number {
  const last = (usage.get(log) ?? []).findLast((hour) => hour.seq < seq);
  return last === undefined ? Number.NEGATIVE_INFINITY : last.body.hour + HOUR;
}

/** Before which instant no quorum of voters can have certified a version, though as many lie as may. */
function certifiedFrom(state: State, { id, version }: Version, parent: Version | undefined): number {
  if (parent === undefined) return Number.NEGATIVE_INFINITY;
  const { liars } = parent.roster.policy;
  const acked = new Map<PrincipalId, number>();
  for (const ack of state.membership.evidence.acks.get(version) ?? []) {
    const voter = ack.body.candidate === id ? voterOf(parent.roster, ack.log, ack.key) : null;
    if (voter !== null) acked.set(voter, provenBefore(state, ack.log, ack.seq));
  }
  const quorum = quorumOf(withRole(parent.roster, 'voter').size, liars);
  const ascending = [...acked.values()].sort((a, b) => a - b);
  return ascending[quorum - liars - 1] ?? Number.NEGATIVE_INFINITY;
}

function startByTerm({ firstTerms, roster }: Version): number {
  const starts = [...firstTerms].map(([name, term]) => term * (roster.policy.classes.get(name)?.term ?? 0));
  return starts.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...starts);
}
