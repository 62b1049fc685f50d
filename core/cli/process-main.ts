import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { main, said } from './main.ts';
import { Refusal } from './refusal.ts';

/** Runs the command line of this process; its exit code is how the command ended. */
export async function processMain(io: Io): Promise<void> {
  const argv = process.argv.slice(2);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads our output may stop early, as `head` does; that is no failure of ours.
    if (error.code === 'EPIPE') return;
    const refusal = new Refusal('FILE_UNWRITABLE', `standard output cannot be written: ${error.message}`);
    said(io, argv).fail(refusal.ended);
    // What goes on to write, as a watch does, would go on for nobody.
    process.exit(refusal.ended.exit);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(EXIT.failure);
  });
  process.exitCode = await main(argv, io);
}
