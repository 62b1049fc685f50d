import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { agentLeases } from './agent-leases.ts';
import { allocation } from './allocation.ts';
import { coldJoin } from './cold-join.ts';
import { decide } from './decide.ts';
import { fanOut } from './fan-out.ts';
import { folding } from './folding.ts';
import { growthIn } from './growth.ts';
import { idleMemory } from './idle-memory.ts';
import { rollout } from './rollout.ts';
import type { Bench } from './row.ts';
import { seatTransfer } from './seat-transfer.ts';
import { signedTime } from './signed-time.ts';
import { startUp } from './start-up.ts';
import { headline, machine, type Result, tableOf } from './table.ts';
import { usageReport } from './usage-report.ts';

const BENCHES: readonly Bench[] = [
  decide,
  allocation,
  agentLeases,
  coldJoin,
  fanOut,
  folding,
  rollout,
  seatTransfer,
  signedTime,
  idleMemory,
  startUp,
  usageReport,
];
const OUTPUT = 'bench.json';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  const known = BENCHES.map(({ name }) => name).join(', ');
  process.stderr.write(`expected benchmarks among ${known}, got ${unknown.join(', ')}\n`);
  process.exit(2);
}
const chosen = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
// Each link to a relay waits for the end of the process; a hundred hosts are not a leak.
process.setMaxListeners(0);
const at = machine();
const results: Result[] = [];
process.stdout.write(headline(at, values.quick));
for (const bench of chosen) {
  const rows = await bench.run({ quick: values.quick });
  const result = { name: bench.name, rows, growth: growthIn(rows) };
  results.push(result);
  process.stdout.write(tableOf(result));
}
await writeFile(OUTPUT, `${JSON.stringify({ machine: at, quick: values.quick, results }, null, 2)}\n`);
