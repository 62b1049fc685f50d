import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { unzipSync } from 'fflate';
import { BINARIES, contents } from '../../extension/pack/contents.ts';
import { vsix } from '../../extension/pack/vsix.ts';

const ABOUT = {
  ...{
    name: 'leasehold',
    publisher: 'leasehold',
    version: '0.1.0',
    displayName: 'A & B',
    description: '<b>',
  },
  ...{ engine: '^1.100.0', kind: ['workspace'], categories: ['Other'], keywords: ['seat'] },
};
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe('the packed extension', () => {
  it('has the editor program, the agent, the command line with its parts, and the store with its binaries', async () => {
    const files = await contents();
    for (const path of [
      'package.json',
      'dist/extension.cjs',
      'dist/leasehold-agent.cjs',
      'dist/leasehold.cjs',
    ]) {
      ok(files[path] !== undefined, path);
    }
    const store = 'dist/node_modules/classic-level';
    const binaries = Object.keys(files).filter((path) => path.endsWith('.node'));
    deepEqual(binaries.sort(), BINARIES.map((path) => `${store}/prebuilds/${path}`).sort());
    equal(JSON.parse(text(files[`${store}/package.json`])).main, 'index.js');
    const { main } = JSON.parse(text(files['package.json']));
    ok(files[main.replace('./', '')] !== undefined, main);
  });

  it('loads no native module where extensions run: the agent alone has the store', async () => {
    const files = await contents();
    const parts = Object.keys(files).filter((path) => path.startsWith('dist/extension'));
    ok(parts.length > 1);
    const loads = (bytes: Uint8Array | undefined) => /prebuilds/.test(text(bytes));
    ok(loads(files['dist/node_modules/classic-level/index.js']));
    for (const path of parts) ok(!loads(files[path]), path);
  });

  it('reads nothing that talks to the agent while the editor starts', async () => {
    const files = await contents();
    const start = text(files['dist/extension.cjs']);
    const atOnce = [...start.matchAll(/(?<!=>)\brequire\("\.\/([\w.-]+)"\)/g)].map(
      ([, name]) => `dist/${name}`,
    );
    for (const path of ['dist/extension.cjs', ...atOnce])
      ok(!/vscode-jsonrpc|ZodError/.test(text(files[path])), path);
    ok(Object.values(files).some((bytes) => text(bytes).includes('ZodError')));
  });

  it('has every part that the command line asks for, and none of an earlier build', async () => {
    const files = await contents();
    const asked = Object.entries(files)
      .filter(([path]) => /^dist\/leasehold(\/\w+)?\.cjs$/.test(path))
      .flatMap(([, bytes]) =>
        [...text(bytes).matchAll(/"\.\/(?:leasehold\/)?(\w+)\.cjs"/g)].map(([, part]) => part),
      )
      .filter((part) => part !== 'leasehold');
    const shipped = Object.keys(files).flatMap(
      (path) => /^dist\/leasehold\/(\w+)\.cjs$/.exec(path)?.[1] ?? [],
    );
    ok(shipped.length > 10);
    deepEqual(
      shipped.filter((part) => !asked.includes(part)),
      [],
    );
    deepEqual(
      [...new Set(asked)].filter((part) => part !== 'leasehold-agent' && !shipped.includes(part ?? '')),
      [],
    );
  });

  it('is a container whose manifest says what it is, with what XML gives a meaning to written out', () => {
    const files = unzipSync(
      vsix(ABOUT, { 'package.json': new Uint8Array(2), 'package.nls.ja.json': new Uint8Array(2) }),
    );
    deepEqual(Object.keys(files).sort(), [
      '[Content_Types].xml',
      'extension.vsixmanifest',
      'extension/package.json',
      'extension/package.nls.ja.json',
    ]);
    const manifest = text(files['extension.vsixmanifest']);
    match(manifest, /<Identity Language="en-US" Id="leasehold" Version="0\.1\.0" Publisher="leasehold"\/>/);
    match(manifest, /<DisplayName>A &amp; B<\/DisplayName>/);
    match(manifest, /<Description xml:space="preserve">&lt;b&gt;<\/Description>/);
    match(manifest, /__lp_ja/);
    match(text(files['[Content_Types].xml']), /Extension="\.json" ContentType="application\/json"/);
  });

  it('is the same, byte for byte, each time that it is packed', () => {
    const files = { 'b.md': new Uint8Array([1]), 'a.md': new Uint8Array([2]) };
    const packed = vsix(ABOUT, files);
    deepEqual(packed, vsix(ABOUT, { 'a.md': files['a.md'], 'b.md': files['b.md'] }));
    // The time and date of the first file, as MS-DOS has them: midnight, 1 January 1980.
    deepEqual([...packed.subarray(10, 14)], [0, 0, 33, 0]);
  });
});
