import { type Evidence, emptyEvidence, toAck } from '../../core/state/evidence.ts';
import { emptyMembership } from '../../core/state/membership.ts';
import type { Ack } from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import type { Proposal, Version } from '../../core/state/versions.ts';
import type { Verified } from '../../core/verify/record.ts';
import { last, type Rules } from './rules.ts';
import type { Scenario } from './scenario.ts';

type AckRecord = Verified<'ack'>;

/**
 * What can be known where certain acks have been signed. Messages arrive in any order, or never, so whoever acts may know
 * any subset of them; even what it knew before a moment ago may have been forgotten, except what its own log says.
 * That allows more than the network does, so what is safe here is safe there.
 */
export interface Knowledge {
  /** Every chain of certified versions that some subset of the acks proves, with every bound on terms that one proves. */
  readonly chains: readonly (readonly Version[])[];
  /** For a version: acks that prove it closed to those who decide on this roster, or null. */
  closing(version: number, roster: Roster): readonly Ack[] | null;
  /** The proposal with the proofs for what it skips, as far as there are any. */
  proven(proposal: Proposal, roster: Roster): Proposal;
}

/** Everything that the acks let anybody know. */
export function knowledgeOf(scenario: Scenario, rules: Rules, acks: readonly AckRecord[]): Knowledge {
  const closings = new Map<Roster, Map<number, readonly Ack[] | null>>();
  const chains = new Map<string, readonly Version[]>();
  extend([scenario.genesis], '');
  return { chains: [...chains.values()], closing, proven };

  function extend(chain: readonly Version[], name: string): void {
    if (chains.has(name)) return;
    chains.set(name, chain);
    const newest = last(chain);
    for (const proposal of scenario.proposals) {
      if (proposal.parent !== newest.id || !acks.some(({ body }) => body.candidate === proposal.id)) continue;
      for (const version of certified(proven(proposal, newest.roster), newest)) {
        extend([...chain, version], `${name} ${version.id}:${[...version.firstTerms.values()]}`);
      }
    }
  }

  function* certified(proposal: Proposal, newest: Version): Iterable<Version> {
    const naming = byLog(acks.filter(({ body }) => body.candidate === proposal.id));
    // Without terms all certificates for one candidate say the same.
    const options = naming.map((ofLog) => (scenario.terms === 0 ? ofLog.slice(0, 1) : [null, ...ofLog]));
    for (const chosen of product(options)) {
      const evidence = evidenceOf(chosen.filter((ack) => ack !== null));
      const membership = { ...emptyMembership(scenario.genesis.id), evidence };
      const version = rules.certify(proposal, newest, rules.countableAcks(membership, proposal, newest));
      if (version !== null) yield version;
    }
  }

  function proven(proposal: Proposal, roster: Roster): Proposal {
    const skips = new Map<number, readonly Ack[]>();
    for (let version = versionOfParent(proposal) + 1; version < proposal.version; version++) {
      skips.set(version, closing(version, roster) ?? []);
    }
    return { ...proposal, skips };
  }

  function versionOfParent(proposal: Proposal): number {
    const parent = scenario.proposals.find(({ id }) => id === proposal.parent);
    return parent?.version ?? scenario.genesis.version;
  }

  function closing(version: number, roster: Roster): readonly Ack[] | null {
    const known = closings.get(roster) ?? new Map<number, readonly Ack[] | null>();
    closings.set(roster, known);
    const found = known.get(version);
    if (found !== undefined) return found;
    const proof = closingProof(version, roster);
    known.set(version, proof);
    return proof;
  }

  // Of one who signed twice the proof shows what suits it; of all others it shows all, since a new voter's ack never opens what is closed.
  function closingProof(version: number, roster: Roster): readonly Ack[] | null {
    const own = acks.filter((ack) => ack.body.version === version);
    const options = byLog(own).map((ofLog) => [
      ...new Map(ofLog.map((ack) => [ack.body.candidate, ack])).values(),
    ]);
    for (const chosen of product(options)) {
      const shown = chosen.map((ack) => shownUnder(ack, roster)).filter((ack) => ack !== null);
      if (rules.isClosed(shown, roster)) return shown;
    }
    return null;
  }

  // Whoever knows the candidate knows what roster it leads to, and so whose acks it needs beside these voters'.
  function shownUnder(ack: AckRecord, roster: Roster): Ack | null {
    const proposal = scenario.proposals.find(({ id }) => id === ack.body.candidate);
    const parent = scenario.proposals.find(({ id }) => id === proposal?.parent) ?? scenario.genesis;
    if (proposal === undefined || parent.roster !== roster) return toAck(ack, roster);
    const stated = toAck(ack, roster) ?? toAck(ack, proposal.roster);
    return stated === null ? null : { ...stated, child: proposal.roster };
  }
}

function evidenceOf(acks: readonly AckRecord[]): Evidence {
  const byVersion = new Map<number, AckRecord[]>();
  for (const ack of acks) byVersion.set(ack.body.version, [...(byVersion.get(ack.body.version) ?? []), ack]);
  return { ...emptyEvidence(), acks: byVersion };
}

function byLog(acks: readonly AckRecord[]): AckRecord[][] {
  const logs = new Map<number, AckRecord[]>();
  for (const ack of acks) logs.set(ack.log, [...(logs.get(ack.log) ?? []), ack]);
  return [...logs.values()];
}

/** Every way of taking one from each. */
export function* product<T>(options: readonly (readonly T[])[]): Iterable<readonly T[]> {
  const [first, ...rest] = options;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const tail of product(rest)) for (const head of first) yield [head, ...tail];
}
