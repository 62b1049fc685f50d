import { APPLIED_KEY } from '../../core/engine/applying.ts';
import type { AgentEvent, Answer } from '../../core/engine/effect.ts';
import type { Command } from '../../core/engine/input.ts';
import type { Lease } from '../../core/engine/lease.ts';
import type { Model } from '../../core/engine/model.ts';
import type { StoreWrite } from '../../core/ports.ts';
import { endOfLog } from '../../core/state/evidence.ts';
import { newestOf } from '../../core/state/membership.ts';
import { withRole } from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import type { Version } from '../../core/state/versions.ts';
import type { SimHost } from './host.ts';
import type { Count, Counted } from './tally.ts';

/** Counts what a host says and what becomes durable on its disk. */
interface Listener {
  answered(command: Command, answer: Answer): void;
  event(host: SimHost, event: AgentEvent): void;
  durable(writes: readonly StoreWrite[]): void;
}

const REFUSALS: Readonly<Record<string, Counted>> = {
  'invalid-registry': 'refused-invalid',
  'undecided-version': 'refused-undecided',
};

const LEASE_STATES: Readonly<Record<string, Counted>> = {
  returned: 'returned',
  removed: 'removed',
  ended: 'ended',
  idle: 'idle',
};

/** A listener of all hosts of a run. */
export function newListener(count: Count): Listener {
  const draining = new Set<SimHost>();

  function lent({ tie, under }: Lease): void {
    if (tie === 'borrow') count('borrowed');
    if (under !== undefined) count('ridden');
  }

  function counted(command: Command, answer: Answer): Counted | null {
    if (command.do === 'attach') return answer.ok ? 'resumed' : null;
    if (command.do === 'checkout') {
      if (!answer.ok) return 'denied';
      return answer.kind === 'lease' ? 'granted' : 'queued';
    }
    if (!answer.ok) return REFUSALS[answer.reason] ?? null;
    if (answer.kind === 'drafted') return answer.records > 0 ? 'drafted' : null;
    if (answer.kind === 'published') return 'published';
    if (answer.kind === 'moved') return command.do === 'give' ? 'given' : null;
    return command.do === 'invite' ? 'invited' : null;
  }

  return {
    answered(command, answer) {
      const what = counted(command, answer);
      if (what !== null) count(what);
      if (answer.ok && answer.kind === 'lease' && command.do === 'checkout') lent(answer.lease);
    },
    event(host, event) {
      if (event.event === 'granted') count('granted');
      if (event.event === 'granted') lent(event.lease);
      if (event.event === 'denied') count('denied');
      const ended = event.event === 'lease' ? LEASE_STATES[event.state] : undefined;
      if (ended !== undefined) count(ended);
      if (event.event !== 'rollout') return;
      if (event.state === 'draining') draining.add(host);
      else if (draining.delete(host) && event.state === 'applied') count('drained');
    },
    durable(writes) {
      if (writes.some(({ key }) => key === APPLIED_KEY)) count('applied');
    },
  };
}

/** Counts what a host's ledger says has happened in its realm. */
export function countRealm(count: Count, { state }: Model): void {
  const { evidence, forks, versions } = state.membership;
  if (versions.length === 0) return;
  count('fork', forks.size);
  count('term-opened', [...evidence.terms.values()].flat().length);
  const acks = [...evidence.acks.values()].flat();
  count('voided', acks.filter(({ body }) => body.candidate === null).length);
  countSeats(count, state);
  const { roster } = newestOf(state.membership);
  const ended = [...evidence.revocations.values()].filter(({ body }) => {
    return [...body.logs.keys()].some((log) => endOfLog(evidence, new Map(), roster, log) !== null);
  });
  count('revoked', ended.length);
  versions.forEach((version, i) => {
    const parent = versions[i - 1];
    if (parent !== undefined) countVersion(count, parent, version);
  });
}

function countSeats(count: Count, { ledger, seats }: Model['state']): void {
  for (const record of [...ledger.logs.values()].flat()) {
    if (record.type === 'accept' || record.type === 'surrender') count(record.type);
    if (record.type === 'transfer') {
      count('transfer');
      if (record.body.source !== null) count('transfer-on');
    }
    if (record.type === 'seat-request') {
      count('seat-request');
      count(seats.answered.has(record.hash) ? 'request-answered' : 'request-unanswered');
    }
  }
  count('void', [...seats.verdicts.values()].filter((reason) => reason !== null).length);
}

function countVersion(count: Count, parent: Version, version: Version): void {
  count('certified');
  count('skipped', version.version - parent.version - 1);
  const [before, after] = [parent.roster, version.roster];
  const absent = (from: Roster, ids: Iterable<string>) =>
    [...ids].filter((id) => !from.members.has(id as never)).length;
  count('member-added', absent(before, after.members.keys()));
  count('member-removed', absent(after, before.members.keys()));
  if (names(before, 'voter') !== names(after, 'voter')) count('voters-changed');
  const issuers = (roster: Roster) => `${names(roster, 'issuer')} ${roster.policy.issuers}`;
  if (issuers(before) !== issuers(after)) count('issuers-changed');
  const moved = [...version.firstTerms].some(([name, term]) => term > (parent.firstTerms.get(name) ?? term));
  if (moved) count('term-moved');
}

function names(roster: Roster, role: 'voter' | 'issuer'): string {
  return [...withRole(roster, role)].sort().join();
}
