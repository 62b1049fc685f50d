import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DIST = join(ROOT, 'dist');
/** All is made here first, since programs may be running from what an earlier build made. */
const FRESH = await mkdtemp(join(ROOT, '.dist-'));
/** Milliseconds for which a part stays after it was made: a program that runs asks for its own parts, by their hashes. */
const STALE_AFTER = 86_400_000;

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

/**
 * Commander can start programs as commands, which these have none of, and loads for that what starts processes: a tenth
 * of what `--help` takes.
 */
const noProgramsAsCommands: Plugin = {
  name: 'no-programs-as-commands',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'no-programs' } : null,
    );
    onLoad({ filter: /.*/, namespace: 'no-programs' }, () => ({ contents: 'export {};' }));
  },
};

// CommonJS has no import.meta; files beside the bundle are found by this.
const HERE = 'LEASEHOLD_BUNDLE_URL';
const BANNER = `const ${HERE} = require('node:url').pathToFileURL(__filename).href;`;

const OPTIONS = {
  absWorkingDir: ROOT,
  outdir: FRESH,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Native or optional: found beside the package, or done without.
  external: ['classic-level', 'bufferutil', 'utf-8-validate'],
  define: { 'import.meta.url': HERE },
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [englishOnly, noProgramsAsCommands],
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

/** The check of a period alone, for pages: one script that makes a global `leasehold`, and asks nothing of Node. */
async function packStart(): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { 'leasehold-start': 'core/start/browser.ts' },
    ...{ outdir: FRESH, bundle: true, platform: 'browser', format: 'iife', globalName: 'leasehold' },
    ...{ target: 'es2022', minify: true, legalComments: 'linked', logLevel: 'warning' },
  });
}

// esbuild splits ES modules only, and Node loads those more slowly than CommonJS: so they are split first and turned then.
async function packCommandLine(): Promise<void> {
  const { outputFiles } = await build({
    ...OPTIONS,
    ...{ entryPoints: COMMAND_LINE, format: 'esm', splitting: true, write: false },
    chunkNames: 'leasehold/[hash]',
  });
  const scripts = new Map<string, string>();
  for (const { path, text } of outputFiles) {
    const name = relative(FRESH, path).replace('.js', '.cjs');
    if (path.endsWith('.js')) scripts.set(name, await asCommonJs(text));
    else await writeFresh(name, text);
  }
  for (const [name, text] of gathered(scripts)) await writeFresh(name, text);
}

async function writeFresh(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(FRESH, name)), { recursive: true });
  await writeFile(join(FRESH, name), text);
}

const ENTRY = 'leasehold.cjs';
const PART = /\b(require|import)\("\.\/(?:leasehold\/)?(\w+)\.cjs"\)/g;

/** Puts the parts that every command reads into the program itself: finding and reading each took half a millisecond. */
function gathered(scripts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const entry = scripts.get(ENTRY) ?? '';
  const textOf = (part: string) => scripts.get(`leasehold/${part}.cjs`) ?? '';
  const later = new Set<string>();
  for (const text of scripts.values()) {
    for (const [, how, part = ''] of text.matchAll(PART)) if (how === 'import') later.add(part);
  }
  const parts = new Set<string>();
  const gather = (text: string) => {
    for (const [, how, part = ''] of text.matchAll(PART)) {
      // What asks where it lies has to lie there.
      if (how === 'import' || later.has(part) || parts.has(part) || textOf(part).includes(HERE)) continue;
      parts.add(part);
      gather(textOf(part));
    }
  };
  gather(entry);
  const inside = (text: string) =>
    text.replace(PART, (_, how, part) =>
      parts.has(part) ? `$part("${part}")` : `${how}("./leasehold/${part}.cjs")`,
    );
  const outside = (text: string) =>
    text.replace(PART, (call, _, part) => (parts.has(part) ? `require("../${ENTRY}")("${part}")` : call));
  const bodies = [...parts].map((part) => `"${part}":function(module){${inside(textOf(part))}\n}`);
  const [shebang = '', ...rest] = entry.split('\n');
  const program = [shebang, `const $parts={${bodies.join(',')}};`, ASK, inside(rest.join('\n'))].join('\n');
  const others = [...scripts].filter(([name]) => name !== ENTRY && !parts.has(basename(name, '.cjs')));
  return new Map([
    ...others.map(([name, text]): [string, string] => [name, outside(text)]),
    [ENTRY, program],
  ]);
}

/**
 * What gives a part of the program, made when it is first asked for. A program that has run since before a build may be
 * asked by the new files for a part that it read as a file of its own.
 */
const ASK = `const $made={};
function $part(name){if($made[name])return $made[name].exports;if(!$parts[name])return require("./leasehold/"+name+".cjs");const module=$made[name]={exports:{}};$parts[name](module);return module.exports}
module.exports=$part;`;

async function asCommonJs(text: string): Promise<string> {
  const { code } = await transform(text, {
    ...{ format: 'cjs', platform: OPTIONS.platform, target: OPTIONS.target },
    ...{ minifySyntax: true, minifyWhitespace: true, legalComments: 'inline' },
    ...(text.includes(HERE) ? { banner: BANNER } : {}),
  });
  const named = code.replace(/(["'])(\.\/[\w/]+)\.js\1/g, '$1$2.cjs$1');
  return named.replace('.js.LEGAL.txt', '.cjs.LEGAL.txt');
}

/** Puts each file in its place by a rename, so that whoever reads it gets the old one or the new one whole; programs come after the parts that they ask for. */
async function putInPlace(): Promise<void> {
  const parts = await readdir(join(FRESH, 'leasehold'));
  const programs = (await readdir(FRESH)).filter((name) => name !== 'leasehold');
  await mkdir(join(DIST, 'leasehold'), { recursive: true });
  for (const name of [...parts.map((part) => join('leasehold', part)), ...programs]) {
    await rename(join(FRESH, name), join(DIST, name));
  }
  for (const name of await readdir(join(DIST, 'leasehold'))) {
    const path = join(DIST, 'leasehold', name);
    const made = parts.includes(name) ? Number.POSITIVE_INFINITY : (await stat(path)).mtimeMs;
    if (Date.now() - made > STALE_AFTER) await rm(path, { force: true });
  }
}

try {
  await packServices();
  await packCommandLine();
  await packStart();
  for (const name of Object.keys({ ...SERVICES, ...COMMAND_LINE })) {
    await chmod(join(FRESH, `${name}.cjs`), 0o755);
  }
  await putInPlace();
} finally {
  await rm(FRESH, { recursive: true, force: true });
}
