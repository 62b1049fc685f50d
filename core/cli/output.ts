import { type Tone, toned, wantsColour } from './colour.ts';
import type { Sink } from './io.ts';
import type { Ended } from './refusal.ts';
import { cut, oneLine, table } from './table.ts';

/** The version of everything that --json prints; fields are added and never change their meaning within it. */
const API_VERSION = 'leasehold/v1';

/** How a person or a program wants to be told. */
interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colour: boolean;
}

/** What a command says: data on standard output, talk on standard error. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** One object: the envelope with `data`, or these lines. */
  show(kind: string, data: unknown, lines: () => readonly string[]): void;
  /** Several objects: the envelope with `items`, or these lines. */
  list(kind: string, items: readonly unknown[], lines: () => readonly string[]): void;
  /** One piece of a stream: an envelope on a line of its own, or these lines. */
  piece(kind: string, data: unknown, lines: () => readonly string[]): void;
  /** Text as it is, without an envelope: files, scripts, help. */
  raw(text: string): void;
  /** Talk. */
  note(text: string): void;
  warn(text: string): void;
  detail(text: string): void;
  fail(ended: Ended): void;
  /** Rows that fit the terminal, the headers set off. */
  table(headers: readonly string[], rows: readonly (readonly string[])[]): readonly string[];
  tone(text: string, tone: Tone): string;
  /** One line that fits the terminal. */
  line(text: string): string;
}

/** Writes to two sinks in the manner asked for; envelopes say the signed time where there is an agent to know it. */
export function output(
  stdout: Sink,
  stderr: Sink,
  env: Readonly<Record<string, string | undefined>>,
  manner: Manner,
  relayTime?: () => number | null,
): Output {
  const { json, quiet } = manner;
  const colour = !json && wantsColour(stdout, env, manner.colour);
  const loud = wantsColour(stderr, env, manner.colour);
  const width = stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY;
  const print = (value: unknown, lines: () => readonly string[], indent: number | undefined) => {
    const text = json ? JSON.stringify(value, null, indent) : lines().join('\n');
    if (text !== '') stdout.write(`${text}\n`);
  };
  const talk = (sign: string, text: string, tone: Tone) => {
    if (!quiet && !json) stderr.write(`${sign === '' ? '' : `${toned(sign, tone, loud)} `}${text}\n`);
  };
  const envelope = (kind: string) => {
    const time = relayTime?.() ?? null;
    const signed = relayTime === undefined ? {} : { relayTime: time === null ? null : Math.floor(time) };
    return { apiVersion: API_VERSION, kind, ...signed };
  };
  return {
    json,
    quiet,
    show: (kind, data, lines) => print({ ...envelope(kind), data }, lines, 2),
    list: (kind, items, lines) => print({ ...envelope(kind), items }, lines, 2),
    piece: (kind, data, lines) => print({ ...envelope(kind), data }, lines, undefined),
    raw: (text) => stdout.write(text),
    note: (text) => talk('', text, 'dim'),
    warn: (text) => talk('!', text, 'yellow'),
    detail: (text) => {
      if (manner.verbose) talk('', text, 'dim');
    },
    fail: ({ code, message, hint }) => {
      if (json) {
        const error = { code, message, hint };
        stderr.write(`${JSON.stringify({ apiVersion: API_VERSION, kind: 'Error', error })}\n`);
        return;
      }
      stderr.write(`${toned('✗', 'red', loud)} ${oneLine(message)}\n`);
      if (hint !== null && !quiet) stderr.write(`  ${toned(hint, 'dim', loud)}\n`);
    },
    table: (headers, rows) => {
      const [head = '', ...lines] = table(headers, rows, width);
      return [toned(head, 'bold', colour), ...lines];
    },
    tone: (text, tone) => toned(text, tone, colour),
    line: (text) => cut(text, width),
  };
}
