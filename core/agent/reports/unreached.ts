import { isoTime } from '../../state/period.ts';
import { seconds } from '../../units.ts';
import type { RelayReport } from '../protocol.ts';

const DOWN: ReadonlySet<RelayReport['state']> = new Set<RelayReport['state']>(['disconnected', 'refused']);

/** That no relay can be reached, with what is known of each; null while one can be, and where there is none. */
export function unreachedRelays(relays: readonly RelayReport[]): string | null {
  if (relays.length === 0 || !relays.every(({ state }) => DOWN.has(state))) return null;
  const each = relays.map(({ detail, since, state, url }) => {
    const verb = state === 'refused' ? 'refuses this host' : 'cannot be reached';
    const when = since === null ? '' : ` since ${isoTime(seconds(Math.floor(since)))}`;
    return `${url} ${verb}${when}${detail === null ? '' : ` (${detail})`}`;
  });
  return `${each.join(', ')}: what other hosts have done meanwhile is not known here`;
}
