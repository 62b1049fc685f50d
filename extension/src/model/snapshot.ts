import type { RealmOverview } from '../../../core/agent/overview-report.ts';
import type { FeatureReport, Methods, StatusReport } from '../../../core/agent/protocol.ts';
import type { RolloutReport } from '../../../core/agent/rollout-report.ts';

/** What the agent has said last, all of it at one time. */
export interface Said {
  readonly status: StatusReport;
  readonly features: readonly FeatureReport[];
  readonly unsigned: Methods['unsigned']['result'];
  readonly overview: RealmOverview;
  readonly versions: Methods['versions']['result'];
  /** The newest proposed version; null if there is none. */
  readonly rollout: RolloutReport | null;
  /** How many changes the draft has. */
  readonly drafted: number;
}

/** What a window knows of its host. */
export type Snapshot =
  | { readonly kind: 'starting' }
  | { readonly kind: 'no-realm' }
  /** `code` is that of a fault, or empty; `detail` is what it says beyond that. */
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string }
  | { readonly kind: 'connected'; readonly said: Said };

/** Signed time as the present, or the wall clock before any was signed; it is shown only. */
export function presentOf({ time }: StatusReport): number {
  return time.lower ?? time.wall;
}
