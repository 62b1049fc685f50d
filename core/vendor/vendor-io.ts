import type { Files, Sink, Source } from '../cli/io.ts';
import type { Output } from '../cli/output.ts';
import type { Random } from '../ports.ts';

/** All that a vendor's command can see of the machine. */
export interface VendorIo {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: Pick<Source, 'text'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Pick<Files, 'read' | 'exists'>;
  readonly random: Random;
}

/** What a command gets: the machine, and how to speak. */
export interface VendorDesk extends VendorIo {
  readonly out: Output;
}

/** Seats by feature. */
export type SeatsOf = ReadonlyMap<string, number>;
