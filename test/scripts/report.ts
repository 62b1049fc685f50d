import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shown, succeeds, withLab } from '../support/lab.ts';
import { elementsOf, parsePage, textOf } from '../support/page-parser.ts';

interface Usage {
  readonly features: readonly {
    readonly feature: string;
    readonly checkouts: number;
    readonly denials: number;
    readonly peak: { readonly seats: number } | null;
    readonly seats: readonly { readonly seats: number; readonly version: number }[];
    readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  }[];
}

describe('report', () => {
  it('tells of the use that a host has noted, before any hour of it is over', () =>
    withLab({}, async ({ founder, root }) => {
      for (let seat = 1; seat <= 3; seat++) await succeeds(founder.run('checkout sim.pro --user ana'));
      assert.notEqual((await founder.run('checkout sim.pro --user nobody')).code, 0);
      await succeeds(founder.run('return --all --yes'));

      const { features } = (await shown(founder.run('report usage --since 1h --json'))) as Usage;
      const [one] = features;
      assert.equal(one?.feature, 'sim.pro');
      assert.deepEqual([one?.checkouts, one?.denials], [3, 1]);
      assert.deepEqual(one?.reasons, [{ reason: 'unknown-user', count: 1 }]);
      assert.equal(one?.seats.at(-1)?.seats, 8);

      const csv = await succeeds(founder.run('report denials --since 1h --csv'));
      assert.match(csv.stdout, /Z,sim\.pro,nobody,ws-01,unknown-user\r\n$/);
      assert.match((await succeeds(founder.run('report peaks --since 1h'))).stdout, /sim\.pro/);

      const file = join(root, 'report.html');
      await succeeds(founder.run(['report', 'usage', '--since', '1h', '--html', '-o', file]));
      const page = parsePage(await readFile(file, 'utf8'));
      assert.deepEqual(elementsOf(page, 'h2').map(textOf), ['Summary', 'sim.pro']);
      assert.equal(elementsOf(page, 'figure').length, 2);
    })).timeout(60_000);
});
