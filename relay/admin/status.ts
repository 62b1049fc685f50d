import type { Clock } from '../../core/ports.ts';
import type { Counts } from '../counts.ts';
import type { Realms } from '../realms.ts';
import type { Relay } from '../relay.ts';
import type { TimeKeeper } from '../time.ts';
import { VERSION } from '../version.ts';

/** What a relay can say of itself. */
export interface StatusSources {
  readonly relay: Pick<Relay, 'sessions' | 'halls'>;
  readonly realms: Pick<Realms, 'all'>;
  readonly counts: Counts;
  readonly time: { readonly keeper: TimeKeeper; synchronised(): boolean } | null;
  readonly clock: Clock;
  readonly startedAt: number;
  ready(): Promise<boolean>;
}

/** The document of `/status.json`: numbers and realm ids, no key, no address, no content. */
export async function statusOf(sources: StatusSources): Promise<object> {
  const { relay, realms, counts, time, clock } = sources;
  const rooms = realms.all().map((entry) => {
    const hall = relay.halls.get(entry.realm);
    const heads = hall === undefined ? [] : [...hall.room.heads.values()];
    return {
      realm: entry.realm,
      name: entry.name,
      open: hall !== undefined,
      peers: hall?.sessions.size ?? 0,
      version: hall?.room.membership.versions.at(-1)?.version ?? null,
      logs: heads.length,
      records: heads.reduce((sum, head) => sum + head.next, 0),
      frozen: hall?.room.membership.forks.size ?? 0,
    };
  });
  return {
    ...{ apiVersion: 'leasehold/v1', kind: 'RelayStatus', version: VERSION, ready: await sources.ready() },
    ...{ now: Math.floor(clock.wall()), startedAt: Math.floor(sources.startedAt) },
    peers: relay.sessions.size,
    time:
      time === null
        ? null
        : { delegatedUntil: time.keeper.delegatedUntil(), synchronised: time.synchronised() },
    rooms,
    counts: Object.fromEntries(
      [...counts.read()].map(([name, labels]) => [name, Object.fromEntries(labels)]),
    ),
  };
}
