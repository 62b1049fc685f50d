import { deepEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What a program that uses the library imports, and what an editor calls; nothing here does. */
const PUBLIC: ReadonlySet<string> = new Set(['core/index.ts', 'extension/src/extension.ts']);

interface Source {
  readonly path: string;
  readonly exports: readonly string[];
  readonly imports: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
}

function sourceAt(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)];
  const exported = text.matchAll(/^export (?:async )?(?:function\*?|const|let|type|interface|class) (\w+)/gm);
  return {
    path,
    exports: [...exported].map(([, name]) => name ?? ''),
    imports: new Set(targets.map(([, target]) => normalize(join(dirname(path), target ?? '')))),
    words: new Set(text.match(/\w+/g)),
  };
}

describe('the files', () => {
  it('export nothing that no other file names', () => {
    const sources = ['core', 'relay', 'extension', 'examples', 'test'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => sourceAt(join(folder, name))),
    );
    const unused = sources
      .filter(({ path }) => !PUBLIC.has(path))
      .flatMap(({ exports, path }) => {
        const importers = sources.filter(({ imports }) => imports.has(path));
        return exports
          .filter((name) => !importers.some(({ words }) => words.has(name)))
          .map((name) => `${path} ${name}`);
      });
    deepEqual(unused, []);
  });
});
