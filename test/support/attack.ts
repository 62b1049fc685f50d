import type { Scene } from './hostile.ts';

/** An update that must change nothing, and what a relay and a host say to it. */
export interface Attack {
  readonly why: string;
  /** What the relay counts. */
  readonly relay: string;
  /** What the host says: a reason, or that it waits for more, or that it takes and keeps what has no effect. */
  readonly host: string;
  make(scene: Scene): Promise<Uint8Array>;
}
