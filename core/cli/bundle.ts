import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What stays in memory for long, or is small, ships as a file for each, so that a start reads one file. */
const SERVICES = {
  'leasehold-agent': 'core/agent/leasehold-agent.ts',
  'leasehold-relay': 'relay/main.ts',
  'leasehold-vendor': 'core/vendor/leasehold-vendor.ts',
} as const;

/** The command line ships in parts, of which each command reads its own: reading all took half of what `--help` took. */
const COMMAND_LINE = { leasehold: 'core/cli/packed-entry.ts' } as const;

/** Half of zod is its messages in forty languages, of which English is imported by itself: a sixth of each bundle. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

// CommonJS has no import.meta; files beside the bundle are found by this.
const HERE = 'LEASEHOLD_BUNDLE_URL';
const BANNER = `const ${HERE} = require('node:url').pathToFileURL(__filename).href;`;

const OPTIONS = {
  absWorkingDir: ROOT,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Native or optional: found beside the package, or done without.
  external: ['classic-level', 'bufferutil', 'utf-8-validate'],
  define: { 'import.meta.url': HERE },
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [englishOnly],
  legalComments: 'linked',
  logLevel: 'warning',
} as const satisfies BuildOptions;

async function packServices(): Promise<void> {
  const outExtension = { '.js': '.cjs' };
  await build({
    ...OPTIONS,
    ...{ entryPoints: SERVICES, outExtension, format: 'cjs', banner: { js: BANNER } },
  });
}

// esbuild splits ES modules only, and Node loads those more slowly than CommonJS: so they are split first and turned then.
async function packCommandLine(): Promise<void> {
  const { outputFiles } = await build({
    ...OPTIONS,
    ...{ entryPoints: COMMAND_LINE, format: 'esm', splitting: true, write: false },
    chunkNames: 'leasehold/[hash]',
  });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    if (path.endsWith('.js')) await writeFile(path.replace(/\.js$/, '.cjs'), await asCommonJs(text));
    else await writeFile(path.replace(/\.js\.LEGAL\.txt$/, '.cjs.LEGAL.txt'), text);
  }
}

async function asCommonJs(text: string): Promise<string> {
  const { code } = await transform(text, {
    ...{ format: 'cjs', platform: OPTIONS.platform, target: OPTIONS.target },
    ...{ minifySyntax: true, minifyWhitespace: true, legalComments: 'inline' },
    ...(text.includes(HERE) ? { banner: BANNER } : {}),
  });
  const named = code.replace(/(["'])(\.\/[\w/]+)\.js\1/g, '$1$2.cjs$1');
  return named.replace('.js.LEGAL.txt', '.cjs.LEGAL.txt');
}

await rm(`${ROOT}dist`, { recursive: true, force: true });
await packServices();
await packCommandLine();
for (const name of Object.keys({ ...SERVICES, ...COMMAND_LINE })) {
  await chmod(`${ROOT}dist/${name}.cjs`, 0o755);
}
