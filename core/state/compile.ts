import { encode } from 'cborg';
import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, type LogId, type PrincipalId, type PublicKey, seconds } from '../units.ts';
import { allocate, explainLot } from './allocate.ts';
import { allocationsOf } from './allocations.ts';
import { encodedMap, encoderOf } from './encoding.ts';
import { checkGrants } from './grant-check.ts';
import type { Problem, ProblemCode } from './problem.ts';
import type { Registry, RegistryHost, RegistryPerson } from './registry.ts';
import { COLLECTIONS, type Collection, SECTIONS } from './registry.ts';
import { checkRegistry } from './registry-check.ts';
import { reparseRegistry } from './registry-reparse.ts';
import type { Member, Roster, RosterPolicy } from './roster.ts';
import { checkStanding } from './roster-check.ts';
import { encodeRoster, samePolicy } from './roster-codec.ts';
import { sameData } from './same-data.ts';

/** What a version is compiled from. */
export interface CompileInput {
  /** As `toRegistry` gives it; nothing about it is assumed. */
  readonly registry: unknown;
  readonly realm: Hash;
  readonly version: number;
  /** What the version builds on: the parent's candidate, or what stands for it in a genesis. */
  readonly parent: Hash;
  /** The parent's roster; null for a genesis. */
  readonly parentRoster: Roster | null;
  /** The key that a log is known to have, from its `join`. */
  readonly keyOf: (log: LogId) => PublicKey | undefined;
  /** Licence codes whose signatures have been verified, at least those of the registry that are signed; none unless told. */
  readonly grants?: ReadonlySet<string> | undefined;
  /** A configuration of which most may stand still: what has not changed is taken from it. The result is the same without. */
  readonly before?: Configuration | undefined;
}

/** A registry turned into who may use what: the same on every host that compiles the same draft. */
export interface Configuration {
  readonly realm: Hash;
  readonly version: number;
  readonly parent: Hash;
  readonly roster: Roster;
  readonly registry: Registry;
  /** Seats by feature and host; a feature without lots is absent, and so is a host without seats. */
  readonly lots: ReadonlyMap<string, ReadonlyMap<PrincipalId, number>>;
}

/** Why a registry does not compile: the code of its first problem. */
type CompileReason = ProblemCode;

/** A configuration, or every problem that stands in its way. */
type CompileVerdict = Result<Configuration, CompileReason> & {
  readonly problems?: readonly Problem[];
};

const NONE_SIGNED: ReadonlySet<string> = new Set();

/** Compiles a registry, as a whole or not at all. Deterministic. */
export function compile(input: CompileInput): CompileVerdict {
  const { before } = input;
  const parsed = reparseRegistry(input.registry, before?.registry);
  if (!parsed.ok) {
    return refused((parsed.misfits ?? []).map((misfit) => ({ ...misfit, code: 'schema' as const })));
  }
  const registry = parsed.value;
  const roster = rosterOf(registry, input.parentRoster);
  const signed = input.grants ?? NONE_SIGNED;
  const problems = [
    ...checkRegistry(registry),
    ...checkStanding(registry, roster, input),
    ...checkGrants(registry, { realm: input.realm, signed }),
  ];
  if (problems.length > 0) return refused(problems);
  const lots = new Map<string, ReadonlyMap<PrincipalId, number>>();
  for (const [feature, allocation] of allocationsOf(registry, roster)) {
    const seats = Array.from(
      allocate(allocation),
      ([host, { total }]) => [host as PrincipalId, total] as const,
    );
    if (seats.length > 0) lots.set(feature, sameLots(new Map(seats), before?.lots.get(feature)));
  }
  const { realm, version, parent } = input;
  return ok({ realm, version, parent, roster, registry, lots });
}

