import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory and what is missing above it, with mode 0700; one that is there stays as it is.
 * Throws the system's error. Node's own recursive way never ends where a file system takes no directories, such as /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  const error = await attempt(path);
  if (error === null) return;
  const above = dirname(path);
  if (!('code' in error) || error.code !== 'ENOENT' || above === path) throw error;
  // Somebody else may have made it meanwhile.
  if (!(await isDirectory(above))) await makeDirectory(above);
  const again = await attempt(path);
  if (again !== null) throw again;
}

/** Null when the directory is there now; else what hindered it. */
async function attempt(path: string): Promise<Error | null> {
  try {
    await mkdir(path, { mode: 0o700 });
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'code' in error && error.code === 'EEXIST' && (await isDirectory(path)) ? null : error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
