import type { Member, Roster } from '../../core/state/roster.ts';
import type { Proposal, Version } from '../../core/state/versions.ts';
import type { Hash, LogId, PrincipalId, PublicKey } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';

/** The one class of hosts whose terms the model opens. */
export const CLASS = 'office';

/** Somebody who signs: one log with one key. Its name is the principal's, with a digit for a second log. */
export interface Actor {
  readonly name: string;
  readonly log: LogId;
  readonly key: PublicKey;
}

/** What an exploration starts from, and how far it goes. */
export interface Scenario {
  readonly name: string;
  readonly genesis: Version;
  readonly proposals: readonly Proposal[];
  readonly actors: readonly Actor[];
  /** Those who sign whatever may do harm. */
  readonly liars: readonly string[];
  /** Terms that voters may open: 0 … terms − 1. */
  readonly terms: number;
  /** Highest version that may be voided. */
  readonly versions: number;
  /** Whose disk may be restored from a backup that is empty → who signs from then on. */
  readonly restored: ReadonlyMap<string, string>;
}

/** A candidate in short: its name, whose number is its version, the name of its parent, and its roster. */
export interface Candidate {
  readonly id: string;
  readonly parent: string;
  readonly voters: string;
  readonly liars?: number;
  /** Whether its roster has the class whose terms the model opens; it does unless told. */
  readonly classed?: boolean;
}

/** A candidate on a parent, with the voters that it names. */
export function on(parent: string, id: string, voters: string, more: Partial<Candidate> = {}): Candidate {
  return { id, parent, voters, ...more };
}

/** The version number in a candidate's name: 2 for `X2`. */
function versionIn(id: string): number {
  return Number(id.replace(/\D/g, ''));
}

/**
 * A scenario from names. `voters` lists logs: `abc` is three principals with a log each; `a+` is a second log of `a`,
 * and `a,a+` in one roster gives principal `a` both.
 */
export function scenario(
  name: string,
  voters: string,
  candidates: readonly Candidate[],
  more: Partial<
    Pick<Scenario, 'terms' | 'versions' | 'restored'> & { liars: string; tolerated: number; alone: boolean }
  > = {},
): Scenario {
  const tolerated = more.tolerated ?? 0;
  const all = [voters, ...candidates.map((candidate) => candidate.voters)].flatMap(logsIn);
  const genesis = genesisOf(rosterOf(voters, tolerated, true));
  return {
    name,
    genesis,
    proposals: candidates.map((candidate) => proposalOf(candidate, tolerated)),
    actors: [...new Set(all)].sort().map(actor),
    liars: logsIn(more.liars ?? ''),
    terms: more.terms ?? 0,
    versions: more.versions ?? Math.max(2, ...candidates.map(({ id }) => versionIn(id) - 1)),
    restored: more.restored ?? new Map(),
  };
}

function logsIn(voters: string): string[] {
  return voters.match(/[a-z]\+?/g) ?? [];
}

function actor(name: string): Actor {
  const number = name.charCodeAt(0) - 96 + (name.endsWith('+') ? 100 : 0);
  return { name, log: number as LogId, key: number.toString(16).padStart(64, '0') as PublicKey };
}

function rosterOf(voters: string, liars: number, classed: boolean): Roster {
  const members = new Map<PrincipalId, Member>();
  for (const { key, log, name } of logsIn(voters).map(actor)) {
    const id = name.slice(0, 1) as PrincipalId;
    const logs = [...(members.get(id)?.logs ?? []), { log, key }];
    members.set(id, { id, kind: 'host', name: id, logs, class: CLASS, roles: ['issuer', 'voter'] });
  }
  const office = { term: seconds(86_400), ahead: 1, maxOffline: seconds(1_209_600), clock: 'none' } as const;
  const policy = {
    ...({ issuers: 1, liars, lyingRelays: 0, apply: 'idle', deadline: null } as const),
    ...{
      classes: new Map(classed ? [[CLASS, office]] : []),
      relays: [],
      recovery: { keys: [], threshold: 1 },
    },
  };
  return { members, policy };
}

function genesisOf(roster: Roster): Version {
  return {
    ...{ version: 1, id: 'G1' as Hash, parent: null, roster, content: null, frontier: new Map() },
    ...{ message: 'genesis', author: null, ackers: [], firstTerms: new Map([[CLASS, 0]]), generation: 0 },
  };
}

// Any issuer may sign any candidate, rivals too: what the model is about must not rest on issuers (rule R1).
function proposalOf({ classed = true, id, liars, parent, voters }: Candidate, tolerated: number): Proposal {
  const roster = rosterOf(voters, liars ?? tolerated, classed);
  const issuers = new Set(['a', 'b', 'c', 'd', 'e'].map((name) => name as PrincipalId));
  return {
    ...{ id: id as Hash, version: versionIn(id), parent: parent as Hash, roster },
    ...{ content: id as Hash, frontier: new Map(), message: id, author: 'a' as PrincipalId },
    ...{ signers: issuers, skips: new Map() },
  };
}
