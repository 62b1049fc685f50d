import { type Model, newestVersion } from '../../engine/model.ts';
import { isoTime } from '../../state/period.ts';
import type { StatusReport } from '../protocol.ts';

/**
 * Versions that relays have signed to be there and that have not come, or not as this host has them (DESIGN: time, freeze
 * protection): who withholds a version cannot withhold that it exists. A warning, never a reason to deny.
 */
export function reportWithheld(model: Model): StatusReport['alarms'] {
  const newest = newestVersion(model);
  if (newest === null) return [];
  const { relays } = newest.roster.policy;
  return model.answers.flatMap(({ head, midpoint, relay }) => {
    const url = relays.find(({ key }) => key === relay)?.url;
    if (head === null || url === undefined) return [];
    const signed = `${url} signed at ${isoTime(midpoint)} that version ${head.version} is the newest`;
    const [ahead, same] = [head.generation - newest.generation, head.version - newest.version];
    if (ahead > 0 || (ahead === 0 && same > 0)) {
      const text = `${signed}, and this host has been shown no later one than ${newest.version}: what is between is on its way, or withheld`;
      return [{ code: 'version-withheld', text }];
    }
    if (ahead !== 0 || same !== 0 || head.digest === newest.id) return [];
    return [{ code: 'version-differs', text: `${signed}, and means another one than this host has` }];
  });
}
