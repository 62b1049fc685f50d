import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLabAgent } from './lab-agent.ts';
import { atMost, type Bench, median, type Row, repeat } from './row.ts';

const run = promisify(execFile);
const BUNDLE = join(process.cwd(), 'dist/leasehold.cjs');
const KIB_PER_MIB = 1024;

/** How long the command line takes to say how it is used, beside a Node that does nothing; and what an agent weighs. */
export const startUp: Bench = {
  name: 'start-up',
  async run({ quick }) {
    const times = quick ? 5 : 15;
    const rows: Row[] = [];
    const ours: number[] = [];
    const bare: number[] = [];
    await repeat(times, async () => {
      ours.push(await timed([BUNDLE, '--help']));
      bare.push(await timed(['-e', '0']));
    });
    const what = 'leasehold --help, bundled; stock is a Node that does nothing';
    rows.push({ what, value: median(ours), unit: 'ms', reach: atMost(100), stock: median(bare) });
    await withLabAgent(async ({ pid }) => {
      const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
      const what = 'resident memory of an agent that has applied a version';
      rows.push({ what, value: Number(stdout) / KIB_PER_MIB, unit: 'MiB', reach: atMost(80) });
    });
    return rows;
  },
};

async function timed(args: readonly string[]): Promise<number> {
  const start = performance.now();
  await run(process.execPath, [...args]);
  return performance.now() - start;
}
