import { type LogId, type PrincipalId, type PublicKey, type Seconds, seconds } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import { setupKey } from './evidence.ts';
import type { Membership } from './membership.ts';

/**
 * When a period by days began for a host: the earliest signed time of its set-ups, in whichever log the host had under
 * whichever version (DESIGN: time, decisions). So later ones change nothing, and a wiped host that joins again under its
 * id goes on where it was. Null without one that counts at the instant `now`, the lower bound of the present.
 */
export function setUpAt(
  { evidence, versions }: Pick<Membership, 'evidence' | 'versions'>,
  period: string,
  host: PrincipalId,
  now: Seconds | null,
): Seconds | null {
  const records = new Set<Verified<'setup'>>();
  for (const { roster } of versions) {
    const member = roster.members.get(host);
    for (const { key, log } of member?.kind === 'host' ? member.logs : []) {
      for (const record of setUpsOf(evidence.setups, period, log, key)) records.add(record);
    }
  }
  // A relay that has been retired stays good for what it signed before.
  const believed = (relay: PublicKey) =>
    versions.some(({ roster }) => roster.policy.relays.some(({ key }) => key === relay));
  let first: number | null = null;
  for (const { token } of records) {
    if (token === null || !believed(token.relay)) continue;
    const at = token.midpoint - token.radius;
    // The attack: with a lying relay's token from the future the period would begin then, or never end.
    if (now === null || at > now) continue;
    first = Math.min(first ?? at, at);
  }
  return first === null ? null : seconds(first);
}

// No fork and no revocation takes a set-up back: each could be had for the asking by whoever wants to begin again.
function setUpsOf(
  setups: ReadonlyMap<string, readonly Verified<'setup'>[]>,
  period: string,
  log: LogId,
  key: PublicKey,
): readonly Verified<'setup'>[] {
  return (setups.get(setupKey(period, log)) ?? []).filter((record) => record.key === key);
}
