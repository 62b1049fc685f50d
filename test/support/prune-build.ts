import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../../', import.meta.url));
const MADE = /\.(js|js\.map|d\.ts)$/;

// The compiler leaves what it made of a file that is gone: mocha would run such a test, and it fails or tests nothing.
for (const name of readdirSync(BUILD, { recursive: true, encoding: 'utf8' })) {
  if (MADE.test(name) && !existsSync(join(BUILD, '..', name.replace(MADE, '.ts'))))
    rmSync(join(BUILD, name), { force: true });
}