/** Deterministic CBOR of a configuration (RFC 8949, 4.2): the content that a candidate's hash names. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { realm, version, parent, roster, registry, lots } = configuration;
  return encodedMap([
    ['realm', encode(fromHex(realm))],
    ['version', encode(version)],
    ['parent', encode(fromHex(parent))],
    ['roster', encodeRoster(roster)],
    ['registry', encodeRegistry(registry)],
    ['lots', encodedMap(Array.from(lots, ([feature, of]) => [feature, encodedLots(of)]))],
  ]);
}

const encodedEntry = encoderOf((entry: object) => entry);
const encodedLots = encoderOf((lots: ReadonlyMap<PrincipalId, number>) => lots);

const LATER: ReadonlySet<Collection> = new Set(['vendors', 'grants']);

function encodeRegistry(registry: Registry): Uint8Array {
  const sections = SECTIONS.map((name) => [name, encodedEntry(registry[name])] as const);
  const collections = COLLECTIONS.flatMap((name) => {
    const entries: Readonly<Record<string, object>> = registry[name];
    // Realms without vendors were certified before there were such sections: their content must keep its hash.
    if (LATER.has(name) && Object.keys(entries).length === 0) return [];
    const encoded = Object.entries(entries).map(([id, entry]) => [id, encodedEntry(entry)] as const);
    return [[name, encodedMap(encoded)] as const];
  });
  return encodedMap([...sections, ...collections]);
}

function sameLots(
  lots: ReadonlyMap<PrincipalId, number>,
  before: ReadonlyMap<PrincipalId, number> | undefined,
): ReadonlyMap<PrincipalId, number> {
  if (before?.size !== lots.size) return lots;
  for (const [host, seats] of lots) if (before.get(host) !== seats) return lots;
  return before;
}

/** Where each seat of a feature went and why, one sentence per host of the registry. */
export function explainLots(configuration: Configuration, feature: string): readonly string[] {
  const allocation = allocationsOf(configuration.registry, configuration.roster, feature).get(feature);
  if (allocation === undefined) return [];
  const lots = allocate(allocation);
  return Object.keys(configuration.registry.hosts)
    .sort()
    .map((host) => explainLot(allocation, lots, host));
}

/** The roster that a registry of good form spells: principals with at least one log, and the policy. Members who stand in the parent's as they are now are taken from there. */
export function rosterOf(registry: Registry, parent: Roster | null = null): Roster {
  const members = [
    ...Object.entries(registry.people).map(([id, person]) => memberOf(id, 'person', person, null)),
    ...Object.entries(registry.hosts).map(([id, host]) => memberOf(id, 'host', host, host.class)),
  ].filter((member) => member.logs.length > 0);
  members.sort((a, b) => (a.id < b.id ? -1 : 1));
  const policy = policyOf(registry);
  if (parent === null) return { members: new Map(members.map((member) => [member.id, member])), policy };
  const shared = members.map((member) => {
    const was = parent.members.get(member.id);
    return [member.id, was !== undefined && sameData(was, member) ? was : member] as const;
  });
  return { members: new Map(shared), policy: samePolicy(parent.policy, policy) ? parent.policy : policy };
}

function memberOf(
  id: string,
  kind: Member['kind'],
  entry: RegistryPerson | RegistryHost,
  hostClass: string | null,
): Member {
  const logs = Object.entries(entry.logs ?? {})
    .map(([log, key]) => ({ log: Number(log) as LogId, key: key as PublicKey }))
    .sort((a, b) => a.log - b.log);
  return { id: id as PrincipalId, kind, name: entry.name, logs, class: hostClass, roles: entry.roles ?? [] };
}

function policyOf(registry: Registry): RosterPolicy {
  const { policy, recovery } = registry;
  const byId = <T>(collection: Readonly<Record<string, T>>) =>
    Object.entries(collection).sort(([a], [b]) => (a < b ? -1 : 1));
  const classes = byId(registry.classes).map(([id, { term, ahead, maxOffline, clock }]) => {
    return [id, { term: seconds(term), ahead, maxOffline: seconds(maxOffline), clock }] as const;
  });
  return {
    issuers: policy.issuers,
    liars: policy.liars,
    lyingRelays: policy.lyingRelays,
    apply: policy.apply,
    deadline: policy.deadline === undefined ? null : seconds(policy.deadline),
    classes: new Map(classes),
    relays: byId(registry.relays).map(([, { url, key }]) => ({ url, key: key as PublicKey })),
    recovery: { keys: recovery.keys as PublicKey[], threshold: recovery.threshold },
  };
}

function refused(problems: readonly Problem[]): CompileVerdict {
  const ordered = [...problems].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const detail = ordered.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return { ...no(ordered[0]?.code ?? 'schema', detail), problems: ordered };
}
