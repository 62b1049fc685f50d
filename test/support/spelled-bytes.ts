import type { Run } from '../../core/wire/append.ts';
import { log } from './yjs-logs.ts';

/** The bytes that are spelled in hex, with spaces wherever they help to read. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

/** A run of so many records without a byte. */
export function empties(id: number, count: number): Run {
  return { log: log(id), from: 0, records: new Array<Uint8Array>(count).fill(new Uint8Array(0)) };
}
