import type { Breach, Machine, World } from './world.ts';

/** What an exploration found: how many worlds it saw, and the shortest way to a broken promise if there is one. */
export interface Finding {
  readonly states: number;
  readonly breach: { readonly kind: Breach; readonly trace: readonly string[] } | null;
}

/** Visits every world that can be reached, the nearest first, until a promise is broken. Throws beyond `limit`, so that no verdict rests on a part. */
export function explore(machine: Machine, limit: number): Finding {
  const worlds: World[] = [machine.start];
  const parents: number[] = [-1];
  const seen = new Set(worlds);
  for (let i = 0; i < worlds.length; i++) {
    const world = worlds[i] ?? '';
    const kind = machine.breach(world);
    if (kind !== null) return { states: worlds.length, breach: { kind, trace: traceTo(i) } };
    for (const next of machine.successors(world)) {
      if (seen.has(next)) continue;
      seen.add(next);
      worlds.push(next);
      parents.push(i);
    }
    if (worlds.length > limit) throw new Error(`more than ${limit} states`);
  }
  return { states: worlds.length, breach: null };

  function traceTo(end: number): readonly string[] {
    const trace: string[] = [];
    for (let i = end; (parents[i] ?? -1) >= 0; i = parents[i] ?? -1) {
      trace.unshift(machine.describe(worlds[parents[i] ?? 0] ?? '', worlds[i] ?? ''));
    }
    return trace;
  }
}
