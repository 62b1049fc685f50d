import type { LotView } from '../../core/decide/lots.ts';
import type { Configuration } from '../../core/state/compile.ts';
import { type Evidence, emptyEvidence, termKey } from '../../core/state/evidence.ts';
import type { Roster } from '../../core/state/roster.ts';
import { emptySeatBook } from '../../core/state/seat-moves.ts';
import type { Version } from '../../core/state/versions.ts';
import type { LogId, PrincipalId } from '../../core/units.ts';
import { electorate, keyNamed, logNamed, versionWith } from './rosters.ts';

/** Three voters. */
const ABC = electorate('abc');

/** Seats of the one feature, and what each host has of them. */
export interface Seats {
  readonly seats: number;
  readonly overdraft?: number;
  readonly lots: Readonly<Record<string, number>>;
}

/** A version: its roster, where it begins to govern, and its seats; null where they are not known. */
export interface Chapter {
  readonly seats: Seats | null;
  readonly first?: number;
  readonly roster?: Roster;
  readonly firstTerms?: ReadonlyMap<string, number>;
  readonly content?: null;
}

function chain(chapters: readonly Chapter[]): readonly Version[] {
  return chapters.map(({ content, first, firstTerms, roster }, i) =>
    versionWith(i + 1, roster ?? ABC, {
      firstTerms: firstTerms ?? new Map([['office', first ?? 0]]),
      ...(content === null ? { content } : {}),
    }),
  );
}

/** Evidence that these voters opened the first twenty terms of these versions. */
export function opened(versions: readonly Version[], openers: Iterable<string> = 'ab'): Evidence {
  const evidence = emptyEvidence();
  const signatories = [...openers].map((name) => ({ log: logNamed(name), key: keyNamed(name) }));
  for (const { id } of versions) {
    for (let term = 0; term < 20; term++) evidence.terms.set(termKey(id, 'office', term), signatories);
  }
  return evidence;
}

/** What is asked about the lots of a host under these versions. */
export function question(
  chapters: readonly Chapter[],
  host: string,
  applied = chapters.length,
  openers: Iterable<string> = 'ab',
) {
  const versions = chain(chapters);
  return {
    ...{
      host: host as PrincipalId,
      log: 1 as LogId,
      seats: emptySeatBook(),
      versions,
      evidence: opened(versions, openers),
    },
    applied: versions[applied - 1] as Version,
    configuration(version: Version) {
      const seats = chapters[version.version - 1]?.seats ?? null;
      if (seats === null) return null;
      const lots = new Map([['draw', new Map(Object.entries(seats.lots))]]);
      const { overdraft = 0 } = seats;
      const registry = { features: { draw: { seats: seats.seats, overdraft } } };
      return { registry, lots } as unknown as Pick<Configuration, 'registry' | 'lots'>;
    },
  };
}

/** The lot of `draw`, or why there is none. */
export function said(view: LotView): string | number {
  return view.ok ? view.lot('draw') : view.reason;
}

/** Two seats each for two hosts. */
export const TWO: Chapter = { seats: { seats: 4, lots: { a: 2, b: 2 } } };
