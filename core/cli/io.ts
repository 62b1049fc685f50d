import type { Surroundings } from '../adapters/paths.ts';
import type { AgentConnection } from '../agent/client.ts';
import type { Fault } from '../errors.ts';
import type { Random } from '../ports.ts';
import type { Seconds } from '../units.ts';
import type { Door, Knock } from './knock.ts';

export type { AgentConnection } from '../agent/client.ts';

/** Somewhere to write text; colour and width depend on whether it is a terminal. */
export interface Sink {
  readonly isTTY: boolean;
  /** Characters of a line; 80 where there is no terminal. */
  readonly columns: number;
  write(text: string): void;
}

/** Standard input: read whole, or one answer at a time from a person. */
export interface Source {
  readonly isTTY: boolean;
  text(): Promise<string>;
  /** Asks on standard error, so that standard output stays data. */
  ask(question: string): Promise<string>;
}

/** What a file or directory is, and the disk that it is on. */
export interface Place {
  /** The path without links. */
  readonly real: string;
  /** Permission bits; null where the system has none. */
  readonly mode: number | null;
  readonly uid: number | null;
  /** The file system's magic number (statfs(2)); null where the system does not say. */
  readonly fileSystem: number | null;
  readonly freeBytes: number | null;
}

/** Files that commands read and write. Throws Fault FILE_UNREADABLE; a file that cannot be written ends the command. */
export interface Files {
  read(path: string): Promise<string>;
  /** A new file or a whole replacement; `secret` allows nobody else to read it. */
  write(path: string, text: string, options: { readonly secret: boolean }): Promise<void>;
  /** Takes a file away; one that cannot be taken away stays. */
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Whether it is a file with nothing in it. */
  isEmpty(path: string): Promise<boolean>;
  /** Null for what is not there. */
  look(path: string): Promise<Place | null>;
  /** Writes to a directory and takes it away again; the fault that this meets, or null. */
  tryOut(directory: string): Promise<Fault | null>;
  /** Tells of each piece of text appended to a file, beginning with its last `lines`; returns how to stop. */
  follow(path: string, lines: number, tell: (text: string) => void): Promise<() => void>;
}

/** Signals that a person or a supervisor sends. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
/** Those and the signals that programs have a meaning of their own for; only a wrapper hears them. */
export type PassedSignal = StopSignal | 'SIGQUIT' | 'SIGUSR1' | 'SIGUSR2';

/** How a program ended. */
export type ChildEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string; readonly number: number }
  | { readonly kind: 'not-started'; readonly why: 'not-found' | 'not-executable' };

/** A program that has our standard streams and is held back: it does nothing before `go`, and never runs if this process ends before. */
export interface Child {
  /** The process that is going to be the program; null where none can be held back, and it starts with `go`. */
  readonly pid: number | null;
  readonly end: Promise<ChildEnd>;
  go(): void;
  /** A signal before `go` keeps it from running, as far as it ends programs. */
  kill(signal: NodeJS.Signals): void;
}

/** How to reach the agent of a data directory. */
export interface ConnectOptions {
  readonly dataDir: string;
  readonly socket?: string;
  /** Whether to start an agent if none answers. */
  readonly spawn: boolean;
  /** Seconds for all of it. */
  readonly timeout: number;
}

/** All that a command can see of the machine and the person before it. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: Source;
  readonly cwd: string;
  readonly around: Surroundings;
  readonly timeZone: string;
  /** The name under which the system knows who runs this; null where it has none. */
  readonly login: string | null;
  readonly files: Files;
  readonly pid: number;
  readonly parent: number;
  readonly random: Random;
  /** The wall clock, to show how long ago and when; never evidence. */
  now(): Seconds;
  /** Calls once after a span; returns how to cancel. */
  after(span: Seconds, then: () => void): () => void;
  /** While at least one listener is there, these signals do not end the process. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** The same for all that are passed on: at SIGUSR1 this process opens no debugger meanwhile. */
  onPassedSignal(listener: (signal: PassedSignal) => void): () => void;
  isRunning(pid: number): boolean;
  /** Who holds a data directory, whether it answers or not; null if nobody does. */
  holderOf(dataDir: string): Promise<{ readonly pid: number | null } | null>;
  /** The start of a process as an opaque name; null where the system does not say. */
  startOf(pid: number): string | null;
  spawn(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Child>;
  /** Sets the machine's clock; ends the command where the system does not let it. */
  setClock(instant: Seconds): Promise<void>;
  /** What is behind the door of a relay. */
  knock(door: Door, timeout: Seconds): Promise<Knock>;
  connect(options: ConnectOptions): Promise<AgentConnection>;
}
