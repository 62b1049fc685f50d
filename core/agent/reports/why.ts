import { isoTime } from '../../state/period.ts';
import { quorumOf, withRole } from '../../state/quorum.ts';
import type { Roster } from '../../state/roster.ts';
import { type Seconds, seconds } from '../../units.ts';
import type { RolloutCause, RolloutHost } from '../protocol.ts';
import { ackOf, type Rollout, signaturesOf } from './rollout-facts.ts';

/** What the rollout of a version waits for, most blocking first (DESIGN: configuration, why pending). */
export function explainRollout(
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
  const acked = voters.filter((voter) => ackOf(rollout, voter)?.candidate === rollout.id);
  const quorum = quorumOf(voters.length, roster.policy.liars);
  if (acked.length >= quorum) return [];
  const text = `${acked.length} of ${quorum} acks of ${voters.length} voters are here`;
  return [
    { kind: 'acks', acks: acked.length, quorum, voters: voters.length, text },
    ...voters.filter((voter) => !acked.includes(voter)).map((voter) => missingAck(rollout, voter, hosts)),
  ];
}

function missingAck(rollout: Rollout, voter: string, hosts: readonly RolloutHost[]): RolloutCause {
  const ack = ackOf(rollout, voter);
  if (ack !== undefined) {
    const { candidate } = ack;
    const to = candidate === null ? 'nobody (VOID)' : `another candidate, ${candidate}`;
    const text = `${voter} gave its ack for version ${rollout.version} to ${to}`;
    return { kind: 'lost-ack', voter, candidate, text };
  }
  const lastSeen = hosts.find(({ id }) => id === voter)?.lastSeen ?? null;
  const text = `${voter} has not acked; ${seenSentence(lastSeen)}`;
  return { kind: 'silent-voter', voter, lastSeen, text };
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

function notApplied({ version }: Rollout, hosts: readonly RolloutHost[]): readonly RolloutCause[] {
  return hosts
    .filter(({ leases, state }) => state !== 'applied' && state !== 'superseded' && leases.length === 0)
    .map(({ id: host, lastSeen, state }) => {
      const text = `${host} has not applied version ${version}; ${seenSentence(lastSeen)}`;
      return { kind: 'not-applied', host, state, lastSeen, text };
    });
}

function seenSentence(at: number | null): string {
  return at === null ? 'it has never been heard here' : `last heard at ${isoTime(seconds(at))}`;
}
