import type { Registry } from '../state/registry.ts';
import type { Hash } from '../units.ts';

/** One change between two registries. */
export interface ChangeReport {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A certified version in the log of configurations. */
export interface VersionReport {
  readonly version: number;
  /** Counts recoveries: a version of a higher one overrules. */
  readonly generation: number;
  readonly id: string;
  readonly parent: string | null;
  readonly author: string | null;
  readonly message: string;
  readonly content: string | null;
  readonly ackers: readonly string[];
}

/** The draft as compiled, or what is wrong with it. */
export type CompiledReport =
  | {
      readonly ok: true;
      /** The version that it builds on. */
      readonly base: number;
      readonly realm: Hash;
      readonly version: number;
      readonly parent: Hash;
      readonly registry: Registry;
      readonly lots: Readonly<Record<string, Readonly<Record<string, number>>>>;
    }
  | {
      readonly ok: false;
      readonly problems: readonly { readonly path: string; readonly code: string; readonly text: string }[];
    };

/** A place of the draft that two principals wrote without knowing of each other. */
export interface ContestReport {
  readonly path: string;
  readonly by: string;
  readonly over: string;
  readonly lost: unknown;
}
