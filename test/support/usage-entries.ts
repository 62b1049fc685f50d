import type { UsageEntry, UsageLog } from '../../core/state/usage.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import { HOUR } from './usage.ts';

/** A log of use as the agent gives it: one record for each host and hour that is covered. */
export function entriesOf({ covered, denials, lost, sessions }: UsageLog): UsageEntry[] {
  const entries: UsageEntry[] = [];
  [...covered].forEach(([host, hours], i) => {
    const ofHost = <T extends { readonly host: PrincipalId }>(events: readonly T[]) =>
      events.filter((event) => event.host === host);
    hours.forEach((hour, seq) => {
      const names: string[] = [];
      const nameOf = (name: string) => (names.includes(name) ? names.indexOf(name) : names.push(name) - 1);
      const upTo = hour + HOUR;
      const within = ofHost(sessions).filter(({ from, until }) => from < upTo && until >= hour);
      const idle = within.flatMap((session, place) => (session.idle && session.until < upTo ? [place] : []));
      entries.push({
        ...(idle.length === 0 ? {} : { idle }),
        ...{ host, log: (i + 1) as LogId, seq, hour, quiet: 0, names, upTo: seconds(upTo) },
        lost: i === 0 && seq === 0 ? lost : 0,
        sessions: within.map(({ feature, from, until, user }) => [
          ...([nameOf(feature), nameOf(user)] as const),
          ...([from - hour, until < upTo ? until - hour : null] as const),
        ]),
        denials: ofHost(denials)
          .filter(({ at }) => at >= hour && at < upTo)
          .map(({ at, feature, reason, user }) => [nameOf(feature), nameOf(user), at - hour, nameOf(reason)]),
      });
    });
  });
  return entries;
}
