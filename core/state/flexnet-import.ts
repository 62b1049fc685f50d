import { ok, type Result } from '../result.ts';
import { hostsSide, merge, type Named, named, peopleSide } from './flexnet-access.ts';
import {
  type Directive,
  directiveOf,
  type FeatureSpec,
  type FlexnetReason,
  shown,
  type Who,
} from './flexnet-directives.ts';
import type { FlexnetEarlier } from './flexnet-fields.ts';
import { type FlexnetGroups, groupsOf, missingWords } from './flexnet-groups.ts';
import { type FlexnetLine, flexnetLines } from './flexnet-lines.ts';
import { type Names, namesIn } from './flexnet-names.ts';
import { type FlexnetOutcome, inPart, leftOut, nothing, taken } from './flexnet-outcome.ts';
import { type OwnGroups, ownGroups } from './flexnet-own-groups.ts';
import { finish, isOf, type Work } from './flexnet-registry.ts';
import { shut } from './flexnet-shut.ts';
import { overdraftAllowed } from './grant-check.ts';
import { entryOf, type Registry } from './registry.ts';
import { MAX_SEATS } from './registry-schema.ts';

/** How an options file is imported. */
export interface FlexnetOptions {
  /** Makes entries for people whom the registry does not know. */
  readonly create: boolean;
  /** The software whose vendor daemon the file is for; null for all that there is. */
  readonly software: string | null;
}

/** A registry with what an options file asks for, what became of each of its lines, and of what was there before. */
interface FlexnetImport {
  readonly registry: Registry;
  readonly earlier: readonly FlexnetEarlier[];
  readonly lines: readonly FlexnetOutcome[];
}

/**
 * Takes a FlexNet options file into a registry. What an earlier import of such a file for the same software made is replaced or taken back,
 * what people have set is remembered or kept, and both are said, so that importing again what has not changed changes nothing. Refuses only what is too long to be looked at.
 */
export function importFlexnet(
  base: Registry,
  text: string,
  options: FlexnetOptions,
): Result<FlexnetImport, 'too-long'> {
  const lines = flexnetLines(text);
  if (!lines.ok) return lines;
  const read = lines.value.map((line) => ({ line, verdict: directiveOf(line) }));
  const asked = read.flatMap(({ line, verdict }) =>
    verdict.ok ? [{ line: line.line, directive: verdict.value }] : [],
  );
  const names = namesIn(base, options.create);
  const anyCase = asked.reduce(
    (on, { directive }) => (directive.kind === 'any-case' ? directive.on : on),
    false,
  );
  const present = ownGroups(base.groups, prefixOf(options).slice(0, -1));
  const groups = groupsOf(
    asked.flatMap(({ directive, line }) => (directive.kind === 'group' ? [{ directive, line }] : [])),
    base,
    present,
    names,
    anyCase,
  );
  const spoiled = lines.value.some(({ beginning: [keyword = ''] }) => /^(HOST_)?GROUP$/i.test(keyword));
  const work = { ...begin(base, names, groups, present, options), spoiled };
  const outcomes = read.map(({ line, verdict }) =>
    shut(
      work,
      line,
      verdict.ok
        ? take(work, line, verdict.value)
        : leftOut(line, verdict.reason, verdict.detail ?? verdict.reason),
    ),
  );
  return ok({ ...finish(work), lines: outcomes });
}

function prefixOf({ software }: FlexnetOptions): string {
  return software === null ? 'flexnet.' : `flexnet.${software.slice(0, 24)}.`;
}

function begin(
  base: Registry,
  names: Names,
  groups: FlexnetGroups,
  present: OwnGroups,
  options: FlexnetOptions,
) {
  const { software } = options;
  const prefix = prefixOf(options);
  return {
    ...{ base, prefix, software, names, groups, present, rules: {}, reserved: new Map(), linger: new Map() },
    ...{ timeout: new Map(), overdraft: new Map(), unsaid: new Map() },
    access: { include: new Map(), exclude: new Map() },
  };
}

