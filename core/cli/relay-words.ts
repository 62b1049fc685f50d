import type { RelayReport } from '../agent/protocol.ts';
import { type Calendar, showMoment } from './moment.ts';

/** How a relay stands, in a few words. */
export function relayWords({ detail, since, state }: RelayReport, calendar: Calendar): string {
  const why = detail === null ? '' : ` (${detail})`;
  const when = since === null ? '' : ` since ${showMoment(since, calendar)}`;
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
      return `cannot be reached${when}${why}`;
    case 'refused':
      return `refuses this host${when}${why}`;
  }
}
