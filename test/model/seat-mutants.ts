import { LeaseTable } from '../../core/engine/lease-table.ts';
import type { Model } from '../../core/engine/model.ts';
import type { Member } from '../../core/state/roster.ts';
import { addMove, type SeatBook, type SeatMove } from '../../core/state/seat-moves.ts';
import { type Seconds, seconds } from '../../core/units.ts';
import { explore, type Finding } from './explorer.ts';
import { type SeatScenario, type Stand, TERM } from './lender.ts';
import { type LendingRules, lendingMachine } from './lending.ts';
import { DEADLY } from './mutants.ts';
import { REAL } from './rules.ts';
import { FLOATING, LENDING, type SeatRealm, TWO_LOGS } from './seat-realms.ts';
import { realFold, realGifts, type SeatRules, seatMachine } from './seat-world.ts';
import type { Breach } from './world.ts';

/** The rules as they are. Every answer is the core's own. */
export const REAL_SEATS: SeatRules = {
  ...REAL,
  seen: (model) => model,
  fold: realFold,
  gifts: realGifts,
  noticesRestore: true,
};

/** A broken rule of seats and how it is found out. */
interface SeatMutant {
  readonly name: string;
  readonly breach: Breach;
  find(limit: number): Finding;
}

/** Rules without which more is lent than there is, or a lease is cut short by a gift. */
export const SEAT_MUTANTS: readonly SeatMutant[] = [
  ...['T1:', 'T2:', 'T3: governs from the highest'].map((start) => {
    const { name, rules } = DEADLY.find((mutant) => mutant.name.startsWith(start)) ?? {
      name: '',
      rules: REAL,
    };
    return lending(name, 0, { ...REAL_SEATS, ...rules });
  }),
  lending('Seats: the latest version in place of the maximum over versions', 0, {
    ...REAL_SEATS,
    seen: byLatestVersion,
  }),
  lending('Seats: a restored host keeps its lots', 7, { ...REAL_SEATS, seen: withLotsOfOldLog }),
  {
    name: 'Seats: a host has two logs, as the check of rosters refuses',
    breach: 'over-issued',
    find: (limit) => explore(lendingMachine(TWO_LOGS, REAL_SEATS), limit),
  },
  floating('R7: a restored host lends what it had given away', 3, { noticesRestore: false }),
  floating('Seats: a transfer is accepted twice', 0, { fold: acceptedAgain }),
  floating('Seats: the giver is not debited until the receiver accepts', 0, { fold: debitedAtAccept }),
  floating('Seats: a transfer is credited in the next term', 0, { fold: creditedLater }),
  floating('Seats: what is in use is given away', 0, {
    gifts: (model, to, wish) => realGifts(without(model, !isLater(model, wish.until)), to, wish),
  }),
  {
    ...floating('Seats: seats of the next term are given away while the leases of this one go on', 0, {
      gifts: (model, to, wish) => realGifts(without(model, isLater(model, wish.from)), to, wish),
    }),
    breach: 'lease-cut',
  },
];

function lending(name: string, realm: number, rules: LendingRules): SeatMutant {
  const scenario = LENDING[realm] as SeatScenario;
  return {
    ...{ name, breach: 'over-issued' },
    find: (limit) => explore(lendingMachine(scenario, rules), limit),
  };
}

function floating(name: string, realm: number, broken: Partial<SeatRules>): SeatMutant {
  const { floating: how, scenario } = FLOATING[realm] as SeatRealm;
  const rules = { ...REAL_SEATS, ...broken };
  return {
    ...{ name, breach: 'over-issued' },
    find: (limit) => explore(seatMachine(scenario, how, rules), limit),
  };
}

// Whatever version somebody else may be on, it is taken to give what the applied one gives.
function byLatestVersion(model: Model): Model {
  const own = model.applied;
  const { configurations } = model.state;
  if (own === null) return model;
  const all = [...configurations.keys()].map((id) => [id, own] as const);
  return { ...model, state: { ...model.state, configurations: new Map(all) } };
}

// As if the new log had been the host's own in every version.
function withLotsOfOldLog(model: Model, { actor, chain }: Stand): Model {
  const newest = chain.at(-1)?.roster;
  const own = [...(newest?.members.values() ?? [])].find(({ logs }) =>
    logs.some(({ log }) => log === actor.log),
  );
  if (own === undefined) return model;
  const renamed = chain.map((version) => {
    const members = new Map<Member['id'], Member>(version.roster.members);
    if (members.has(own.id)) members.set(own.id, own);
    return { ...version, roster: { ...version.roster, members } };
  });
  const membership = { ...model.state.membership, versions: renamed };
  return { ...model, state: { ...model.state, membership } };
}

type Logs = Parameters<SeatRules['fold']>[0];
type Facts = Parameters<SeatRules['fold']>[1];

function acceptedAgain(logs: Logs, facts: Facts): SeatBook {
  const book = realFold([], facts);
  for (const log of logs) {
    for (const move of log) {
      addMove(book, move, facts);
      offerAgain(book, move);
    }
  }
  // Moves that waited for others have been booked since.
  for (const move of logs.flat()) offerAgain(book, move);
  return book;
}

function offerAgain({ offered, verdicts }: SeatBook, move: SeatMove): void {
  if (move.type !== 'accept' || verdicts.get(move.hash) !== null) return;
  offered.set(move.log, (offered.get(move.log) ?? new Set()).add(move.body.of));
}

function debitedAtAccept(logs: Logs, facts: Facts): SeatBook {
  const accepted = new Set(logs.flat().flatMap((move) => (move.type === 'accept' ? [move.body.of] : [])));
  const known = logs.map((log) => log.filter((move) => move.type !== 'transfer' || accepted.has(move.hash)));
  return { ...realFold(logs, facts), left: realFold(known, facts).left };
}

function creditedLater(logs: Logs, facts: Facts): SeatBook {
  const book = realFold(logs, facts);
  const credits = [...book.credits].map(([hash, credit]) => {
    const { body } = credit.transfer;
    const transfer = { ...credit.transfer, body: { ...body, term: body.term + 1 } };
    return [hash, { ...credit, transfer }] as const;
  });
  return { ...book, credits: new Map(credits) };
}

function isLater({ time }: Model, at: Seconds): boolean {
  return Math.floor(at / TERM) > Math.floor((time.lower ?? seconds(0)) / TERM);
}

function without(model: Model, leasesAreHidden: boolean): Model {
  return leasesAreHidden ? { ...model, leases: new LeaseTable() } : model;
}
