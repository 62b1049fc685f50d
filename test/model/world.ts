import { type Evidence, emptyEvidence, termKey } from '../../core/state/evidence.ts';
import { type Ack, memberOf } from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash } from '../../core/units.ts';
import { type Knowledge, knowledgeOf, product } from './knowledge.ts';
import type { Rules } from './rules.ts';
import { type Actor, CLASS, type Scenario } from './scenario.ts';
import { type Statement, statementsOf, toRecord } from './statement.ts';

/** All that was ever signed, as the ascending numbers of statements in a string. Each voter's slots and terms are in it, since its own log is. */
export type World = string;

/** Which promise is broken. */
export type Breach =
  | 'two-at-one-version'
  | 'certified-was-skipped'
  | 'term-twice'
  | 'over-issued'
  | 'lease-cut';

/** The transitions and the promises of one scenario under some rules. */
export interface Machine {
  readonly start: World;
  successors(world: World): readonly World[];
  breach(world: World): Breach | null;
  /** One line for the statement by which a world grew. */
  describe(world: World, next: World): string;
}

/** A machine whose worlds say what can be known in them. */
interface VotingMachine extends Machine {
  /** Everything that the acks let anybody know. */
  knowledge(world: World): Knowledge;
  /** The openings of terms, as the core indexes them. */
  openings(world: World): Evidence;
  /** Whether a host's disk has been put back. */
  isRestored(world: World, actor: Actor): boolean;
}

/** What one voter's own log says. */
interface OwnLog {
  readonly slots: ReadonlyMap<number, Hash | null>;
  readonly opened: number;
  readonly said: ReadonlySet<number>;
  readonly text: string;
}

/** What follows from a set of acks, computed once. */
interface Known {
  readonly knowledge: Knowledge;
  readonly breach: Breach | null;
  readonly moves: Map<string, readonly number[]>;
}

const REMEMBERED = 50_000;

