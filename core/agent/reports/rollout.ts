import { drainsUntil } from '../../engine/applying.ts';
import { type Model, newestVersion, selfIn } from '../../engine/model.ts';
import { acksFor } from '../../state/evidence.ts';
import { countableAcks, proposalsOn } from '../../state/proposals.ts';
import { quorumOf, withRole } from '../../state/quorum.ts';
import type { Member } from '../../state/roster.ts';
import type { State } from '../../state/state.ts';
import type { Version } from '../../state/versions.ts';
import type { RolloutHost, RolloutReport, RolloutState } from '../rollout-report.ts';
import type { ReportContext } from './context.ts';
import { restrictionOf } from './restrictions.ts';
import { ackOf, type Rollout, signaturesOf } from './rollout-facts.ts';
import { unreachedRelays } from './unreached.ts';
import { explainRollout } from './why.ts';

/** Where a version stands; null asks for the newest candidate or version. Null when there is no such version. */
export function reportRollout(
  model: Model,
  context: ReportContext,
  wanted: number | null,
): RolloutReport | null {
  const rollout = rolloutOf(model, wanted);
  if (rollout === null) return null;
  const hosts = hostsOf(model, context, rollout);
  const { needed, signed } = signaturesOf(rollout);
  const refused = refusalOf(model.state, rollout);
  const unreached = unreachedRelays(context.relays);
  const causes = explainRollout(rollout, hosts, { refused, unreached, drainsUntil: drainsUntil(model) });
  return {
    version: rollout.version,
    candidate: rollout.id,
    certified: rollout.certified,
    ...countOf(rollout),
    signatures: signed,
    needed,
    message: rollout.message,
    refused,
    ...{ hosts, unreached, causes },
    why: causes.map(({ text }) => text),
  };
}

/** Acks and quorum of the old voters or the new ones, whichever lacks more: both have to agree (rule R3). */
function countOf(rollout: Rollout): { readonly acks: number; readonly quorum: number } {
  const [old, young] = [rollout.parent, rollout.child].map((roster) => {
    const voters = [...withRole(roster, 'voter')];
    const acks = voters.filter((voter) => ackOf(rollout, voter, roster)?.candidate === rollout.id).length;
    return { acks, quorum: quorumOf(voters.length, roster.policy.liars) };
  }) as [ReturnType<typeof countOf>, ReturnType<typeof countOf>];
  return old.quorum - old.acks > young.quorum - young.acks ? old : young;
}

/** The rollout that this host waits for or could help along; null when nothing is pending. */
export function reportPending(model: Model, context: ReportContext): RolloutReport | null {
  const newest = newestVersion(model);
  if (newest === null) return null;
  const candidate = newestCandidate(model, newest);
  if (candidate !== null) return reportRollout(model, context, candidate.version);
  const waits = newest.content !== null && newest.id !== model.applied?.version.id;
  return waits ? reportRollout(model, context, newest.version) : null;
}

function rolloutOf(model: Model, wanted: number | null): Rollout | null {
  const newest = newestVersion(model);
  if (newest === null) return null;
  const candidate = newestCandidate(model, newest, wanted);
  if (candidate !== null) return candidate;
  const { versions } = model.state.membership;
  const at = wanted === null ? versions.length - 1 : versions.findIndex(({ version }) => version === wanted);
  const version = versions[at];
  return version === undefined ? null : certifiedRollout(model, version, versions[at - 1] ?? version);
}

/** Of the candidates on the newest version the one with the most acks, then the lowest id: every host shows the same. */
function newestCandidate(model: Model, newest: Version, wanted: number | null = null): Rollout | null {
  const { membership } = model.state;
  const [best] = proposalsOn(membership, newest)
    .filter(({ version }) => wanted === null || version === wanted)
    .map((proposal): Rollout => {
      const acks = countableAcks(membership, proposal, newest);
      const { id, version, message, roster, signers } = proposal;
      return { version, id, certified: false, message, parent: newest.roster, child: roster, acks, signers };
    })
    .sort((a, b) => b.version - a.version || forIt(b) - forIt(a) || (a.id < b.id ? -1 : 1));
  return best ?? null;
}

function certifiedRollout(model: Model, version: Version, parent: Version): Rollout {
  const { evidence } = model.state.membership;
  const candidate = evidence.candidates.get(version.id);
  const signers = new Set<string>(version.author === null ? [] : [version.author]);
  for (const signatory of [candidate, ...(evidence.signatures.get(version.id) ?? [])]) {
    const member = [...parent.roster.members.values()].find(({ logs }) =>
      logs.some(({ log, key }) => log === signatory?.log && key === signatory.key),
    );
    if (member !== undefined) signers.add(member.id);
  }
  const acks = [
    ...acksFor(evidence, version.version, parent.roster),
    ...acksFor(evidence, version.version, version.roster),
  ];
  const { id, message } = version;
  const rosters = { parent: parent.roster, child: version.roster };
  return { version: version.version, id, certified: true, message, ...rosters, acks, signers };
}

