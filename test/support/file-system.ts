import { execFileSync } from 'node:child_process';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withTempDir } from './temp-dir.ts';

/** Runs the work on a file system of its own in memory; needs Linux and root. */
export function withFileSystem(size: string, work: (directory: string) => Promise<void>): Promise<void> {
  return withTempDir(async (directory) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'leasehold-test', directory]);
    try {
      await work(directory);
    } finally {
      execFileSync('umount', ['--lazy', directory]);
    }
  });
}

/** Changes how such a file system is mounted: `ro`, `rw`, `size=8m`. */
export function remount(directory: string, option: string): void {
  execFileSync('mount', ['-o', `remount,${option}`, directory]);
}

/** Takes all space that a file system has left; what it gives back ends that. */
export async function fillUp(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'filler');
  await writeFile(path, '');
  const file = await open(path, 'a');
  try {
    for (const size of [65_536, 1]) await appendUntilFull(file, Buffer.alloc(size));
  } finally {
    await file.close();
  }
  return () => rm(path);
}

async function appendUntilFull(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  try {
    for (;;) await file.appendFile(piece);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
