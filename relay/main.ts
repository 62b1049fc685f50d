#!/usr/bin/env node
import { buffer } from 'node:stream/consumers';
import { run } from './program.ts';

void run(
  {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    input: async () => new Uint8Array(await buffer(process.stdin)),
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
  // Timers of libraries must not keep a stopped relay.
).then((code) => process.exit(code));
