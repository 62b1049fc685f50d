import { closeSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { FAULTS, Fault, type FaultCode, isFault } from '../errors.ts';

/**
 * How an agent tells the client that started it why it does not serve. Over a pipe, since the disk that keeps it from
 * serving would keep a file from being written too.
 */
interface StartReporter {
  /** What the agent waits for before it can serve. */
  waits(code: FaultCode): void;
  /** Why it ends. Anything but a fault is in its log. */
  ends(error: unknown): void;
}

/** The file descriptor of the pipe in the agent's process. */
export const REPORT_FD = 3;
/** The variable by which an agent knows that the pipe is there. */
export const REPORT_VARIABLE = 'LEASEHOLD_AGENT_REPORT';

const MAX_DETAIL = 512;

const LineSchema = z.object({
  code: z.custom<FaultCode>((value) => typeof value === 'string' && Object.hasOwn(FAULTS, value)),
  detail: z.string(),
  ended: z.boolean(),
});

type Line = z.infer<typeof LineSchema>;

/** The reporter of this process. Takes the variable out of the environment. */
export function startReporter(env: NodeJS.ProcessEnv): StartReporter {
  let fd = env[REPORT_VARIABLE] === String(REPORT_FD) ? REPORT_FD : null;
  delete env[REPORT_VARIABLE];

  function say(line: Line): void {
    if (fd === null) return;
    try {
      writeSync(fd, `${JSON.stringify(line)}\n`);
    } catch {
      // Whoever started this agent has gone, and hears it from the next one.
      fd = null;
    }
  }

  return {
    waits: (code) => say({ code, detail: '', ended: false }),
    ends(error) {
      if (isFault(error)) say({ code: error.code, detail: error.message.slice(0, MAX_DETAIL), ended: true });
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

/** What an agent that was started here has said. */
export interface StartWatch {
  /** Why it has ended; null while it has not, or has not said. */
  ended(): Fault | null;
  /** What it waits for, or why it has ended. */
  last(): Fault | null;
  close(): void;
}

/** Reads what an agent says over its pipe; lines that are none are passed over. */
export function watchStart(pipe: Readable): StartWatch {
  let rest = '';
  let last: Line | null = null;
  pipe.setEncoding('utf8');
  pipe.on('data', (piece: string) => {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) last = readLine(line) ?? last;
  });
  pipe.on('error', () => undefined);
  const fault = () => (last === null ? null : faultOf(last));
  return {
    ended: () => (last?.ended === true ? fault() : null),
    last: fault,
    close: () => void pipe.destroy(),
  };
}

function readLine(text: string): Line | null {
  try {
    const read = LineSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

function faultOf({ code, detail }: Line): Fault {
  const said = detail.startsWith(`${FAULTS[code]}: `) ? detail.slice(FAULTS[code].length + 2) : '';
  return new Fault(code, said === '' ? {} : { detail: said });
}
