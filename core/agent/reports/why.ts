import { isoTime } from '../../state/period.ts';
import { quorumOf, withRole } from '../../state/quorum.ts';
import type { Roster } from '../../state/roster.ts';
import { type Seconds, seconds } from '../../units.ts';
import type { RestrictionReport, RolloutHost } from '../protocol.ts';
import { ackOf, type Rollout } from './rollout-facts.ts';

/** What the rollout of a version waits for, in sentences, most blocking first (DESIGN: configuration, why pending). */
export function explainRollout(
  rollout: Rollout,
  hosts: readonly RolloutHost[],
  here: {
    readonly refused: string | null;
    readonly unreached: string | null;
    readonly drainsUntil: Seconds | null;
  },
): readonly string[] {
  const reasons = reasonsOf(rollout, hosts, here);
  // Where nothing is waited for, it does not matter who could not tell of it.
  return here.unreached === null || reasons.length === 0 ? reasons : [here.unreached, ...reasons];
}

function reasonsOf(
  rollout: Rollout,
  hosts: readonly RolloutHost[],
  here: { readonly refused: string | null; readonly drainsUntil: Seconds | null },
): readonly string[] {
  if (rollout.certified) return [...openLeases(hosts, here.drainsUntil), ...notApplied(rollout, hosts)];
  const refused = here.refused === null ? [] : [`this host refuses it: ${here.refused}`];
  const old = missingAcks(rollout, rollout.parent, hosts);
  const young = missingAcks(rollout, rollout.child, hosts);
  // A new set of voters has to agree as well; where it is the same, once is enough.
  const acks = JSON.stringify(old) === JSON.stringify(young) ? old : [...old, ...young];
  return [...missingSignatures(rollout), ...refused, ...new Set(acks)];
}

function missingSignatures({ parent, signers }: Rollout): readonly string[] {
  const issuers = [...withRole(parent, 'issuer')];
  const signed = issuers.filter((issuer) => signers.has(issuer));
  const { issuers: needed } = parent.policy;
  if (signed.length >= needed) return [];
  const others = issuers.filter((issuer) => !signers.has(issuer)).sort();
  return [`${signed.length} of ${needed} issuers have signed; one of these must: ${others.join(', ')}`];
}

function missingAcks(rollout: Rollout, roster: Roster, hosts: readonly RolloutHost[]): readonly string[] {
  const voters = [...withRole(roster, 'voter')].sort();
  const acked = voters.filter((voter) => ackOf(rollout, voter)?.candidate === rollout.id);
  const quorum = quorumOf(voters.length, roster.policy.liars);
  if (acked.length >= quorum) return [];
  const silent = voters.filter((voter) => !acked.includes(voter));
  const lost = silent.filter((voter) => isLost(rollout, voter, hosts));
  const isDead = voters.length - lost.length < quorum;
  return [
    ...(isDead ? [`no quorum is left without ${lost.join(', ')}: only the recovery keys can go on`] : []),
    `${acked.length} of ${quorum} acks of ${voters.length} voters are here`,
    ...silent.map((voter) => sentenceOf(rollout, voter, hosts)),
    ...(isDead
      ? []
      : lost.map((voter) => `the other voters are enough: publish the next version without ${voter}`)),
  ];
}

function sentenceOf(rollout: Rollout, voter: string, hosts: readonly RolloutHost[]): string {
  const ack = ackOf(rollout, voter);
  if (ack !== undefined) {
    const to = ack.candidate === null ? 'nobody (VOID)' : `another candidate, ${ack.candidate}`;
    return `${voter} gave its ack for version ${rollout.version} to ${to}`;
  }
  const host = hosts.find(({ id }) => id === voter);
  if (host?.restriction != null) return `${shutOut(voter, host.restriction)}: its ack never comes`;
  return `${voter} has not acked; ${seenSentence(host)}`;
}

function isLost(rollout: Rollout, voter: string, hosts: readonly RolloutHost[]): boolean {
  return ackOf(rollout, voter) === undefined && hosts.find(({ id }) => id === voter)?.restriction != null;
}

function shutOut(id: string, { by, kind, reason, since }: RestrictionReport): string {
  if (kind === 'forked') return `${id} has signed two histories, and its log is frozen`;
  const when = since === null ? '' : ` since ${isoTime(seconds(Math.floor(since)))}`;
  return `${id} is revoked${by === null ? '' : ` by ${by}`}${when} (${reason})`;
}

function openLeases(hosts: readonly RolloutHost[], drainsUntil: Seconds | null): readonly string[] {
  const limit = drainsUntil ?? seconds(Number.POSITIVE_INFINITY);
  return hosts.flatMap(({ id, leases }) =>
    [...leases]
      .sort((a, b) => b.end - a.end)
      .map(({ end, feature, pid, since, tool, user }) => {
        const process = pid === null ? tool : `${tool}, pid ${pid}`;
        const until = isoTime(seconds(Math.min(end, limit)));
        return `${id} has ${feature} on loan to ${user} (${process}) since ${isoTime(seconds(since))}, until ${until} at the latest`;
      }),
  );
}

/** Hosts in these states are not waited for. */
const SETTLED: ReadonlySet<RolloutHost['state']> = new Set<RolloutHost['state']>([
  'applied',
  'superseded',
  'restricted',
]);

function notApplied({ version }: Rollout, hosts: readonly RolloutHost[]): readonly string[] {
  return hosts
    .filter(({ leases, state }) => !SETTLED.has(state) && leases.length === 0)
    .map((host) => `${host.id} has not applied version ${version}; ${seenSentence(host)}`);
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
