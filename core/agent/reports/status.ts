import { type Model, newestVersion, self, selfIn } from '../../engine/model.ts';
import { isReplaced, newcomersOf } from '../../engine/newcomers.ts';
import type { RelayReport, StatusReport } from '../protocol.ts';
import type { ReportContext } from './context.ts';
import { reportLeases } from './leases.ts';
import { overdrawnFeatures } from './overview.ts';
import { reportPeriods } from './periods.ts';
import { reportRestricted } from './restrictions.ts';
import { reportPending } from './rollout.ts';
import { reportTime } from './time.ts';
import { reportWithheld } from './withheld.ts';

/** The one-screen summary. */
export function reportStatus(model: Model, context: ReportContext): StatusReport {
  const { pid, version, clients, mode, relays } = context;
  const newest = newestVersion(model);
  return {
    realm: { id: model.state.ledger.realm, name: realmName(model) },
    host: hostOf(model, context),
    agent: { pid, version, clients, mode },
    relay: relays[0] ?? NO_RELAY,
    relays,
    time: reportTime(model, context),
    join: joinOf(model, context),
    newcomers: newest === null ? [] : newcomersOf(model).map(({ id, kind }) => ({ id, kind })),
    schedule: context.schedule,
    restricted: reportRestricted(model, context),
    newest: newest?.version ?? null,
    applied: model.applied?.version.version ?? null,
    draining: model.draining !== null,
    pending: reportPending(model, context),
    leases: reportLeases(model),
    waiting: model.queue.length,
    overdrawn: overdrawnFeatures(model, context),
    periods: reportPeriods(model),
    records: model.state.ledger.size,
    alarms: [...alarmsOf(model, context)],
  };
}

const NO_RELAY: RelayReport = {
  ...{ url: null, state: 'none', detail: null },
  ...{ since: null, time: 'unasked', timeDetail: null },
};

function realmName(model: Model): string {
  const { applied, state } = model;
  // The message of the first version is the name in the genesis.
  return applied?.configuration.registry.realm.name ?? state.membership.versions[0]?.message ?? '';
}

function hostOf(model: Model, context: ReportContext): StatusReport['host'] {
  const member = self(model);
  const { log } = model.self;
  if (member === null) return { id: context.principal, name: context.principal, log, class: null, roles: [] };
  return { id: member.id, name: member.name, log, class: member.class, roles: member.roles };
}

/** How far a newcomer has come; null for a founder, and for who has been a member. */
export function joinOf(model: Model, { join }: ReportContext): StatusReport['join'] {
  return wasMember(model) ? null : join;
}

function wasMember(model: Model): boolean {
  return model.state.membership.versions.some(({ roster }) => selfIn(model, roster) !== null);
}

function* alarmsOf(model: Model, context: ReportContext): Iterable<StatusReport['alarms'][number]> {
  const join = joinOf(model, context);
  for (const [code, text] of model.alarms) {
    // Whoever used the invitation has begun the log, which is not this host's and never was.
    if (code !== 'identity-stale' || join?.state !== 'refused') yield { code, text };
  }
  if (join?.state === 'refused') yield { code: 'join-refused', text: join.text };
  else if (!model.alarms.has('not-a-member') && self(model) === null)
    yield { code: 'not-a-member', text: notYet(model) };
  if (model.time.conflict && !model.alarms.has('time-conflict')) {
    yield {
      code: 'time-conflict',
      text: 'relays have signed times that exclude each other: one of them lies',
    };
  }
  if (!model.compared && self(model)?.roles.includes('voter')) {
    yield {
      code: 'not-compared',
      text: 'no relay has shown yet what it holds of the log of this host, which does not vote before (a restored backup must not)',
    };
  }
  yield* reportWithheld(model);
  for (const text of context.remarks) yield { code: 'relay-remark', text };
}

function notYet(model: Model): string {
  if (wasMember(model)) return 'the newest version does not name this host any more: it leases nothing';
  if (newestVersion(model) === null) return 'the records of the realm have not arrived yet';
  if (!model.state.ledger.logs.has(model.self.log)) {
    return 'the invitation is not known here yet: it was never recorded, or its records have not arrived';
  }
  if (isReplaced(model, model.self.log)) return 'its invitation was replaced by a newer one: ask for that';
  return 'joined by invitation; the next version that an issuer publishes makes this host a member';
}
