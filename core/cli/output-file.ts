import { dirname } from 'node:path';
import type { Io } from './io.ts';
import { Refusal } from './refusal.ts';

/** Ends a command whose output could not be kept, before it does anything; a directory is not made, since its name may be a slip. */
export async function mustHaveRoom(io: Pick<Io, 'files'>, path: string): Promise<void> {
  const directory = dirname(path);
  if ((await io.files.look(directory)) !== null) return;
  const hint = `make it first: mkdir -p ${directory}`;
  throw new Refusal('FILE_UNWRITABLE', `a file cannot be written: there is no directory ${directory}`, hint);
}
