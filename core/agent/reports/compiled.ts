import { nextUndecided } from '../../decide/vote.ts';
import { acksOf, type Model, newestVersion } from '../../engine/model.ts';
import { compileDraft } from '../../engine/publishing.ts';
import type { Methods } from '../protocol.ts';

/** What publishing the draft now would make of it, or what is wrong with it; null before the genesis is known. */
export function reportCompiled(model: Model): Methods['compiled']['result'] | null {
  const newest = newestVersion(model);
  if (newest === null) return null;
  const version = nextUndecided(newest, (at) => acksOf(model, at));
  const { compiled } = compileDraft(model, newest, version);
  if (!compiled.ok) {
    const problems = compiled.problems ?? [];
    return {
      ok: false,
      problems: problems.map(({ code, message, path }) => ({ path, code, text: message })),
    };
  }
  const { lots, parent, realm, registry } = compiled.value.configuration;
  const plain = [...lots].map(([feature, of]) => [feature, Object.fromEntries(of)] as const);
  return {
    ok: true,
    base: newest.version,
    realm,
    version,
    parent,
    registry,
    lots: Object.fromEntries(plain),
  };
}
