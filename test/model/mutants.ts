import { mayAck, mayOpenTerm, mayVoid } from '../../core/decide/vote.ts';
import { countableAcks } from '../../core/state/proposals.ts';
import { type Ack, firstTerm, isClosed, withRole } from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import { certify, type Proposal, type Version } from '../../core/state/versions.ts';
import type { PrincipalId } from '../../core/units.ts';
import { last, REAL, type Rules } from './rules.ts';
import { CLASS, on, type Scenario, scenario } from './scenario.ts';
import type { Breach } from './world.ts';

/** One rule broken: by asking the core with something hidden or made up, so that all but this rule stays as it is. */
export interface Mutant {
  readonly name: string;
  readonly rules: Rules;
  readonly scenario: Scenario;
  readonly breach: Breach;
}

const RIVALS = [on('G1', 'X2', 'abc'), on('G1', 'W2', 'abc')];
const SKIP = [on('G1', 'X2', 'abc'), on('G1', 'Y3', 'abc')];
const NEXT = [on('G1', 'X2', 'abc'), on('X2', 'Z3', 'abc')];
const MOVED = [on('G1', 'X2', 'bcd'), on('X2', 'Z3', 'bcd')];
const LEFT_OUT = [on('G1', 'X2', 'bcd', { classed: false }), on('X2', 'Z3', 'bcd')];
const TERM = { terms: 1 };

/** Rules without which a promise breaks. */
export const DEADLY: readonly Mutant[] = [
  {
    name: 'R2: acks again where the slot is taken',
    rules: { ...REAL, mayAck: (_slots, proposal, known) => mayAck(new Map(), proposal, last(known)) },
    scenario: scenario('rivals', 'abc', RIVALS),
    breach: 'two-at-one-version',
  },
  {
    name: 'R2: voids where the slot is taken',
    rules: {
      ...REAL,
      mayVoid: (_slots, version, known, acksOf) => mayVoid(new Map(), version, last(known), acksOf),
    },
    scenario: scenario('skip', 'abc', SKIP),
    breach: 'certified-was-skipped',
  },
  {
    name: 'R2: both logs of a voter vote',
    rules: { ...REAL, sharesKey: true },
    scenario: scenario('two devices', 'aa+bc', RIVALS),
    breach: 'two-at-one-version',
  },
  {
    name: 'R3: one ack less than a quorum',
    rules: {
      ...REAL,
      certify: (proposal, newest, acks) => certify(proposal, newest, oneMore(proposal, newest, acks)),
    },
    scenario: scenario('rivals', 'abc', RIVALS),
    breach: 'two-at-one-version',
  },
  {
    name: "R3: only the child's voters count",
    rules: {
      ...REAL,
      certify: (proposal, newest, acks) => certify(proposal, { ...newest, roster: proposal.roster }, acks),
    },
    scenario: scenario('change', 'abc', [on('G1', 'X2', 'cde'), on('G1', 'W2', 'abc')]),
    breach: 'two-at-one-version',
  },
  {
    name: "R3: keys that only the child names count for the parent's voters",
    rules: {
      ...REAL,
      // By name alone, a voter's new key is as good as the old one.
      countableAcks: (membership, proposal, parent) =>
        countableAcks(membership, proposal, parent).map(({ signatory, ...named }) => named),
    },
    scenario: scenario('new keys', 'abc', [on('G1', 'X2', 'a+b+c'), on('G1', 'W2', 'abc')]),
    breach: 'two-at-one-version',
  },
  {
    name: 'R3: a voter lies where none may',
    rules: REAL,
    scenario: scenario('liar', 'abc', RIVALS, { liars: 'c', tolerated: 0 }),
    breach: 'two-at-one-version',
  },
  {
    name: 'R4: skips without proof',
    rules: {
      ...REAL,
      mayAck: (slots, proposal, known) => mayAck(slots, proven(proposal, last(known)), last(known)),
      certify: (proposal, newest, acks) => certify(proven(proposal, newest), newest, acks),
    },
    scenario: scenario('skip', 'abc', SKIP),
    breach: 'certified-was-skipped',
  },
  {
    name: 'R4: a proof that forgets who may lie',
    rules: forgettingLiars(),
    scenario: scenario('liar', 'abcd', [on('G1', 'X2', 'abcd'), on('G1', 'Y3', 'abcd')], {
      ...{ liars: 'd', tolerated: 1 },
    }),
    breach: 'certified-was-skipped',
  },
  {
    name: 'R7: a restored host keeps its key',
    rules: { ...REAL, sharesKey: true },
    scenario: scenario('restored', 'abc', [...RIVALS, on('X2', 'Z3', 'a+bc')], {
      restored: new Map([['a', 'a+']]),
    }),
    breach: 'two-at-one-version',
  },
  {
    name: 'T1: opens for the older version after the ack',
    rules: {
      ...REAL,
      mayOpenTerm: (_slots, known, of, at, acksOf) => mayOpenTerm(new Map(), known, of, at, acksOf),
    },
    scenario: scenario('terms', 'abc', NEXT, TERM),
    breach: 'term-twice',
  },
  {
    name: 'T1: opens for the older version until it sees the newer one certified',
    rules: {
      ...REAL,
      mayOpenTerm: (slots, known, of, at, acksOf) => {
        const won = [...slots].filter(([, id]) => known.some((version) => version.id === id));
        return mayOpenTerm(new Map(won), known, of, at, acksOf);
      },
    },
    scenario: scenario('terms', 'abc', NEXT, TERM),
    breach: 'term-twice',
  },
  {
    name: 'T2: an ack states no term',
    rules: { ...REAL, stated: () => -1 },
    scenario: scenario('terms', 'abc', NEXT, TERM),
    breach: 'term-twice',
  },
  {
    name: 'T3: governs from the highest stated term itself',
    rules: { ...REAL, certify: from((version) => startOf(version) - 1) },
    scenario: scenario('terms', 'abc', NEXT, TERM),
    breach: 'term-twice',
  },
  {
    name: "T3: the bound from the child's voters",
    rules: {
      ...REAL,
      certify: from(({ id, roster }, acks) => firstTerm(id, acks, roster, CLASS)),
    },
    scenario: scenario('terms, change', 'abc', MOVED, TERM),
    breach: 'term-twice',
  },
  {
    name: "T3: governs terms from before the parent's first",
    rules: { ...REAL, certify: from(({ id }, acks, parent) => firstTerm(id, acks, parent.roster, CLASS)) },
    scenario: scenario('terms, change', 'abc', MOVED, TERM),
    breach: 'term-twice',
  },
  {
    name: 'T3: forgets a class while a version leaves it out',
    rules: {
      ...REAL,
      certify: (proposal, newest, acks) => {
        const version = certify(proposal, newest, acks);
        const kept = [...(version?.firstTerms ?? [])].filter(([name]) =>
          proposal.roster.policy.classes.has(name),
        );
        return version === null ? null : { ...version, firstTerms: new Map(kept) };
      },
    },
    scenario: scenario('terms, class left out', 'abc', LEFT_OUT, TERM),
    breach: 'term-twice',
  },
  {
    name: 'T: fewer than a quorum open a term',
    rules: {
      ...REAL,
      isTermOpen: (evidence, of, hostClass, term) =>
        REAL.isTermOpen(evidence, { ...of, roster: lessStrict(of.roster) }, hostClass, term),
    },
    scenario: scenario('terms', 'abc', NEXT, TERM),
    breach: 'term-twice',
  },
];

