import { watch } from 'node:fs';
import { chmod, open, readFile, realpath, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tryOut } from '../adapters/directory-trial.ts';
import { Fault } from '../errors.ts';
import type { Files, Place } from './io.ts';
import { Refusal } from './refusal.ts';

/** Bytes at the end of a log that may hold the last lines asked for. */
const TAIL_BYTES = 1024 * 1024;

/** The files of this machine. */
export const systemFiles: Files = { read, write, remove, exists, isEmpty, look, tryOut, follow };

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', { detail: reasonOf(cause, path), cause });
  }
}

async function write(path: string, text: string, { secret }: { readonly secret: boolean }): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    // A device or a pipe takes the text and must not be replaced by a file.
    if ((await stat(path).catch(() => null))?.isFile() === false) return await writeFile(path, text);
    await writeFile(beside, text, { mode: secret ? 0o600 : 0o666 });
    if (secret) await chmod(beside, 0o600);
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw new Refusal('FILE_UNWRITABLE', `a file cannot be written: ${reasonOf(cause, path)}`);
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function isEmpty(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size === 0;
}

async function look(path: string): Promise<Place | null> {
  try {
    const [real, found, disk] = await Promise.all([realpath(path), stat(path), statfs(path)]);
    const posix = process.platform !== 'win32';
    return {
      real,
      mode: posix ? found.mode & 0o777 : null,
      uid: posix ? found.uid : null,
      // Other systems number their file systems otherwise.
      fileSystem: process.platform === 'linux' ? disk.type : null,
      freeBytes: disk.bavail * disk.bsize,
    };
  } catch {
    return null;
  }
}

async function follow(path: string, lines: number, tell: (text: string) => void): Promise<() => void> {
  const file = await open(path);
  const { size } = await file.stat();
  let at = Math.max(0, size - TAIL_BYTES);
  const first = (await piece(size)).trimEnd().split('\n').slice(-lines);
  if (lines > 0 && first.join('') !== '') tell(`${first.join('\n')}\n`);
  let last = Promise.resolve();
  const watcher = watch(path, () => {
    last = last.then(async () => {
      const grown = (await file.stat()).size;
      // A log that was cut begins again.
      if (grown < at) at = 0;
      const text = await piece(grown);
      if (text !== '') tell(text);
    });
  });
  return () => {
    watcher.close();
    void last.then(() => file.close());
  };

  async function piece(to: number): Promise<string> {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.max(0, to - at)), 0, undefined, at);
    at += bytesRead;
    return buffer.toString('utf8', 0, bytesRead);
  }
}

function reasonOf(cause: unknown, path: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'ENOENT') return `there is no ${path}`;
  if (code === 'EACCES') return `no right to ${path}`;
  if (code === 'EISDIR') return `${path} is a directory`;
  return `${path}${typeof code === 'string' ? ` (${code})` : ''}`;
}