function forIt({ acks, id }: Rollout): number {
  return acks.filter(({ candidate }) => candidate === id).length;
}

function refusalOf({ judgements }: State, { id }: Rollout): string | null {
  const verdict = judgements.get(id);
  return verdict?.kind === 'refused' ? `${verdict.reason}: ${verdict.detail}` : null;
}

function hostsOf(model: Model, context: ReportContext, rollout: Rollout): readonly RolloutHost[] {
  const members = new Map([...rollout.parent.members, ...rollout.child.members]);
  const voters = new Set([...withRole(rollout.parent, 'voter'), ...withRole(rollout.child, 'voter')]);
  return [...members.values()]
    .filter(({ id, kind }) => kind === 'host' || voters.has(id))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((member) => hostOf(model, context, rollout, member, voters.has(member.id)));
}

function hostOf(
  model: Model,
  context: ReportContext,
  rollout: Rollout,
  member: Member,
  voter: boolean,
): RolloutHost {
  const seen = member.logs.map(({ log }) => context.lastSeen(log)).filter((at) => at !== null);
  const isSelf = selfIn(model, rollout.child)?.id === member.id;
  const applied = member.logs.map(({ log }) => model.state.reports.get(log)?.applied?.body.version ?? null);
  const appliedVersion = applied.reduce<number | null>((a, b) => (a === null || (b ?? 0) > a ? b : a), null);
  // The newest roster says which logs a member has now: under a new one it is let in again.
  const present = newestVersion(model)?.roster.members.get(member.id) ?? member;
  const restriction = restrictionOf(model, context, present);
  return {
    id: member.id,
    name: member.name,
    voter,
    state: stateOf(model, rollout, member, appliedVersion, restriction !== null),
    acked: hasAcked(rollout, member),
    appliedVersion,
    restriction,
    held: member.logs.reduce((sum, { log }) => sum + (model.state.ledger.logs.get(log)?.length ?? 0), 0),
    lastSeen: isSelf ? context.wall : seen.length === 0 ? null : Math.max(...seen),
    leases: isSelf ? ownLeases(model, rollout) : reportedLeases(model, rollout, member),
  };
}

function stateOf(
  model: Model,
  rollout: Rollout,
  member: Member,
  applied: number | null,
  isRestricted: boolean,
): RolloutState {
  if (applied === rollout.version) return 'applied';
  if (applied !== null && applied > rollout.version) return 'superseded';
  if (!rollout.child.members.has(member.id)) return 'superseded';
  if (isRestricted) return 'restricted';
  if (rollout.certified && holdsFor(model, rollout, member)) return 'draining';
  if (hasAcked(rollout, member)) return rollout.certified ? 'certified' : 'acked';
  if (selfIn(model, rollout.child)?.id !== member.id) return 'unknown';
  const verdict = model.state.judgements.get(rollout.id);
  if (verdict?.kind === 'refused') return 'refused';
  if (rollout.certified) return 'certified';
  return verdict?.kind === 'good' ? 'verified' : 'received';
}

function hasAcked(rollout: Rollout, { id }: Member): boolean {
  const { child, parent } = rollout;
  return [parent, child].some((roster) => ackOf(rollout, id, roster)?.candidate === rollout.id);
}

function holdsFor(model: Model, rollout: Rollout, member: Member): boolean {
  if (selfIn(model, rollout.child)?.id === member.id) return ownLeases(model, rollout).length > 0;
  return reportedLeases(model, rollout, member).length > 0;
}

/** The leases of this host that stand in the way; none once it has applied the version. */
function ownLeases(model: Model, rollout: Rollout): RolloutHost['leases'] {
  if ((model.applied?.version.version ?? 0) >= rollout.version) return [];
  return [...model.leases.values()].map(({ lease }) => {
    const { id, feature, user, process, since, end } = lease;
    return { id, feature, user, tool: process.tool, pid: process.pid, since, end };
  });
}

function reportedLeases(model: Model, rollout: Rollout, member: Member): RolloutHost['leases'] {
  return member.logs.flatMap(({ log }) => {
    const { applied, holding } = model.state.reports.get(log) ?? { applied: null, holding: null };
    // What was held before the switch is held no more.
    const stands = holding?.body.version === rollout.version && holding.seq > (applied?.seq ?? -1);
    return stands ? holding.body.leases : [];
  });
}
