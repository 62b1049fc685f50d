import { homedir, tmpdir } from 'node:os';
import type { Surroundings } from '../adapters/paths.ts';

/** What this process knows of where it runs. */
export function currentSurroundings(): Surroundings {
  const uid = process.getuid?.() ?? null;
  return { platform: process.platform, env: process.env, homedir: homedir(), uid, tmpdir: tmpdir() };
}
