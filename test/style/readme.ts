import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { VERSION as AGENT_VERSION } from '../../core/agent/version.ts';
import { FAULTS } from '../../core/errors.ts';
import { SETTINGS } from '../../relay/config.ts';
import { VERSION as RELAY_VERSION } from '../../relay/version.ts';
import { COMMANDS } from '../support/command-tree.ts';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const PACKAGE = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
};

const VECTOR = JSON.parse(
  readFileSync(new URL('../../../test/vectors/record.json', import.meta.url), 'utf8'),
) as {
  hash: string;
  record: string;
};

/** Codes in the first column of the table under a heading cell. */
function column(heading: string): readonly string[] {
  const from = README.search(new RegExp(`^\\| ${heading} +\\|`, 'm'));
  const table = README.slice(from, README.indexOf('\n\n', from));
  const cells = table.split('\n').map((row) => row.split(' | ')[0] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ''));
}

/** What `a b\\|c` stands for: `a b` and `a c`. */
function wordings(text: string): readonly string[] {
  const words = text.split(' ').map((word) => word.split('\\|'));
  return words.reduce<readonly string[]>(
    (before, each) =>
      before.flatMap((start) => each.map((word) => `${start}${start === '' ? '' : ' '}${word}`)),
    [''],
  );
}

describe('the README', () => {
  it('lists every fault, and none that there is not', () => {
    deepEqual([...column('fault')].sort(), Object.keys(FAULTS).sort());
  });

  it('says of each fault what the program says', () => {
    const rows = README.replaceAll(/ +/g, ' ');
    for (const [code, text] of Object.entries(FAULTS)) ok(rows.includes(`| \`${code}\` | ${text} |`), code);
  });

  it('lists every reason for which a checkout is denied', () => {
    const source = ['checkout', 'limits', 'lots'].map((name) =>
      readFileSync(new URL(`../../../core/decide/${name}.ts`, import.meta.url), 'utf8'),
    );
    const reasons = source.flatMap((text) => {
      const union = /export type (?:CheckoutDenial|LimitDenial|LotDenial) =([^;]+);/.exec(text)?.[1] ?? '';
      return [...union.matchAll(/'([a-z-]+)'/g)].map(([, reason]) => reason ?? '');
    });
    deepEqual([...column('denial of a checkout')].sort(), reasons.sort());
  });

  const paths = COMMANDS.map(([path]) => path).filter((path) => !path.startsWith('_'));
  const shown = column('command').flatMap((text) => wordings(text));

  it('names no command that there is not', () => {
    const unknown = shown.filter((words) => !paths.some((path) => `${words} `.startsWith(`${path} `)));
    deepEqual(unknown, []);
  });

  it('names every command that there is', () => {
    deepEqual(
      paths.filter((path) => !shown.some((words) => `${words} `.startsWith(`${path} `))),
      [],
    );
  });

  it('lists every setting of signed time with its default, and none that there is not', () => {
    const named = Object.entries(SETTINGS).filter(([name]) => /^time(-|$)/.test(name));
    deepEqual([...column('setting')].sort(), named.map(([name]) => name).sort());
    const rows = README.replaceAll(/ +/g, ' ').replaceAll('`', '');
    for (const [name, [, byDefault]] of named) {
      if (byDefault !== null) ok(rows.includes(`| ${name} | ${byDefault} |`), name);
    }
  });

  it('shows the vector that the tests check', () => {
    ok(README.includes(VECTOR.hash));
    const shown = /begins `([0-9a-f]+)…`/.exec(README)?.[1] ?? 'none';
    ok(VECTOR.record.startsWith(shown));
  });

  it('names only scripts that package.json has', () => {
    const named = [...README.matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name ?? '');
    const builtIn = new Set(['ci', 'link']);
    deepEqual(
      named.filter((name) => !builtIn.has(name) && PACKAGE.scripts[name] === undefined),
      [],
    );
  });
});

describe('the programs', () => {
  it('say the version that package.json says', () => {
    deepEqual([AGENT_VERSION, RELAY_VERSION], [PACKAGE.version, PACKAGE.version]);
  });
});
