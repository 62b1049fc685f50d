import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LICENCE_ENDINGS } from '../../core/cli/exit-codes.ts';
import { PROBLEM_CODES } from '../../core/state/problem.ts';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** Codes in the first column of the table under a heading cell. */
function column(heading: string): readonly string[] {
  const from = README.search(new RegExp(`^\\| ${heading} +\\|`, 'm'));
  const table = README.slice(from, README.indexOf('\n\n', from));
  const cells = table.split('\n').map((row) => row.split(' | ')[0] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ''));
}

describe('the README on licence codes', () => {
  it('lists every refusal of one, and none that there is not', () => {
    deepEqual([...column('refusal of a licence code')].sort(), Object.keys(LICENCE_ENDINGS).sort());
  });

  it('lists all that they keep from compiling', () => {
    const listed = column('what keeps a version with vendors from compiling');
    deepEqual([...listed].sort(), PROBLEM_CODES.filter((code) => code.includes('grant')).sort());
  });
});
