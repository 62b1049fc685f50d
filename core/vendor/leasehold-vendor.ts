#!/usr/bin/env node
import type { WriteStream } from 'node:tty';
import { systemRandom } from '../adapters/random.ts';
import type { Sink } from '../cli/io.ts';
import { systemFiles } from '../cli/system-files.ts';
import { vendorMain } from './program.ts';

const sinkOf = (stream: WriteStream): Sink => ({
  isTTY: stream.isTTY === true,
  columns: stream.columns ?? 80,
  write: (piece) => void stream.write(piece),
});

// Whoever reads our output may stop early, as `head` does; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

void vendorMain(process.argv.slice(2), {
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  stdin: { text: async () => (await import('node:stream/consumers')).text(process.stdin) },
  env: process.env,
  files: systemFiles,
  random: systemRandom,
}).then((code) => {
  process.exitCode = code;
});
