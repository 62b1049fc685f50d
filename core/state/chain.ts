import type { Hash } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import type { Evidence } from './evidence.ts';
import { countableAcks, proposalsOn } from './proposals.ts';
import { memberOf } from './quorum.ts';
import { rosterFromValue } from './roster-codec.ts';
import { certify, type Version } from './versions.ts';

/** The genesis as version 1, or null if its roster is none or its author is not in it. */
export function genesisVersion(record: Verified<'genesis'>): Version | null {
  const roster = rosterFromValue(record.body.roster);
  if (!roster.ok) return null;
  const author = memberOf(roster.value, record.log, record.key);
  if (author === undefined) return null;
  return {
    version: 1,
    id: record.hash,
    parent: null,
    roster: roster.value,
    content: null,
    frontier: new Map(),
    message: record.body.name,
    author: author.id,
    ackers: [],
    firstTerms: new Map([...roster.value.policy.classes.keys()].map((name) => [name, 0])),
    generation: 0,
  };
}

/** Adds to a chain every version that the evidence certifies after it, and gives the chain. */
export function extend(evidence: Evidence, versions: Version[]): Version[] {
  for (let newest = versions.at(-1); newest !== undefined; newest = versions.at(-1)) {
    const next = nextVersion(evidence, newest);
    if (next === null) break;
    versions.push(next);
  }
  return versions;
}

/**
 * The chain of the newest generation: enough recovery keys of a version start one on it, and what was certified after it
 * is overruled (rule R9, break-glass).
 */
export function newestGeneration(evidence: Evidence, genesis: readonly Version[]): readonly Version[] {
  // All are grown from the genesis, or who heard of two recoveries in another order would end elsewhere.
  const branches = [extend(evidence, [...genesis])];
  const made = new Set<Hash>();
  for (const branch of branches) {
    for (const record of evidence.recoveries.values()) {
      const at = branch.findIndex((version) => version.id === record.body.parent);
      const parent = branch[at];
      const version = parent === undefined || made.has(record.hash) ? null : recoveryVersion(record, parent);
      if (version === null) continue;
      made.add(version.id);
      branches.push(extend(evidence, [...branch.slice(0, at + 1), version]));
    }
  }
  return branches.reduce((best, branch) => (overrules(branch, best) ? branch : best));
}

function overrules(a: readonly Version[], b: readonly Version[]): boolean {
  const [newer, older] = [a.at(-1), b.at(-1)];
  if (newer === undefined || older === undefined) return false;
  if (newer.generation !== older.generation) return newer.generation > older.generation;
  return rootOf(a) < rootOf(b);
}

/** The recovery that began a branch's generation. */
function rootOf(branch: readonly Version[]): string {
  const generation = branch.at(-1)?.generation;
  return branch.find((version) => version.generation === generation)?.id ?? '';
}

function recoveryVersion(record: Verified<'recover'>, parent: Version): Version | null {
  const { keys, threshold } = parent.roster.policy.recovery;
  const signers = record.signers.filter((key) => keys.includes(key));
  // The attack: where a genesis asks for no signature, anybody could start a generation of his own.
  if (signers.length < Math.max(1, threshold) || record.body.generation <= parent.generation) return null;
  const roster = rosterFromValue(record.body.roster);
  if (!roster.ok || record.body.version <= parent.version) return null;
  return {
    version: record.body.version,
    id: record.hash,
    parent: parent.id,
    roster: roster.value,
    content: null,
    frontier: parent.frontier,
    message: record.body.reason,
    author: null,
    ackers: [],
    firstTerms: parent.firstTerms,
    generation: record.body.generation,
  };
}

function nextVersion(evidence: Evidence, newest: Version): Version | null {
  for (const proposal of proposalsOn({ evidence }, newest)) {
    const acks = countableAcks({ evidence }, proposal, newest);
    const version = certify(proposal, newest, acks);
    if (version !== null) return version;
  }
  return null;
}
