import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, transform } from 'esbuild';

/** The project's own directory. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DIST = join(ROOT, 'dist');
const SOURCE = join(ROOT, 'extension');

/** Binaries of the store that ship: Linux on x64 (glibc and musl), Arm64 and Armv7, macOS on both, Windows on x64. */
export const BINARIES = [
  'darwin-x64+arm64/classic-level.node',
  'linux-arm/classic-level.armv7.node',
  'linux-arm64/classic-level.armv8.node',
  'linux-x64/classic-level.musl.node',
  'linux-x64/classic-level.node',
  'win32-x64/classic-level.node',
] as const;

const STORE = 'dist/node_modules/classic-level';
/** What ships of `extension/` as it is. */
const ASIDE = ['package.json', 'package.nls.json', 'package.nls.ja.json', 'README.md'] as const;
const FOLDERS = ['l10n', 'media'] as const;
const PROGRAMS = ['leasehold.cjs', 'leasehold-agent.cjs', 'leasehold-agent.cjs.LEGAL.txt'] as const;

/** Path in the extension's directory → bytes. */
export type Contents = Readonly<Record<string, Uint8Array>>;

/** Everything that ships, made from the sources and from what `npm run build` packed. */
export async function contents(): Promise<Contents> {
  const files: Record<string, Uint8Array> = {};
  for (const name of ASIDE) files[name] = await readFile(join(SOURCE, name));
  for (const folder of FOLDERS) {
    for (const name of await readdir(join(SOURCE, folder))) {
      files[`${folder}/${name}`] = await readFile(join(SOURCE, folder, name));
    }
  }
  for (const name of PROGRAMS) files[`dist/${name}`] = await readFile(join(DIST, name));
  Object.assign(files, await partsOf('leasehold.cjs'), await editorProgram(), await store());
  return files;
}

const PART = /\b(?:require|import)\("\.\/(?:leasehold\/)?(\w+)\.cjs"\)/g;

/** The parts that a program asks for, and those that they ask for: beside them lie parts of earlier builds. */
async function partsOf(program: string): Promise<Contents> {
  const files: Record<string, Uint8Array> = {};
  const follow = async (text: string): Promise<void> => {
    for (const [, part = ''] of text.matchAll(PART)) {
      const path = `dist/leasehold/${part}.cjs`;
      if (files[path] !== undefined) continue;
      const bytes = await readFile(join(DIST, 'leasehold', `${part}.cjs`));
      files[path] = bytes;
      await follow(bytes.toString('utf8'));
    }
  };
  await follow(await readFile(join(DIST, program), 'utf8'));
  return files;
}

const COMMON = {
  ...{ absWorkingDir: ROOT, bundle: true, write: false, platform: 'node', target: 'node20', format: 'cjs' },
  ...{ minify: true, legalComments: 'none', logLevel: 'warning' },
} as const satisfies BuildOptions;

// CommonJS has no import.meta; what is found beside a program is found by this.
const HERE = 'LEASEHOLD_BUNDLE_URL';
const BANNER = `const ${HERE}=require('node:url').pathToFileURL(__filename).href;`;

/**
 * The program that an editor loads, in parts: what talks to the agent is read when it is needed, and not while the
 * editor starts. esbuild splits ES modules only, and editors load CommonJS: so they are split first and turned then.
 */
async function editorProgram(): Promise<Contents> {
  const { outputFiles } = await build({
    ...COMMON,
    ...{ format: 'esm', splitting: true, outdir: join(ROOT, 'dist'), chunkNames: 'extension-[name]-[hash]' },
    entryPoints: ['extension/src/extension.ts'],
    external: ['vscode'],
    define: { 'import.meta.url': HERE },
  });
  const files: Record<string, Uint8Array> = {};
  for (const { path, text } of outputFiles) {
    const here = text.includes(HERE) ? { banner: BANNER } : {};
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      minify: true,
      ...here,
    });
    const parts = code
      .replace(/\bimport\("(\.\/[\w-]+)\.js"\)/g, 'Promise.resolve().then(()=>require("$1.cjs"))')
      .replace(/\brequire\("(\.\/[\w-]+)\.js"\)/g, 'require("$1.cjs")');
    files[`dist/${basename(path, '.js')}.cjs`] = new TextEncoder().encode(parts);
  }
  return files;
}

/** The store of the agent as a package of its own beside it: its binaries are looked for beside its script. */
async function store(): Promise<Contents> {
  const require = createRequire(import.meta.url);
  const source = dirname(require.resolve('classic-level/package.json'));
  const { outputFiles } = await build({ ...COMMON, entryPoints: [join(source, 'index.js')] });
  const about = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { license, name, version } = about;
  const manifest = JSON.stringify({ name, version, license, main: 'index.js' });
  const files: Record<string, Uint8Array> = {
    [`${STORE}/index.js`]: outputFiles[0]?.contents ?? new Uint8Array(),
    [`${STORE}/package.json`]: new TextEncoder().encode(manifest),
    [`${STORE}/LICENSE`]: await readFile(join(source, 'LICENSE')),
  };
  for (const path of BINARIES) {
    files[`${STORE}/prebuilds/${path}`] = await readFile(join(source, 'prebuilds', path));
  }
  return files;
}
