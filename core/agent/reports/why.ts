import { isoTime } from '../../state/period.ts';
import { quorumOf, withRole } from '../../state/quorum.ts';
import type { Member, Roster } from '../../state/roster.ts';
import { type Seconds, seconds } from '../../units.ts';
import type { RestrictionReport, RolloutCause, RolloutHost } from '../rollout-report.ts';
import { ackOf, type Rollout, signaturesOf } from './rollout-facts.ts';

/** What the rollout of a version waits for, most blocking first (DESIGN: configuration, why pending). */
export function explainRollout(
  rollout: Rollout,
  hosts: readonly RolloutHost[],
  here: {
    readonly refused: string | null;
    readonly unreached: string | null;
    readonly drainsUntil: Seconds | null;
  },
): readonly RolloutCause[] {
  const causes = causesOf(rollout, hosts, here);
  // Where nothing is waited for, it does not matter who could not tell of it.
  if (here.unreached === null || causes.length === 0) return causes;
  return [{ kind: 'unreached', text: here.unreached }, ...causes];
}

function causesOf(
  rollout: Rollout,
  hosts: readonly RolloutHost[],
  here: { readonly refused: string | null; readonly drainsUntil: Seconds | null },
): readonly RolloutCause[] {
  if (rollout.certified) return [...openLeases(hosts, here.drainsUntil), ...notApplied(rollout, hosts)];
  const reason = here.refused;
  const refused: readonly RolloutCause[] =
    reason === null ? [] : [{ kind: 'refused', reason, text: `this host refuses it: ${reason}` }];
  const old = missingAcks(rollout, rollout.parent, hosts);
  const young = missingAcks(rollout, rollout.child, hosts);
  // A new set of voters has to agree as well; where it is the same, once is enough.
  const acks = new Map([...old, ...young].map((cause) => [cause.text, cause]));
  return [...missingSignatures(rollout), ...refused, ...acks.values()];
}

function missingSignatures(rollout: Rollout): readonly RolloutCause[] {
  const { issuers, needed, signed } = signaturesOf(rollout);
  if (signed >= needed) return [];
  const { signers } = rollout;
  const missing = issuers.filter((issuer) => !signers.has(issuer)).sort();
  const text = `${signed} of ${needed} issuers have signed; one of these must: ${missing.join(', ')}`;
  return [{ kind: 'signatures', signed, needed, missing, text }];
}

function missingAcks(
  rollout: Rollout,
  roster: Roster,
  hosts: readonly RolloutHost[],
): readonly RolloutCause[] {
  const voters = [...withRole(roster, 'voter')].sort();
  const acked = voters.filter((voter) => ackOf(rollout, voter, roster)?.candidate === rollout.id);
  const quorum = quorumOf(voters.length, roster.policy.liars);
  if (acked.length >= quorum) return [];
  const silent = voters.filter((voter) => !acked.includes(voter));
  const lost = silent.filter((voter) => isLost(rollout, voter, roster, hosts));
  const isDead = voters.length - lost.length < quorum;
  const text = `${acked.length} of ${quorum} acks of ${voters.length} voters are here`;
  return [
    ...(isDead ? [withoutQuorum(lost)] : []),
    { kind: 'acks', acks: acked.length, quorum, voters: voters.length, text },
    ...silent.map((voter) => missingAck(rollout, voter, roster, hosts)),
    ...(isDead ? [] : lost.map(dispensable)),
  ];
}

function missingAck(
  rollout: Rollout,
  voter: string,
  roster: Roster,
  hosts: readonly RolloutHost[],
): RolloutCause {
  const ack = ackOf(rollout, voter, roster);
  if (ack !== undefined) {
    const { candidate } = ack;
    const to = candidate === null ? 'nobody (VOID)' : `another candidate, ${candidate}`;
    const text = `${voter} gave its ack for version ${rollout.version} to ${to}`;
    return { kind: 'lost-ack', voter, candidate, text };
  }
  if (isRekeyed(rollout, voter, roster)) {
    const text = `${voter} begins anew under another key, and the ack of its old one is missing`;
    return { kind: 'rekeyed', voter, text };
  }
  const host = hosts.find(({ id }) => id === voter);
  if (host?.restriction != null) {
    const text = `${shutOut(voter, host.restriction)}: its ack never comes`;
    return { kind: 'shut-out', voter, restriction: host.restriction, text };
  }
  const text = `${voter} has not acked; ${seenSentence(host)}`;
  return { kind: 'silent-voter', voter, lastSeen: host?.lastSeen ?? null, text };
}

