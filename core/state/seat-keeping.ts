import type { Ledger } from '../ledger/ledger.ts';
import type { Hash } from '../units.ts';
import type { Configuration } from './compile.ts';
import { endOfLog } from './evidence.ts';
import type { Membership } from './membership.ts';
import { ownerOf } from './quorum.ts';
import { addMove, emptySeatBook, isSeatMove, type SeatBook, type SeatFacts } from './seat-moves.ts';

/** What booking needs of the state, and what it keeps there. */
interface Booked {
  readonly ledger: Ledger;
  readonly membership: Membership;
  readonly configurations: ReadonlyMap<Hash, { readonly configuration: Configuration }>;
  seats: SeatBook;
  bookedEnds: string;
}

/** Books all moves anew where a log's end has changed: what it gave away after that counts no more, and nor does what others did with it. */
export function keepBook(state: Booked): void {
  const facts = seatFacts(state);
  const { evidence, forks } = state.membership;
  // Logs that have not arrived are among them: what comes of one is folded by its end, which a version may lift.
  const revoked = [...evidence.revocations.values()].flatMap(({ body }) => [...body.logs.keys()]);
  const logs = [...new Set([...forks.keys(), ...revoked])].filter((log) => facts.endOf(log) !== null);
  const ends = logs.map((log) => `${log} ${facts.endOf(log)}`).join();
  if (ends === state.bookedEnds) return;
  state.bookedEnds = ends;
  state.seats = emptySeatBook();
  for (const records of state.ledger.logs.values()) {
    for (const record of records) if (isSeatMove(record)) addMove(state.seats, record, facts);
  }
}

/** What is known of versions and of the ends of logs, as booking asks for it. */
export function seatFacts({
  configurations,
  membership,
}: Omit<Booked, 'ledger' | 'seats' | 'bookedEnds'>): SeatFacts {
  return {
    lotOf(version, log, hostClass, feature) {
      const configuration = configurations.get(version)?.configuration;
      if (configuration === undefined) return undefined;
      const member = ownerOf(configuration.roster, log);
      if (member?.class !== hostClass) return 0;
      return configuration.lots.get(feature)?.get(member.id) ?? 0;
    },
    endOf(log) {
      const newest = membership.versions.at(-1);
      return newest === undefined
        ? null
        : endOfLog(membership.evidence, membership.forks, newest.roster, log);
    },
  };
}
