import type { Model } from '../../engine/model.ts';
import type { VersionReport } from '../config-report.ts';

/** The certified versions, the newest first. */
export function reportVersions(model: Model): readonly VersionReport[] {
  return model.state.membership.versions
    .map(({ version, generation, id, parent, author, message, content, ackers }) => {
      return { version, generation, id, parent, author, message, content, ackers };
    })
    .reverse();
}
