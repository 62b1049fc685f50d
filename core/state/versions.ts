import type { Hash, LogId, PrincipalId } from '../units.ts';
import { type Ack, firstTerm, isAuthorised, isCertified, isClosed } from './quorum.ts';
import type { Roster } from './roster.ts';

/** A proposal for a version, with the principals that signed it so far. */
export interface Proposal {
  /** Hash of the candidate record. */
  readonly id: Hash;
  readonly version: number;
  readonly parent: Hash;
  /** The roster that results, or null when its change does not fit the parent's. */
  readonly roster: Roster;
  readonly content: Hash;
  /** log → first seq that is not included. */
  readonly frontier: ReadonlyMap<LogId, number>;
  readonly message: string;
  readonly author: PrincipalId;
  readonly signers: ReadonlySet<PrincipalId>;
  /** For each version between parent and this one: acks which prove that nothing won there. */
  readonly skips: ReadonlyMap<number, readonly Ack[]>;
}

/** A certified configuration, without its content. */
export interface Version {
  readonly version: number;
  /** Hash of the candidate record, or of the genesis. */
  readonly id: Hash;
  readonly parent: Hash | null;
  readonly roster: Roster;
  /** Hash of the compiled configuration; null for a genesis, which compiles to nothing but its roster. */
  readonly content: Hash | null;
  readonly frontier: ReadonlyMap<LogId, number>;
  readonly message: string;
  readonly author: PrincipalId | null;
  /** Principals whose acks for it are known. */
  readonly ackers: readonly PrincipalId[];
  /** The first term of each class that this version governs (rule T3). */
  readonly firstTerms: ReadonlyMap<string, number>;
  /** Counts recoveries: a higher generation overrules (rule R9). */
  readonly generation: number;
}

/** Why a proposal cannot become a version, or cannot yet. */
export type ProposalReason =
  | 'unknown-parent'
  | 'superseded'
  | 'version-not-after-parent'
  | 'too-few-issuers'
  | 'skip-without-proof';

/**
 * Whether the rules let a proposal compete for its version: its parent is the newest certified version (R6),
 * enough issuers signed (R1), and each version between is proven closed (R4). Null means yes.
 */
export function objection(proposal: Proposal, newest: Version): ProposalReason | null {
  if (proposal.version <= newest.version) return 'superseded';
  if (proposal.parent !== newest.id) return 'unknown-parent';
  if (!isAuthorised(proposal.signers, newest.roster, proposal.roster)) return 'too-few-issuers';
  for (let between = newest.version + 1; between < proposal.version; between++) {
    const acks = (proposal.skips.get(between) ?? []).filter((ack) => ack.version === between);
    if (!isClosed(acks, newest.roster)) return 'skip-without-proof';
  }
  return null;
}

/** The version that a proposal becomes if the acks certify it, or null (rules R1, R3, R4). */
export function certify(proposal: Proposal, newest: Version, acks: readonly Ack[]): Version | null {
  if (objection(proposal, newest) !== null) return null;
  const own = acks.filter((ack) => ack.version === proposal.version);
  if (!isCertified(proposal.id, own, newest.roster, proposal.roster)) return null;
  const { id, version, parent, roster, content, frontier, message, author } = proposal;
  const { generation } = newest;
  const certified = { id, version, parent, roster, content, frontier, message, author, generation };
  return withAcks({ ...certified, ackers: [], firstTerms: new Map() }, newest, own);
}

/** The first term that a proposal's version governs, for each class that it or a version before it has (rule T3). Never one before the parent's. */
export function startsOf(
  proposal: Pick<Proposal, 'id' | 'roster'>,
  parent: Version,
  acks: readonly Ack[],
): ReadonlyMap<string, number> {
  const { classes } = proposal.roster.policy;
  return new Map([...parent.firstTerms.keys(), ...classes.keys()].map((name) => [name, startOf(name)]));

  function startOf(name: string): number {
    const proven = firstTerm(proposal.id, acks, parent.roster, name);
    // The attack: voters who came with the parent never opened, so never state, the terms that its parent's voters opened.
    return Math.max(proven, parent.firstTerms.get(name) ?? 0);
  }
}

/** The version with one more ack known, by somebody who is no voter: shown, not counted. */
export function withAcker(version: Version, ack: Ack | null): Version {
  if (ack === null || ack.version !== version.version || version.content === null) return version;
  if (ack.candidate !== version.id || version.ackers.includes(ack.voter)) return version;
  return { ...version, ackers: [...version.ackers, ack.voter].sort() };
}

/** The version with every ack that is known counted: more than a quorum can prove an earlier first term (rule T3). */
export function withAcks(version: Version, parent: Version, acks: readonly Ack[]): Version {
  const ackers = acks.filter((ack) => ack.candidate === version.id).map((ack) => ack.voter);
  return { ...version, ackers: [...new Set(ackers)].sort(), firstTerms: startsOf(version, parent, acks) };
}
