#!/usr/bin/env node
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { EXIT } from './commands/io.ts';
import { run } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads our output may stop early, as `head` does; that is no failure of ours.
  if (error.code === 'EPIPE') return;
  process.stderr.write(`standard output cannot be written: ${error.message}\n`);
  process.exit(EXIT.failed);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(EXIT.failed);
});
void run(
  {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    input: async () => new Uint8Array(await buffer(process.stdin)),
    ask: async (question) => {
      if (process.stdin.isTTY !== true) return null;
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      const answer = await new Promise<string | null>((resolve) => {
        // Control-C and the end of the input close it, and no answer is none.
        terminal.once('close', () => resolve(null));
        terminal.question(question, resolve);
      });
      terminal.close();
      return answer;
    },
    untilStopped: (reload) =>
      new Promise((resolve) => {
        process.on('SIGHUP', reload);
        let asked = false;
        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
          process.on(signal, () => {
            // Whoever asks twice does not want to wait.
            if (asked) process.exit(1);
            asked = true;
            resolve();
          });
        }
      }),
  },
  process.argv.slice(2),
  // Timers of libraries must not keep a stopped relay; that the output failed is told one turn after the write.
).then((code) => process.stdout.write('', () => setImmediate(() => process.exit(code))));
