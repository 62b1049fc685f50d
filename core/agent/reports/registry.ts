import { type Model, newestVersion } from '../../engine/model.ts';
import { no, ok, type Result } from '../../result.ts';
import { toRegistry } from '../../state/drafts.ts';
import type { Methods } from '../protocol.ts';

/** The registry as drafted, or of a certified version. */
export function reportRegistry(
  model: Model,
  version: number | 'draft',
): Result<Methods['registry']['result'], 'not-found'> {
  const newest = newestVersion(model);
  if (version === 'draft') {
    return ok({ registry: toRegistry(model.state.live.draft), base: newest?.version ?? 0 });
  }
  const content = contentOf(model, version);
  if (!content.ok) return content;
  return ok({ registry: content.value.configuration.registry, base: version });
}

/** The exact bytes of a version's configuration; null asks for the applied one. */
export function reportConfiguration(
  model: Model,
  version: number | null,
): Result<Methods['configuration']['result'], 'not-found'> {
  const wanted = version ?? model.applied?.version.version;
  if (wanted === undefined) return no('not-found', 'no version has been applied on this host');
  const found = contentOf(model, wanted);
  if (!found.ok) return found;
  const { bytes, content, roster } = found.value;
  const members = [...roster.members.values()].filter(({ kind }) => kind === 'host');
  return ok({
    ...{ version: wanted, content, bytes: Buffer.from(bytes).toString('hex') },
    realm: model.state.membership.realm,
    hosts: Object.fromEntries(members.map(({ id, logs }) => [id, logs.map(({ key }) => key)])),
  });
}

function contentOf(model: Model, wanted: number) {
  const { configurations, membership } = model.state;
  const version = membership.versions.find((known) => known.version === wanted);
  if (version === undefined) return no('not-found', `no version ${wanted}`);
  const found = configurations.get(version.id);
  if (version.content === null || found === undefined) {
    return no('not-found', `version ${wanted} has no content that this host knows`);
  }
  return ok({ ...found, content: version.content, roster: version.roster });
}
