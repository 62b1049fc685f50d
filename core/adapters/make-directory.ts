import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory and what is missing above it, with mode 0700; one that is there stays as it is.
 * Throws the system's error. Node's own recursive way never ends where a file system takes no directories, such as /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EEXIST' && (await isDirectory(path))) return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path || (await isDirectory(above))) throw error;
    await makeDirectory(above);
    // The second attempt meets what the first would have met with a directory above it.
    await makeDirectory(path);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
