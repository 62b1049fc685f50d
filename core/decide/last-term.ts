import { type Evidence, isTermOpen } from '../state/evidence.ts';
import type { Member } from '../state/roster.ts';
import type { Version } from '../state/versions.ts';
import type { LogId, Seconds } from '../units.ts';
import { creditTerm, type LotQuestion, termSpan } from './lots.ts';
import { governing } from './vote.ts';

/**
 * The end of the last term that a host may be leasing in, by what is known here: of its class under a version that has
 * it, or of the giver of seats that were sent to it. Later terms may be opened to it as long as no newer version is
 * without it. Null where no term was opened to it.
 */
export function lastTermEnd(
  question: Pick<LotQuestion, 'evidence' | 'versions'> & {
    readonly seats: Pick<LotQuestion['seats'], 'credits' | 'creditsOf'>;
  },
  { class: name, logs }: Member,
): Seconds | null {
  const { evidence, seats, versions } = question;
  const own = new Set(logs.map(({ log }) => log));
  const ends = versions.flatMap((version) => {
    const hostClass = name === null ? undefined : version.roster.policy.classes.get(name);
    if (name === null || hostClass === undefined || !isIn(version, own)) return [];
    const opened = openedTo(evidence, versions, version, name);
    return opened.length === 0 ? [] : [termSpan(hostClass, Math.max(...opened)).until];
  });
  const credits = [...own].flatMap((log) => [...(seats.creditsOf.get(log) ?? [])]);
  const lent = credits.flatMap((hash) => {
    const credit = seats.credits.get(hash);
    const term = credit === undefined || credit.seats === 0 ? null : creditTerm(question, credit.transfer);
    return term === null ? [] : [term.until];
  });
  const last = [...ends, ...lent].sort((a, b) => b - a)[0];
  return last ?? null;
}

function isIn({ roster }: Version, own: ReadonlySet<LogId>): boolean {
  return [...roster.members.values()].some(({ logs }) => logs.some(({ log }) => own.has(log)));
}

function openedTo(
  evidence: Evidence,
  versions: readonly Version[],
  version: Version,
  name: string,
): readonly number[] {
  const prefix = `${version.id}/${name}/`;
  const terms = [...evidence.terms.keys()].flatMap((key) =>
    key.startsWith(prefix) ? [Number(key.slice(prefix.length))] : [],
  );
  return terms.filter(
    (term) => governing(versions, name, term) === version && isTermOpen(evidence, version, name, term),
  );
}
