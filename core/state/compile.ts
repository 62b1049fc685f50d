import { encode, rfc8949EncodeOptions } from 'cborg';
import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, type LogId, type PrincipalId, type PublicKey, seconds } from '../units.ts';
import { hashOf } from '../wire/hash.ts';
import { type AllocationInput, allocate, explainLot } from './allocate.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { parseRegistry, type Registry, type RegistryHost, type RegistryPerson } from './registry.ts';
import { checkRegistry } from './registry-check.ts';
import type { Member, Roster, RosterPolicy } from './roster.ts';
import { checkStanding } from './roster-check.ts';
import { rosterToValue } from './roster-codec.ts';
import { accessTo, hostMay } from './rules.ts';

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
export type CompileReason = ProblemCode;

/** A configuration, or every problem that stands in its way. */
export type CompileVerdict = Result<Configuration, CompileReason> & {
  readonly problems?: readonly Problem[];
};

/** Compiles a registry, as a whole or not at all. Deterministic. */
export function compile(input: CompileInput): CompileVerdict {
  const parsed = parseRegistry(input.registry);
  if (!parsed.ok) {
    return refused((parsed.misfits ?? []).map((misfit) => ({ ...misfit, code: 'schema' as const })));
  }
  const registry = parsed.value;
  const roster = rosterOf(registry);
  const problems = [...checkRegistry(registry), ...checkStanding(registry, roster, input)];
  if (problems.length > 0) return refused(problems);
  const lots = new Map<string, ReadonlyMap<PrincipalId, number>>();
  for (const [feature, allocation] of allocations(registry, roster)) {
    const seats = [...allocate(allocation)].map(([host, { total }]) => [host as PrincipalId, total] as const);
    if (seats.length > 0) lots.set(feature, new Map(seats));
  }
  const { realm, version, parent } = input;
  return ok({ realm, version, parent, roster, registry, lots });
}

/** Deterministic CBOR of a configuration (RFC 8949, 4.2): the content that a candidate's hash names. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { realm, version, parent, roster, registry, lots } = configuration;
  const value = new Map<string, unknown>([
    ['realm', fromHex(realm)],
    ['version', version],
    ['parent', fromHex(parent)],
    ['roster', rosterToValue(roster)],
    ['registry', registry],
    ['lots', lots],
  ]);
  return encode(value, rfc8949EncodeOptions);
}

/** The hash of a configuration's encoding. */
export function contentHash(configuration: Configuration): Hash {
  return hashOf(encodeConfiguration(configuration));
}

/** Where each seat of a feature went and why, one sentence per host of the registry. */
export function explainLots(configuration: Configuration, feature: string): readonly string[] {
  const allocation = allocations(configuration.registry, configuration.roster).get(feature);
  if (allocation === undefined) return [];
  const lots = allocate(allocation);
  return Object.keys(configuration.registry.hosts)
    .sort()
    .map((host) => explainLot(allocation, lots, host));
}

/** The roster that a registry of good form spells: principals with at least one log, and the policy. */
export function rosterOf(registry: Registry): Roster {
  const members = [
    ...Object.entries(registry.people).map(([id, person]) => memberOf(id, 'person', person, null)),
    ...Object.entries(registry.hosts).map(([id, host]) => memberOf(id, 'host', host, host.class)),
  ].filter((member) => member.logs.length > 0);
  members.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { members: new Map(members.map((member) => [member.id, member])), policy: policyOf(registry) };
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

function allocations(registry: Registry, roster: Roster): Map<string, AllocationInput> {
  const joined = [...roster.members.values()].filter(({ kind }) => kind === 'host').map(({ id }) => id);
  const reserved = new Map<string, Map<string, number>>();
  for (const { feature, host, seats } of Object.values(registry.reservations)) {
    const kept = reserved.get(feature) ?? new Map<string, number>();
    reserved.set(feature, kept.set(host, seats));
  }
  const out = new Map<string, AllocationInput>();
  for (const [feature, access] of [...accessTo(registry)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hosts = joined.filter((host) => hostMay(access, host));
    const seats = Object.hasOwn(registry.features, feature) ? (registry.features[feature]?.seats ?? 0) : 0;
    out.set(feature, { seats, hosts, reserved: reserved.get(feature) ?? new Map() });
  }
  return out;
}

function refused(problems: readonly Problem[]): CompileVerdict {
  const ordered = [...problems].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const detail = ordered.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return { ...no(ordered[0]?.code ?? 'schema', detail), problems: ordered };
}
