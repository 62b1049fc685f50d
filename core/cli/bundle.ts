import { chmod, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What ships for Node: a file for each program, so that a start reads one file. */
const PROGRAMS = {
  leasehold: 'core/cli/packed-entry.ts',
  'leasehold-agent': 'core/agent/leasehold-agent.ts',
  'leasehold-relay': 'relay/main.ts',
} as const;

/** Half of zod is its messages in forty languages, of which English is imported by itself: a sixth of each bundle. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

const OPTIONS: BuildOptions = {
  absWorkingDir: ROOT,
  outdir: 'dist',
  entryPoints: PROGRAMS,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // Native or optional: found beside the package, or done without.
  external: ['classic-level', 'bufferutil', 'utf-8-validate'],
  // CommonJS has no import.meta; files beside the bundle are found by this.
  define: { 'import.meta.url': 'LEASEHOLD_BUNDLE_URL' },
  banner: { js: "const LEASEHOLD_BUNDLE_URL = require('node:url').pathToFileURL(__filename).href;" },
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [englishOnly],
  legalComments: 'linked',
  logLevel: 'warning',
};

await rm(`${ROOT}dist`, { recursive: true, force: true });
await build(OPTIONS);
for (const name of Object.keys(PROGRAMS)) await chmod(`${ROOT}dist/${name}.cjs`, 0o755);