function withoutQuorum(lost: readonly string[]): RolloutCause {
  const text = `no quorum is left without ${lost.join(', ')}: only the recovery keys can go on`;
  return { kind: 'no-quorum', lost, text };
}

function dispensable(voter: string): RolloutCause {
  const text = `the other voters are enough: publish the next version without ${voter}`;
  return { kind: 'dispensable', voter, text };
}

function isLost(rollout: Rollout, voter: string, roster: Roster, hosts: readonly RolloutHost[]): boolean {
  if (ackOf(rollout, voter, roster) !== undefined) return false;
  return isRekeyed(rollout, voter, roster) || hosts.find(({ id }) => id === voter)?.restriction != null;
}

// Whoever rotates its key has deleted the old one, and this version is decided by those whom the old roster names.
function isRekeyed({ child, parent }: Rollout, voter: string, roster: Roster): boolean {
  if (roster !== parent) return false;
  const [old, young] = [parent, child].map((of) => of.members.get(voter as Member['id'])?.logs ?? []);
  const kept = young?.some(({ log }) => old?.some((before) => before.log === log)) ?? false;
  return (young?.length ?? 0) > 0 && !kept;
}

function shutOut(id: string, { by, kind, reason, since }: RestrictionReport): string {
  if (kind === 'forked') return `${id} has signed two histories, and its log is frozen`;
  const when = since === null ? '' : ` since ${isoTime(seconds(Math.floor(since)))}`;
  return `${id} is revoked${by === null ? '' : ` by ${by}`}${when} (${reason})`;
}

function openLeases(hosts: readonly RolloutHost[], drainsUntil: Seconds | null): readonly RolloutCause[] {
  const limit = drainsUntil ?? seconds(Number.POSITIVE_INFINITY);
  return hosts.flatMap(({ id: host, leases }) =>
    [...leases]
      .sort((a, b) => b.end - a.end)
      .map(({ end, feature, id: lease, pid, since, tool, user }): RolloutCause => {
        const until = Math.min(end, limit);
        const text =
          `${host} has ${feature} on loan to ${user} (${pid === null ? tool : `${tool}, pid ${pid}`}) ` +
          `since ${isoTime(seconds(since))}, until ${isoTime(seconds(until))} at the latest`;
        return { kind: 'lease', host, lease, feature, user, tool, pid, since, until, text };
      }),
  );
}

/** Hosts in these states are not waited for. */
const SETTLED: ReadonlySet<RolloutHost['state']> = new Set<RolloutHost['state']>([
  'applied',
  'superseded',
  'restricted',
]);

function notApplied({ version }: Rollout, hosts: readonly RolloutHost[]): readonly RolloutCause[] {
  return hosts
    .filter(({ leases, state }) => !SETTLED.has(state) && leases.length === 0)
    .map((host) => {
      const text = `${host.id} has not applied version ${version}; ${seenSentence(host)}`;
      return { kind: 'not-applied', host: host.id, state: host.state, lastSeen: host.lastSeen, text };
    });
}

function seenSentence(host: RolloutHost | undefined): string {
  const at = host?.lastSeen ?? null;
  if (at !== null) return `last heard at ${isoTime(seconds(at))}`;
  const held = host?.held ?? 0;
  // What comes as history when a connection begins says nothing of when it was written.
  return held === 0
    ? 'it has never been heard here'
    : `${held === 1 ? 'one record of it is' : `${held} records of it are`} here, and none has come while this host listened`;
}