function take(work: Work, line: FlexnetLine, directive: Directive): FlexnetOutcome {
  switch (directive.kind) {
    case 'nothing':
      return nothing(line);
    case 'any-case':
      return taken(line, `names in groups are found ${directive.on ? 'in any case' : 'as they are written'}`);
    case 'group':
      return takeGroup(work, line, directive);
    case 'linger':
      return about(work, line, directive.spec, (feature) => {
        work.linger.set(feature, directive.seconds);
        return `features/${feature}/linger=${directive.seconds}`;
      });
    case 'overdraft':
      return takeOverdraft(work, line, directive);
    case 'timeout':
      return takeTimeout(work, line, directive);
    case 'reserve':
    case 'max':
      return takeCounted(work, line, directive);
    case 'include':
    case 'exclude':
      return takeAccess(work, line, directive);
  }
}

/** The least that FlexNet knows, for which it takes anything shorter. */
const FLEXNET_TIMEOUT = 900;

function takeTimeout(
  work: Work,
  line: FlexnetLine,
  { seconds, spec }: Directive & { readonly kind: 'timeout' },
): FlexnetOutcome {
  const { software } = work;
  const shorter = seconds < FLEXNET_TIMEOUT ? `, which FlexNet would take for ${FLEXNET_TIMEOUT}` : '';
  const words = `timeout=${seconds}${shorter}, for tools that say when they are in use`;
  if (spec === null) {
    work.timeout.set(null, seconds);
    const of = software === null ? '' : ` of ${software}`;
    return taken(line, `${words}, of each feature${of} without one of its own`);
  }
  return about(work, line, spec, (feature) => {
    work.timeout.set(feature, seconds);
    return `features/${feature}/${words}`;
  });
}

/** A file can only lower what a vendor allows, as with FlexNet. */
function takeOverdraft(
  work: Work,
  line: FlexnetLine,
  { seats, spec }: Directive & { readonly kind: 'overdraft' },
): FlexnetOutcome {
  return about(work, line, spec, (feature) => {
    const allowed = overdraftAllowed(work.base, feature);
    if (seats > 0 && (allowed === null || allowed === 0)) {
      const { software = '' } = entryOf(work.base.features, feature) ?? {};
      const why =
        allowed === null
          ? `nobody grants the seats of ${software}, so nobody allows more than there are`
          : `no licence code allows seats beyond those of ${feature} throughout its periods`;
      return leftOut(line, 'not-granted', why);
    }
    const given = Math.min(seats, allowed ?? 0);
    work.overdraft.set(feature, given);
    const said = `features/${feature}/overdraft=${given}`;
    if (given === seats) return said;
    return inPart(line, 'not-granted', `${said}: licence codes allow no more`);
  });
}

function takeGroup(
  { groups }: Work,
  line: FlexnetLine,
  { name, side }: Directive & { readonly kind: 'group' },
): FlexnetOutcome {
  const group = groups.get(side, name);
  const missing = groups.missing(line.line);
  const [first] = missing;
  if (group === undefined) {
    if (!/[a-z0-9]/i.test(name)) return leftOut(line, 'wrong-words', `no id can be made of ${shown(name)}`);
    const why = first === undefined ? '' : `: ${missingWords(missing)}`;
    return leftOut(line, first?.reason ?? 'nobody-left', `nobody is left in it${why}`);
  }
  const said = `groups/${group.id} (${side}: ${group.members.size})`;
  return first === undefined
    ? taken(line, said)
    : inPart(line, first.reason, `${said}; ${missingWords(missing)}`);
}

