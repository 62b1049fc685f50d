import { configurationOf, type Model, newestVersion } from '../../engine/model.ts';
import { votersWithoutVoice, withoutVoice } from '../../engine/new-voters.ts';
import { newcomersOf } from '../../engine/newcomers.ts';
import { keyOf } from '../../ledger/ledger.ts';
import { compile } from '../../state/compile.ts';
import { contestsIn, toRegistry } from '../../state/drafts.ts';
import { ownerOf } from '../../state/quorum.ts';
import { parseRegistry } from '../../state/registry.ts';
import { diffRegistry, summariseRegistry } from '../../state/registry-diff.ts';
import type { RegistryEdit } from '../../state/registry-portions.ts';
import { rebaseRegistry } from '../../state/registry-rebase.ts';
import type { Roster } from '../../state/roster.ts';
import type { LogId } from '../../units.ts';
import type { Methods } from '../protocol.ts';

type DraftReport = Methods['draft']['result'];

/** The registry as drafted with a change of it. */
export function proposedRegistry(model: Model, { registry, was }: RegistryEdit): unknown {
  return rebaseRegistry(was, registry, toRegistry(model.state.live.draft));
}

/** What the draft, or a proposed registry in its place, would change against the newest version, and what is wrong with it; `signed` are licence codes of the proposed one that are. */
export function reportDraft(model: Model, proposed?: unknown, signed: readonly string[] = []): DraftReport {
  const newest = newestVersion(model);
  const registry = proposed ?? toRegistry(model.state.live.draft);
  const parsed = parseRegistry(registry);
  const before = newest === null ? null : (configurationOf(model, newest)?.registry ?? null);
  const changes = parsed.ok && before !== null ? diffRegistry(before, parsed.value) : [];
  return {
    base: newest?.version ?? 0,
    changes: changes.map(({ depth: _, ...change }) => change),
    summary: summariseRegistry(changes),
    problems: problemsOf(model, registry, signed),
    contested: newest === null || proposed !== undefined ? [] : contestsAmong(model, newest.roster, changes),
    newcomers: newest === null ? [] : newcomersOf(model).map(({ id }) => id),
  };
}

function contestsAmong(
  model: Model,
  roster: Roster,
  changes: readonly { readonly path: string }[],
): DraftReport['contested'] {
  const nameOf = (log: LogId) => ownerOf(roster, log)?.id ?? `log ${log}`;
  return contestsIn(model.state.live.draft)
    .map(({ by, lost, over, path }) => ({ path: path.join('.'), by: nameOf(by), over: nameOf(over), lost }))
    .filter(({ path }) =>
      changes.some((change) => isWithin(path, change.path) || isWithin(change.path, path)),
    );
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`);
}

function problemsOf(model: Model, registry: unknown, signed: readonly string[]): DraftReport['problems'] {
  const newest = newestVersion(model);
  if (newest === null) return [];
  const compiled = compile({
    registry,
    realm: model.state.ledger.realm,
    version: newest.version + 1,
    parent: newest.id,
    parentRoster: newest.roster,
    grants: new Set([...model.state.ledger.grants, ...signed]),
    keyOf: (log) => keyOf(model.state.ledger, log),
  });
  if (compiled.ok) {
    return votersWithoutVoice(model, compiled.value.roster, newest).map((id) => {
      const path = `${Object.hasOwn(compiled.value.registry.hosts, id) ? 'hosts' : 'people'}.${id}.roles`;
      return { path, code: 'voter-restricted', text: withoutVoice(id) };
    });
  }
  return (compiled.problems ?? []).map(({ path, code, message }) => ({ path, code, text: message }));
}
