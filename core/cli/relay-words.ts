import type { RelayReport } from '../agent/protocol.ts';
import { type Calendar, showMoment } from './moment.ts';

/** How a relay stands, since when, and why. */
export function relayWords(relay: RelayReport, calendar: Calendar): string {
  const { detail, since } = relay;
  if (!isAway(relay)) return relayWord(relay);
  const why = detail === null ? '' : ` (${detail})`;
  const when = since === null ? '' : ` since ${showMoment(since, calendar)}`;
  return `${relayWord(relay)}${when}${why}`;
}

/** Whether a relay does nothing for this host. */
export function isAway({ state }: RelayReport): boolean {
  return state === 'disconnected' || state === 'refused';
}

/** How a relay stands, in a few words. */
export function relayWord({ detail, state }: RelayReport): string {
  switch (state) {
    case 'none':
      return 'none';
    case 'connecting':
      return 'not reached yet';
    case 'connected':
      return 'answers; not in step yet';
    case 'synced':
      return detail ?? 'in step';
    case 'disconnected':
      return 'cannot be reached';
    case 'refused':
      return 'refuses this host';
  }
}
