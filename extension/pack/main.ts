import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { contents, ROOT } from './contents.ts';
import { vsix } from './vsix.ts';

/** Bytes that the packed extension may have. */
const MAX_VSIX_BYTES = 3 * 1024 * 1024;

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
  readonly engines: { readonly vscode: string };
  readonly extensionKind: readonly string[];
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
}

const files = await contents();
const json = <T>(path: string) => JSON.parse(new TextDecoder().decode(files[path])) as T;
const { engines, extensionKind, ...manifest } = json<Manifest>('package.json');
const { description, displayName } = json<{ displayName: string; description: string }>('package.nls.json');
const about = { ...manifest, displayName, description, engine: engines.vscode, kind: extensionKind };
const bytes = vsix(about, files);
const path = join(ROOT, 'dist', `leasehold-${manifest.version}.vsix`);
await mkdir(dirname(path), { recursive: true });
await writeFile(`${path}.new`, bytes);
await rename(`${path}.new`, path);
const mebibytes = (size: number) => (size / 1024 / 1024).toFixed(2);
process.stdout.write(
  `${path}: ${mebibytes(bytes.length)} of ${mebibytes(MAX_VSIX_BYTES)} MiB, ${Object.keys(files).length} files\n`,
);
if (bytes.length > MAX_VSIX_BYTES) {
  process.stderr.write('The extension is too large\n');
  process.exitCode = 1;
}
