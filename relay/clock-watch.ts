import { execFile } from 'node:child_process';

/** Asks the system whether its clock is synchronised: what `timedatectl show -p NTPSynchronized` prints. Rejects where there is no answer in time. */
export type AskSystem = () => Promise<string>;

/** Knows whether the system says that its clock is synchronised. */
interface ClockWatch {
  synchronised(): boolean;
  stop(): void;
}

/** Calls the work again and again, until what it returns is called. */
type Every = (work: () => void) => () => void;

const ANSWER_MS = 5_000;
const AGAIN_MS = 15_000;
const YES = 'NTPSynchronized=yes';

/** Watches the system's own word, first of all now; whatever is not a plain yes counts as no. */
export async function watchClock(
  ask: AskSystem = askTimedatectl,
  every: Every = byTimer,
): Promise<ClockWatch> {
  let synchronised = false;
  let asking = false;

  async function look(): Promise<void> {
    asking = true;
    try {
      synchronised = (await ask()).trim() === YES;
    } catch {
      // A system that no longer says so may have lost its time server: an hour of drift must not be signed as exact.
      synchronised = false;
    } finally {
      asking = false;
    }
  }

  await look();
  const stop = every(() => {
    if (!asking) void look();
  });
  return { synchronised: () => synchronised, stop };
}

/** The kernel's state (adjtimex), as systemd reads it out for whatever program keeps the clock. */
function askTimedatectl(): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ['show', '--property=NTPSynchronized'];
    execFile('timedatectl', args, { timeout: ANSWER_MS, killSignal: 'SIGKILL' }, (error, out) => {
      if (error === null) resolve(out);
      else reject(error);
    });
  });
}

function byTimer(work: () => void): () => void {
  const timer = setInterval(work, AGAIN_MS).unref();
  return () => clearInterval(timer);
}
