import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { addTally, missingFrom, newTally, tallyLines } from '../sim/tally.ts';
import { kindNamed } from './kinds.ts';
import type { Report } from './range.ts';

/** Seeds that one process runs at most, so that what they leave in its memory goes with it. */
const RANGE = 100;
/** Seeds, at most, after which a line of progress is printed. */
const PROGRESS = 500;

const CHILD = fileURLToPath(new URL('./range.js', import.meta.url));

const [, , name = 'realms'] = process.argv;
const { again } = kindNamed(name);
const runs = Number(process.env.SIM_RUNS ?? 10_000);
const first = Number(process.env.SIM_SEED ?? 1);
const processes = availableParallelism();
const step = Math.min(PROGRESS, Math.ceil(runs / 10));
const began = performance.now();
const { count, tally } = newTally();
const failed = new Map<number, readonly string[]>();
let done = 0;
let next = first;

await Promise.all(Array.from({ length: processes }, work));
for (const [seed, lines] of failed) {
  console.log([...lines, `seed ${seed}; again: ${again(seed)}`, ''].join('\n'));
}
console.log(tallyLines(tally).join('\n'));
const missing = missingFrom(tally);
if (missing.length > 0) console.log(`never happened: ${missing.join(', ')}`);
const seeds = [...failed.keys()].sort((a, b) => a - b);
if (seeds.length > 0) console.log(`failing seeds: ${seeds.join(', ')}`);
console.log(`${runs - failed.size} passed, ${failed.size} failed, 0 skipped`);
process.exitCode = failed.size > 0 ? 1 : 0;

// Every seed is run, whatever the others show: a night's work is not lost to the first fault.
async function work(): Promise<void> {
  const range = Math.min(RANGE, Math.ceil(runs / processes / 4));
  while (next < first + runs) {
    let from = next;
    const until = Math.min(first + runs, from + range);
    next = until;
    // A process that dies is a failure of the seed that it was at; what is left of its range goes to another.
    while (from < until) {
      const end = await runRange(from, until);
      if (end.at < until) fail(end.at, [`its process ended with ${end.how}`]);
      from = end.at + 1;
    }
  }
}

function runRange(from: number, until: number) {
  return new Promise<{ readonly at: number; readonly how: string }>((ended) => {
    let at = from;
    const child = fork(CHILD, [name, String(from), String(until)]);
    child.on('message', (report) => {
      at = (report as Report).seed + 1;
      note(report as Report);
    });
    child.once('close', (code, signal) => ended({ at, how: signal ?? `exit code ${code}` }));
  });
}

function note({ failure, seed, tally: own }: Report): void {
  addTally(count, new Map(own));
  if (failure !== null) fail(seed, failure);
  else progress();
}

function fail(seed: number, lines: readonly string[]): void {
  failed.set(seed, lines);
  process.stderr.write(`seed ${seed} failed: ${(lines.at(-1) ?? '').split('\n')[0]}\n`);
  progress();
}

function progress(): void {
  done += 1;
  if (done % step > 0) return;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stderr.write(`${done} of ${runs} ${name} after ${seconds} s, ${failed.size} failed\n`);
}
