import { readFileSync } from 'node:fs';

/** Whether a process is there, and when it started, as an opaque name; null where the system does not say. */
interface ProcessState {
  readonly alive: boolean;
  readonly start: string | null;
}

const GONE: ProcessState = { alive: false, start: null };

/**
 * The state of the process with this id. On Linux `start` is the boot id and field 22 of /proc/PID/stat (proc(5)), so
 * that neither a reused id nor a reboot is taken for the same process; elsewhere only `alive` is known.
 */
export function processState(pid: number, platform: NodeJS.Platform = process.platform): ProcessState {
  if (!Number.isSafeInteger(pid) || pid <= 0) return GONE;
  if (!answers(pid)) return GONE;
  if (platform !== 'linux') return { alive: true, start: null };
  const stat = textOf(`/proc/${pid}/stat`);
  // Mounted with hidepid, /proc hides the processes of others that are alive all the same.
  if (stat === null) return { alive: answers(pid), start: null };
  return stateIn(stat, bootId());
}

/** Whether the process that had this id and start is still there; a start of null matches any. */
export function isRunning(
  pid: number,
  start: string | null,
  state: ProcessState = processState(pid),
): boolean {
  return state.alive && (start === null || state.start === null || state.start === start);
}

/** Reads /proc/PID/stat. The name in field 2 is the program's choice and may hold spaces and parentheses. */
export function stateIn(stat: string, boot: string): ProcessState {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  // A zombie has ended; only its parent has not asked yet.
  if (state === undefined || ticks === undefined || 'ZXx'.includes(state)) return GONE;
  return { alive: true, start: `${boot}:${ticks}` };
}

/** Signal 0 asks without sending; EPERM means that the process is there and another's. */
function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function bootId(): string {
  return textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
