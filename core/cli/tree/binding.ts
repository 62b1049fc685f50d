import { type Command, InvalidArgumentError } from 'commander';
import type { PublicKey, Seconds } from '../../units.ts';
import type { CommandIo } from '../command-io.ts';
import { parseDuration } from '../duration.ts';
import type { ExitCode } from '../exit-codes.ts';

/** A command with its words read: what is left to do. */
type Body = (io: CommandIo) => Promise<ExitCode>;

/**
 * Makes commander's action of what reads the words and loads the command's file. Files are loaded then and no sooner, so
 * that `--help` stays quick.
 */
export type Bind = <P extends unknown[]>(
  load: (...words: P) => Promise<Body>,
) => (...words: [...P, Command]) => Promise<void>;

/** Reads a span of time. */
export function duration(text: string): Seconds {
  const span = parseDuration(text);
  if (!span.ok) throw new InvalidArgumentError(`${span.detail}.`);
  return span.value;
}

/** Reads a version: `42` or `v42`. */
export function version(text: string): number {
  const match = /^v?([1-9]\d{0,8})$/.exec(text);
  if (match === null)
    throw new InvalidArgumentError('Expected a version such as v42, from v1 to v999999999.');
  return Number(match[1]);
}

/** Reads a whole number from 0 to 999999. */
export function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 0 to 999999.');
  return Number(text);
}

/** Reads a whole number from 1 to 999999. */
export function atLeastOne(text: string): number {
  if (!/^0*[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError('Expected a whole number from 1 to 999999.');
  return Number(text);
}

/** The highest that any system gives: Windows has 32 bits for it. */
const MAX_PROCESS_ID = 2 ** 32 - 1;

/** Reads the id of a process. */
export function processId(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  if (id > MAX_PROCESS_ID) {
    throw new InvalidArgumentError(`Expected the id of a process, a number from 1 to ${MAX_PROCESS_ID}.`);
  }
  return id;
}

/** Reads a raw Ed25519 key in hex. */
export function publicKey(text: string): PublicKey {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('Expected 64 lowercase hex digits.');
  return text as PublicKey;
}

/** Reads a list, given as repeated options or separated by commas. */
export function list(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').filter((part) => part !== '')];
}

/** The option by which everything that changes something first says what it would do. */
export const DRY_RUN = ['-n, --dry-run', 'say what would be done or signed, and do nothing'] as const;
