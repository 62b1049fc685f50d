import { dirname, resolve } from 'node:path';
import type { Io } from './io.ts';
import { Refusal } from './refusal.ts';

/** Ends a command whose output could not be kept, before it does anything; a directory is not made, since its name may be a slip. */
export async function mustHaveRoom(io: Pick<Io, 'files'>, path: string): Promise<void> {
  const directory = dirname(path);
  if ((await io.files.look(directory)) !== null) return;
  const hint = `make it first: mkdir -p ${directory}`;
  throw new Refusal('FILE_UNWRITABLE', `a file cannot be written: there is no directory ${directory}`, hint);
}

/** Ends a dry run of a command that would write to this directory, made where it is missing, and could not. */
export async function mustTakeFiles(io: Pick<Io, 'files'>, directory: string): Promise<void> {
  const path = resolve(directory);
  const above = dirname(path);
  if (!(await io.files.look(path)) && above !== path) return mustTakeFiles(io, above);
  const fault = await io.files.tryOut(path);
  if (fault !== null) throw fault;
}
