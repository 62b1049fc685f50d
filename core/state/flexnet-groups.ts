import type { Directive } from './flexnet-directives.ts';
import { type FlexnetReason, shown } from './flexnet-directives.ts';
import { freeId, type Names } from './flexnet-names.ts';
import type { FlexnetGroup, OwnGroups, Side } from './flexnet-own-groups.ts';
import { entryOf, type Registry } from './registry.ts';
import { MAX_NAME } from './registry-schema.ts';

/** Groups that one group may come to contain, each within another. */
const MAX_NESTED = 100;

/** What a line names that is not in the registry, or goes in circles. */
interface Missing {
  readonly reason: FlexnetReason;
  readonly name: string;
}

/** The groups of an options file. */
export interface FlexnetGroups {
  get(side: Side, name: string): FlexnetGroup | undefined;
  /** What of a line's members is in none of its groups, and why. */
  missing(line: number): readonly Missing[];
  readonly all: readonly FlexnetGroup[];
}

type GroupLine = { readonly line: number; readonly directive: Directive & { readonly kind: 'group' } };

/** Collects the groups; lines of one name add up, a member that is a group itself stands for its members. */
export function groupsOf(
  lines: readonly GroupLine[],
  registry: Registry,
  present: OwnGroups,
  names: Names,
  anyCase: boolean,
): FlexnetGroups {
  const listed = new Map<string, GroupLine[]>();
  for (const one of lines) {
    const key = keyOf(one.directive.side, one.directive.name);
    const same = listed.get(key) ?? [];
    listed.set(key, same);
    same.push(one);
  }
  const gaps = new Map<number, Missing[]>();
  const groups = new Map<string, FlexnetGroup>();
  const taken = new Set<string>();
  for (const [key, [first]] of listed) {
    if (first === undefined) continue;
    const { side } = first.directive;
    const name = shownName(first.directive.name);
    const members = collect(listed, key, { names, anyCase, gaps });
    const known = present.idsOf(side, name).find((one) => !taken.has(one));
    const id = known ?? idFor(registry, first.directive.name, taken);
    if (members.size === 0 || id === null) continue;
    taken.add(id);
    groups.set(key, { id, name, side, members });
  }
  return {
    get: (side, name) => groups.get(keyOf(side, name)),
    missing: (line) => gaps.get(line) ?? [],
    all: [...groups.values()],
  };
}

interface Collecting {
  readonly names: Names;
  readonly anyCase: boolean;
  readonly gaps: Map<number, Missing[]>;
}

// Without recursion: a chain of groups may be as long as the file.
function collect(
  listed: ReadonlyMap<string, readonly GroupLine[]>,
  start: string,
  { anyCase, gaps, names }: Collecting,
): ReadonlySet<string> {
  const members = new Set<string>();
  const met = new Set([start]);
  const open = [start];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    for (const { directive, line } of listed.get(key) ?? []) {
      for (const name of new Set(directive.members)) {
        const { side } = directive;
        const nested = keyOf(side, name);
        // A group's name is looked at first, so that --create makes nobody of it.
        if (listed.has(nested)) {
          if (nested === start) note(gaps, line, { reason: 'group-cycle', name });
          if (met.size > MAX_NESTED) note(gaps, line, { reason: 'too-long', name });
          else if (!met.has(nested)) open.push(nested);
          met.add(nested);
          continue;
        }
        const id = side === 'people' ? names.person(name, anyCase) : names.host(name, anyCase);
        if (id !== null) members.add(id);
        else note(gaps, line, { reason: side === 'people' ? 'unknown-person' : 'unknown-host', name });
      }
    }
  }
  return members;
}

function note(gaps: Map<number, Missing[]>, line: number, gap: Missing): void {
  const of = gaps.get(line) ?? [];
  gaps.set(line, of);
  if (!of.some(({ name, reason }) => name === gap.name && reason === gap.reason)) of.push(gap);
}

function keyOf(side: Side, name: string): string {
  return `${side} ${name}`;
}

/** A name as a registry can show it; half of a pair of surrogates would be no text. */
function shownName(name: string): string {
  return name.slice(0, MAX_NAME).replace(/\p{Cs}$/u, '');
}

// What is there is never filled: it is somebody's, or that of a file for another software, or rules of others know it as what it was.
function idFor({ groups }: Registry, name: string, taken: ReadonlySet<string>): string | null {
  return freeId(name, (id) => taken.has(id) || entryOf(groups, id) !== undefined);
}

/** What is missing, in a sentence. */
export function missingWords(missing: readonly Missing[]): string {
  const few = missing.slice(0, 5).map(({ name, reason }) => WORDS[reason]?.(shown(name)) ?? shown(name));
  const more = missing.length - few.length;
  return more > 0 ? `${few.join(', ')} and ${more} more` : few.join(', ');
}

const WORDS: Partial<Record<FlexnetReason, (name: string) => string>> = {
  'unknown-person': (name) => `no person ${name}`,
  'unknown-host': (name) => `no host ${name}`,
  'unknown-group': (name) => `no group ${name}`,
  'too-long': (name) => `not ${name}, as groups contain too many others`,
  'group-cycle': (name) => `${name} contains itself`,
};