/** The machine that lets everybody do whatever the rules let them do. */
export function machine(scenario: Scenario, rules: Rules): VotingMachine {
  const statements = statementsOf(scenario);
  const numbers = new Map(statements.map((statement, i) => [nameOf(statement), i]));
  const firstNoAck = statements.findIndex(({ kind }) => kind !== 'ack');
  const ackEnd = firstNoAck < 0 ? statements.length : firstNoAck;
  const records = statements.map((statement) =>
    statement.kind === 'ack' ? toRecord(statement, signer(statement.actor)) : null,
  );
  const born = new Map([...scenario.restored].map(([old, young]) => [young, old]));
  const remembered = new Map<World, Known>();
  return {
    ...{ start: start(), successors, breach, describe, openings },
    knowledge: (world) => at(world).knowledge,
    isRestored: (world, { name }) => has(world, restoreOf(name)),
  };

  function signer(actor: Actor): Actor {
    if (!rules.sharesKey) return actor;
    return scenario.actors.find(({ name }) => name === actor.name.slice(0, 1)) ?? actor;
  }

  // Whoever lies has said everything from the start, and hides what it likes, since nobody need know all.
  function start(): World {
    const lies = statements.flatMap((statement, i) =>
      scenario.liars.includes(statement.actor.name) ? [i] : [],
    );
    return String.fromCharCode(...lies);
  }

  function at(world: World): Known {
    let end = world.length;
    while (end > 0 && world.charCodeAt(end - 1) >= ackEnd) end--;
    const acks = world.slice(0, end);
    const known = remembered.get(acks);
    if (known !== undefined) return known;
    const said = [...acks].map((char) => records[char.charCodeAt(0)] ?? null);
    const knowledge = knowledgeOf(
      scenario,
      rules,
      said.filter((record) => record !== null),
    );
    const made: Known = { knowledge, breach: forkOf(knowledge.chains), moves: new Map() };
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(acks, made);
    return made;
  }

  function successors(world: World): readonly World[] {
    const { knowledge, moves } = at(world);
    const next = new Set<number>();
    for (const actor of scenario.actors) {
      if (!isActive(world, actor)) continue;
      const own = ownLog(world, actor);
      const key = `${actor.name} ${own.text} ${restoredIn(world)}`;
      const known = moves.get(key) ?? [...movesOf(world, actor, own, knowledge)];
      moves.set(key, known);
      for (const number of known) next.add(number);
    }
    return [...next].map((number) => insert(world, number));
  }

  function movesOf(world: World, actor: Actor, own: OwnLog, knowledge: Knowledge): ReadonlySet<number> {
    const moves = new Set<number>();
    for (const chain of knowledge.chains) {
      for (const statement of actions(world, actor, own, chain, knowledge)) {
        const number = numbers.get(nameOf(statement));
        if (number !== undefined && !own.said.has(number)) moves.add(number);
      }
    }
    return moves;
  }

  function restoredIn(world: World): string {
    return [...scenario.restored.keys()].filter((name) => has(world, restoreOf(name))).join('');
  }

  function isActive(world: World, actor: Actor): boolean {
    if (scenario.liars.includes(actor.name)) return false;
    const old = born.get(actor.name);
    return (old === undefined || has(world, restoreOf(old))) && !has(world, restoreOf(actor.name));
  }

  function has(world: World, name: string): boolean {
    const number = numbers.get(name);
    return number !== undefined && world.includes(String.fromCharCode(number));
  }

  function ownLog(world: World, actor: Actor): OwnLog {
    const slots = new Map<number, Hash | null>();
    const said = new Set<number>();
    let opened = -1;
    let text = '';
    for (const char of world) {
      const number = char.charCodeAt(0);
      const statement = statements[number];
      if (statement?.actor.name !== actor.name) continue;
      said.add(number);
      text += char;
      if (statement.kind === 'ack') slots.set(statement.version, statement.candidate);
      if (statement.kind === 'term') opened = Math.max(opened, statement.term);
    }
    return { slots, opened, said, text };
  }

  function* actions(
    world: World,
    actor: Actor,
    own: OwnLog,
    chain: readonly Version[],
    knowledge: Knowledge,
  ): Iterable<Statement> {
    const newest = chain.at(-1) ?? scenario.genesis;
    const stated = rules.stated(own.opened);
    for (const plain of scenario.proposals) {
      if (!isVoter(newest.roster, actor) && !isVoter(plain.roster, actor)) continue;
      if (!isPublished(world, plain.roster)) continue;
      const parent = chain.find(({ id }) => id === plain.parent) ?? newest;
      const proposal = knowledge.proven(plain, parent.roster);
      if (!rules.mayAck(own.slots, proposal, chain).allow) continue;
      yield { kind: 'ack', actor, version: plain.version, candidate: plain.id, stated };
    }
    for (const acksFor of views(knowledge, newest.roster)) {
      if (isVoter(newest.roster, actor)) {
        for (let version = 2; version <= scenario.versions; version++) {
          if (!rules.mayVoid(own.slots, version, chain, acksFor).allow) continue;
          yield { kind: 'ack', actor, version, candidate: null, stated };
        }
      }
      for (let term = 0; term < scenario.terms; term++) {
        const of = rules.governing(chain, CLASS, term);
        if (of === null || !isVoter(of.roster, actor)) continue;
        if (!rules.mayOpenTerm(own.slots, chain, of, { hostClass: CLASS, term }, acksFor).allow) continue;
        yield { kind: 'term', actor, of: of.id, term };
      }
    }
    if (scenario.restored.has(actor.name)) yield { kind: 'restore', actor };
  }

  function isVoter(roster: Roster, actor: Actor): boolean {
    const { key, log } = signer(actor);
    return memberOf(roster, log, key)?.roles.includes('voter') ?? false;
  }

  // Nobody can name the key of a host that does not exist yet.
  function isPublished(world: World, roster: Roster): boolean {
    if (rules.sharesKey) return true;
    return scenario.actors.every((actor) => {
      const old = born.get(actor.name);
      return old === undefined || !isVoter(roster, actor) || has(world, restoreOf(old));
    });
  }

  // A version is proven closed to somebody or it is not; which acks prove it makes no difference.
  function* views(knowledge: Knowledge, roster: Roster): Iterable<(version: number) => readonly Ack[]> {
    const versions = Array.from({ length: scenario.versions - 1 }, (_, i) => i + 2);
    const options = versions.map((version) => {
      const proof = knowledge.closing(version, roster);
      return proof === null ? [[]] : [[], proof];
    });
    for (const chosen of product(options)) yield (version) => chosen[version - 2] ?? [];
  }

  function breach(world: World): Breach | null {
    const { breach: fork, knowledge } = at(world);
    return fork ?? (scenario.terms > 0 && isTermTwice(world, knowledge) ? 'term-twice' : null);
  }

  function openings(world: World): Evidence {
    const evidence = emptyEvidence();
    for (const char of world) {
      const statement = statements[char.charCodeAt(0)];
      if (statement?.kind !== 'term') continue;
      const key = termKey(statement.of, CLASS, statement.term);
      evidence.terms.set(key, [...(evidence.terms.get(key) ?? []), signer(statement.actor)]);
    }
    return evidence;
  }

  function isTermTwice(world: World, knowledge: Knowledge): boolean {
    const evidence = openings(world);
    const versions = new Map(knowledge.chains.flat().map((version) => [version.id, version]));
    for (let term = 0; term < scenario.terms; term++) {
      const open = [...versions.values()].filter((version) =>
        rules.isTermOpen(evidence, version, CLASS, term),
      );
      if (open.length > 1) return true;
    }
    return false;
  }

  function describe(world: World, next: World): string {
    const char = [...next].find((number) => !world.includes(number)) ?? '';
    const statement = statements[char.charCodeAt(0)];
    if (statement === undefined) return 'nothing';
    const { name } = statement.actor;
    if (statement.kind === 'restore') return `${name} is restored from an empty backup`;
    if (statement.kind === 'term') return `${name} opens term ${statement.term} for ${statement.of}`;
    const states = scenario.terms === 0 ? '' : `, stating term ${statement.stated}`;
    if (statement.candidate === null) return `${name} voids version ${statement.version}${states}`;
    const proposal = scenario.proposals.find(({ id }) => id === statement.candidate);
    return `${name} acks ${statement.candidate} (parent ${proposal?.parent})${states}`;
  }
}

function nameOf(statement: Statement): string {
  const { name } = statement.actor;
  if (statement.kind === 'restore') return restoreOf(name);
  if (statement.kind === 'term') return `${name} term ${statement.of} ${statement.term}`;
  return `${name} ack ${statement.version} ${statement.candidate} ${statement.stated}`;
}

function restoreOf(name: string): string {
  return `${name} restore`;
}

function insert(world: World, number: number): World {
  let place = world.length;
  while (place > 0 && world.charCodeAt(place - 1) > number) place--;
  return world.slice(0, place) + String.fromCharCode(number) + world.slice(place);
}

// Two chains that part: rivals for one version, or one that was skipped although it had won.
function forkOf(chains: readonly (readonly Version[])[]): Breach | null {
  for (const [i, one] of chains.entries()) {
    for (const other of chains.slice(0, i)) {
      const place = one.findIndex((version, depth) => version.id !== (other[depth]?.id ?? version.id));
      if (place < 0) continue;
      const rivals = one[place]?.version === other[place]?.version;
      return rivals ? 'two-at-one-version' : 'certified-was-skipped';
    }
  }
  return null;
}
