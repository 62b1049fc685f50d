import assert from 'node:assert/strict';
import { csv } from '../../core/cli/reports/csv.ts';

describe('CSV', () => {
  const cells: readonly [why: string, cell: string | number | null, expected: string][] = [
    ['a word', 'ana', 'ana'],
    ['a number', 1.5, '1.5'],
    ['what is unknown', null, ''],
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'a"b', '"a""b"'],
    ['a line end', 'a\r\nb', '"a\r\nb"'],
    ['a formula', '=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['a formula that begins with +', '+1', "'+1"],
    ['a formula that begins with -', '-1', "'-1"],
    ['a formula that begins with @', '@SUM(A1)', "'@SUM(A1)"],
    ['a tab before a formula', '\t=1', "'\t=1"],
    ['a line end before a formula', '\n=1', '"\'\n=1"'],
    ['a space before a formula', ' =1', "' =1"],
    ['the full-width form of a formula', '＝1', "'＝1"],
    ['a minus inside', 'ws-01', 'ws-01'],
  ];
  for (const [why, cell, expected] of cells) {
    it(`writes ${why} so that a spreadsheet shows it and runs nothing`, () => {
      assert.equal(csv(['a'], [[cell]]), `a\r\n${expected}\r\n`);
    });
  }
});