function takeCounted(
  work: Work,
  line: FlexnetLine,
  { kind, seats, spec, who }: Directive & { readonly kind: 'reserve' | 'max' },
): FlexnetOutcome {
  const of = whom(work, line.line, who);
  if (!of.ok) return leftOut(line, of.reason, missingWords([{ reason: of.reason, name: who.name }]));
  return about(work, line, spec, (feature) => {
    const hosts = hostsOf(of.value);
    if (kind === 'max' || hosts.length === 0) {
      const id = `${work.prefix}line-${line.line}`;
      const selection = hosts.length === 0 ? peopleSide(of.value) : hostsSide(of.value);
      work.rules[id] = { feature, for: selection, ...(kind === 'max' ? { max: seats } : { keep: seats }) };
      return `rules/${id} ${kind === 'max' ? 'max' : 'keep'}=${seats}`;
    }
    const each = hosts.map((_, i) => Math.floor(seats / hosts.length) + (i < seats % hosts.length ? 1 : 0));
    for (const [i, host] of hosts.entries()) reserve(work, line.line, feature, host, each[i] ?? 0);
    return hosts.length === 1
      ? `${seats} reserved for hosts/${hosts[0]}`
      : `${seats} shared out over ${hosts.length} hosts`;
  });
}

function reserve({ reserved }: Work, line: number, feature: string, host: string, seats: number): void {
  if (seats === 0) return;
  const pair = `${feature} ${host}`;
  const before = reserved.get(pair);
  const sum = Math.min(MAX_SEATS, (before?.seats ?? 0) + seats);
  reserved.set(pair, { line: before?.line ?? line, feature, host, seats: sum });
}

function takeAccess(
  work: Work,
  line: FlexnetLine,
  { kind, spec, who }: Directive & { readonly kind: 'include' | 'exclude' },
): FlexnetOutcome {
  const of = whom(work, line.line, who);
  const verb = kind === 'include' ? 'may use' : 'may not use';
  if (!of.ok) return leftOut(line, of.reason, missingWords([{ reason: of.reason, name: who.name }]));
  if (spec === null) {
    merge(work.access[kind], null, of.value);
    return taken(
      line,
      `${who.name} ${verb} ${work.software === null ? 'any feature' : `the features of ${work.software}`}`,
    );
  }
  return about(work, line, spec, (feature) => {
    merge(work.access[kind], feature, of.value);
    return `${who.name} ${verb} features/${feature}`;
  });
}

function hostsOf({ hostGroups, hosts }: Named): readonly string[] {
  return [...new Set([...hosts, ...[...hostGroups.values()].flatMap((members) => [...members])])].sort();
}

function whom({ groups, names }: Work, line: number, { name, type }: Who): Result<Named, FlexnetReason> {
  const of = named(line);
  if (type === 'GROUP' || type === 'HOST_GROUP') {
    const group = groups.get(type === 'GROUP' ? 'people' : 'hosts', name);
    if (group === undefined) return { ok: false, reason: 'unknown-group' };
    (type === 'GROUP' ? of.peopleGroups : of.hostGroups).set(group.id, group.members);
    return ok(of);
  }
  const id = type === 'USER' ? names.person(name, false) : names.host(name, false);
  if (id === null) return { ok: false, reason: type === 'USER' ? 'unknown-person' : 'unknown-host' };
  (type === 'USER' ? of.people : of.hosts).add(id);
  return ok(of);
}

/** Takes what a line says of a feature: what it is taken as, or what else becomes of it. What narrows the feature to a version of it has no counterpart. */
function about(
  work: Work,
  line: FlexnetLine,
  { feature, narrowed }: FeatureSpec,
  take: (feature: string) => string | FlexnetOutcome,
): FlexnetOutcome {
  const { base, names, software } = work;
  const id = names.feature(feature);
  const entry = id === null ? undefined : entryOf(base.features, id);
  if (id === null || entry === undefined)
    return leftOut(line, 'unknown-feature', `no feature ${shown(feature)}`);
  if (!isOf(work, id)) {
    return leftOut(line, 'unknown-feature', `feature ${id} is not of ${software}`);
  }
  const verdict = take(id);
  const outcome = typeof verdict === 'string' ? taken(line, verdict) : verdict;
  if (narrowed.length === 0 || outcome.outcome === 'left-out') return outcome;
  const { said } = outcome;
  return inPart(
    line,
    'feature-part',
    `${said}, for the whole feature: ${shown(narrowed.join(':'))} is not told apart here`,
  );
}
