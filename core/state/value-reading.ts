import { isPrincipalId, type PrincipalId, type PublicKey, toHex } from '../units.ts';
import { MAX_LOGS, MAX_TEXT } from '../wire/bounds.ts';

/** Thrown by the readers here for a value of another form than wanted; whoever reads catches it at its door. */
export class Malformed extends Error {}

/** Refuses unless it holds. */
export function want(holds: boolean, what: string): void {
  if (!holds) throw new Malformed(what);
}

/** The entries of a map. */
export function entriesOf(value: unknown): [unknown, unknown][] {
  if (!(value instanceof Map) || value.size > MAX_LOGS) throw new Malformed('a map');
  return [...value];
}

/** A map that has all needed fields and none beyond the possible. */
export function mapOf(
  value: unknown,
  needed: readonly string[],
  possible: readonly string[] = [],
): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [key, field] of entriesOf(value)) {
    if (typeof key !== 'string' || !(needed.includes(key) || possible.includes(key))) {
      throw new Malformed(`field ${String(key)}`);
    }
    fields.set(key, field);
  }
  for (const key of needed) want(fields.has(key), `${key} is missing`);
  return fields;
}

/** A map of principals in id order. */
export function membersFrom<T>(
  value: unknown,
  from: (member: unknown, id: PrincipalId) => T,
): Map<PrincipalId, T> {
  const members = entriesOf(value).map(([id, member]): [PrincipalId, T] => {
    if (!isPrincipalId(id)) throw new Malformed('a principal id');
    return [id, from(member, id)];
  });
  return new Map(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A list, each element read. */
export function listOf<T>(value: unknown, from: (element: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > MAX_LOGS) throw new Malformed('a list');
  return value.map((element) => from(element));
}

/** A list of two. */
export function pairFrom(value: unknown): [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) throw new Malformed('a pair');
  return [value[0], value[1]];
}

/** A public key of 32 bytes. */
export function keyFrom(value: unknown): PublicKey {
  if (!(value instanceof Uint8Array) || value.length !== 32) throw new Malformed('32 bytes of a key');
  return toHex(value) as PublicKey;
}

/** A text that is not empty. */
export function textFrom(value: unknown): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_TEXT)
    throw new Malformed('a text');
  return value;
}

/** An integer from 0. */
export function countFrom(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Malformed('a count');
  return value;
}

/** One of the choices. */
export function oneOf<T extends string>(value: unknown, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw new Malformed(`one of ${choices.join(', ')}`);
  return choice;
}

/** Whether a list is sorted and has nothing twice. */
export function inOrder(list: readonly string[]): boolean {
  return list.every((one, i) => i === 0 || (list[i - 1] ?? '') < one);
}
