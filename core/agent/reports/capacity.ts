import type { Model } from '../../engine/model.ts';
import { capacityHistory } from '../../state/reports/capacity-history.ts';
import type { UsageSpan } from '../../state/usage.ts';
import type { Methods } from '../protocol.ts';

/** When which seats of each feature were there, as far as this host knows the versions. */
export function reportCapacity(model: Model, span: UsageSpan): Methods['capacity']['result'] {
  const { features, members } = capacityHistory(model.state, span, model.time.upper);
  return { features: Object.fromEntries(features), members };
}
