import { configurationOf, type Model, newestVersion } from '../../engine/model.ts';
import { votersWithoutVoice, withoutVoice } from '../../engine/new-voters.ts';
import { newcomersOf } from '../../engine/newcomers.ts';
import { keyOf } from '../../ledger/ledger.ts';
import { compile } from '../../state/compile.ts';
import { toRegistry } from '../../state/drafts.ts';
import { parseRegistry } from '../../state/registry.ts';
import { diffRegistry, summariseRegistry } from '../../state/registry-diff.ts';
import type { Methods } from '../protocol.ts';

type DraftReport = Methods['draft']['result'];

/** What the draft, or a proposed registry in its place, would change against the newest version, and what is wrong with it. */
export function reportDraft(model: Model, proposed?: unknown): DraftReport {
  const newest = newestVersion(model);
  const registry = proposed ?? toRegistry(model.state.live.draft);
  const parsed = parseRegistry(registry);
  const before = newest === null ? null : (configurationOf(model, newest)?.registry ?? null);
  const changes = parsed.ok && before !== null ? diffRegistry(before, parsed.value) : [];
  return {
    base: newest?.version ?? 0,
    changes: changes.map(({ depth: _, ...change }) => change),
    summary: summariseRegistry(changes),
    problems: problemsOf(model, registry),
    newcomers: newest === null ? [] : newcomersOf(model).map(({ id }) => id),
  };
}

function problemsOf(model: Model, registry: unknown): DraftReport['problems'] {
  const newest = newestVersion(model);
  if (newest === null) return [];
  const compiled = compile({
    registry,
    realm: model.state.ledger.realm,
    version: newest.version + 1,
    parent: newest.id,
    parentRoster: newest.roster,
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