/** Rules that can be broken, as far as these promises go: what they are for is said in their names. */
export const HARMLESS: readonly Pick<Mutant, 'name' | 'rules'>[] = [
  {
    name: "R3: only the parent's voters count (the child's make sure that the new ones are there)",
    rules: {
      ...REAL,
      certify: (proposal, newest, acks) => {
        const version = certify({ ...proposal, roster: newest.roster }, newest, acks);
        return version === null ? null : { ...version, roster: proposal.roster };
      },
    },
  },
  {
    name: 'R5: voids any version after the newest (voiding the next alone lets versions follow closely)',
    rules: {
      ...REAL,
      mayVoid: (slots, version, known, acksOf) =>
        mayVoid(slots, version, last(known), (at) =>
          at < version ? voids(at, last(known).roster) : at === version ? [] : acksOf(at),
        ),
    },
  },
  {
    name: 'R6: acks on a version that it knows to be overtaken (R2 and R4 leave such an ack nothing to win)',
    rules: {
      ...REAL,
      mayAck: (slots, proposal, known) => {
        const parent = known.find(({ id }) => id === proposal.parent);
        return mayAck(slots, proposal, parent ?? last(known));
      },
    },
  },
];

function voids(version: number, roster: Roster): readonly Ack[] {
  return [...withRole(roster, 'voter')].map((voter) => ackBy(voter, version, null));
}

function ackBy(voter: PrincipalId, version: number, candidate: Ack['candidate']): Ack {
  return { voter, version, candidate, terms: new Map() };
}

function proven(proposal: Proposal, newest: Version): Proposal {
  const between = [...proposal.skips.keys()];
  return { ...proposal, skips: new Map(between.map((version) => [version, voids(version, newest.roster)])) };
}

function oneMore(proposal: Proposal, newest: Version, acks: readonly Ack[]): readonly Ack[] {
  const signed = new Set(acks.map((ack) => ack.voter));
  const missing = [...withRole(newest.roster, 'voter')].find((voter) => !signed.has(voter));
  return missing === undefined ? acks : [...acks, ackBy(missing, proposal.version, proposal.id)];
}

function forgettingLiars(): Rules {
  const closed: typeof isClosed = (acks, roster) => isClosed(acks, honest(roster));
  const shown = (proposal: Proposal, newest: Version) => {
    const all = [...proposal.skips.values()].every((acks) => closed(acks, newest.roster));
    return all ? proven(proposal, newest) : proposal;
  };
  return {
    ...REAL,
    isClosed: closed,
    mayAck: (slots, proposal, known) => mayAck(slots, shown(proposal, last(known)), last(known)),
    certify: (proposal, newest, acks) => certify(shown(proposal, newest), newest, acks),
  };
}

// Of four voters it takes three, whether none may lie or one: so nothing but the proof differs.
function honest(roster: Roster): Roster {
  return { ...roster, policy: { ...roster.policy, liars: 0 } };
}

function lessStrict(roster: Roster): Roster {
  return { ...roster, policy: { ...roster.policy, liars: roster.policy.liars - 2 } };
}

function startOf(version: Version): number {
  return version.firstTerms.get(CLASS) ?? 0;
}

function from(first: (version: Version, acks: readonly Ack[], parent: Version) => number): Rules['certify'] {
  return (proposal, newest, acks) => {
    const version = certify(proposal, newest, acks);
    if (version === null) return null;
    return { ...version, firstTerms: new Map([[CLASS, first(version, acks, newest)]]) };
  };
}
