import type { Fault } from '../../core/errors.ts';

/** What a command sees of the process. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  input(): Promise<Uint8Array>;
  /** What somebody at the terminal answers; null where nobody is, or nothing is said. */
  ask(question: string): Promise<string | null>;
  /** Resolves at the first signal to stop; `reload` is called at each SIGHUP. */
  untilStopped(reload: () => void): Promise<void>;
}

/** Exit codes of `leasehold-relay`: those of `leasehold` that it has a use for. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notFound: 3, conflict: 5, verification: 8 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code that a fault stands for. */
export function exitCodeOf(fault: Fault): ExitCode {
  switch (fault.code) {
    case 'STORE_LOCKED':
      return EXIT.conflict;
    case 'STORE_CORRUPT':
      return EXIT.verification;
    case 'FILE_UNREADABLE':
      return EXIT.notFound;
    default:
      return EXIT.failed;
  }
}

/** What to do about a fault; null where its message says it. */
export function hintFor({ code }: Fault): string | null {
  return code === 'LISTEN_FAILED'
    ? 'name another address with --listen, --admin-listen, --time-udp or --time-tcp, or end what listens there'
    : null;
}

/** One document of a kind, or several, in the envelope that every command with `--json` uses. */
export function envelope(
  kind: string,
  content: { readonly data: object } | { readonly items: readonly object[] },
): string {
  return `${JSON.stringify({ apiVersion: 'leasehold/v1', kind, ...content })}\n`;
}
