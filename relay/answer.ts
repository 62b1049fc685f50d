import type { Store } from '../core/ports.ts';
import type { LogId } from '../core/units.ts';
import { encodeAppend, type Run } from '../core/wire/append.ts';
import type { Room } from './room.ts';
import { placeOf, recordsBetween, recordsOf } from './store-keys.ts';

/** Up to how many logs are read by a range each; beyond, one walk over the room is cheaper. */
const MANY_LOGS = 16;

interface Span {
  readonly log: LogId;
  readonly from: number;
  readonly to: number;
}

/**
 * What somebody with the version vector `have` lacks of the records that the room holds now, as append-profile updates
 * of about `frameBytes` each, read from the store as they are asked for. The genesis' log comes first: it says who
 * the others are.
 */
export async function* missingFrom(
  store: Store,
  room: Room,
  have: ReadonlyMap<LogId, number>,
  frameBytes: number,
): AsyncGenerator<Uint8Array> {
  let runs: { log: LogId; from: number; records: Uint8Array[] }[] = [];
  let size = 0;
  for await (const { log, seq, bytes } of walk(store, room, spansOf(room, have))) {
    const last = runs.at(-1);
    if (last?.log === log) last.records.push(bytes);
    else runs.push({ log, from: seq, records: [bytes] });
    size += bytes.length;
    if (size < frameBytes) continue;
    yield encodeAppend(runs satisfies Run[]);
    runs = [];
    size = 0;
  }
  if (runs.length > 0) yield encodeAppend(runs);
}

function spansOf(room: Room, have: ReadonlyMap<LogId, number>): readonly Span[] {
  const spans: Span[] = [];
  for (const [log, head] of room.heads) {
    const from = have.get(log) ?? 0;
    if (from < head.next) spans.push({ log, from, to: head.next });
  }
  const founder = foundingLog(room);
  spans.sort((a, b) => a.log - b.log);
  const at = spans.findIndex((span) => span.log === founder);
  return at > 0 ? [...spans.splice(at, 1), ...spans] : spans;
}

function foundingLog(room: Room): LogId | undefined {
  const version = room.membership.versions[0];
  const author = version?.author == null ? undefined : version.roster.members.get(version.author);
  return author?.logs.find(({ log }) => room.heads.has(log))?.log;
}

async function* walk(
  store: Store,
  room: Room,
  spans: readonly Span[],
): AsyncGenerator<{ readonly log: LogId; readonly seq: number; readonly bytes: Uint8Array }> {
  const ranged = spans.length <= MANY_LOGS ? spans : spans.slice(0, 1);
  for (const { log, from, to } of ranged) {
    let seq = from;
    for await (const [, bytes] of store.range(recordsBetween(room.name, log, from, to))) {
      yield { log, seq, bytes };
      seq += 1;
    }
  }
  const rest = new Map(spans.slice(ranged.length).map((span) => [span.log, span]));
  if (rest.size === 0) return;
  for await (const [key, bytes] of store.range(recordsOf(room.name))) {
    const { log, seq } = placeOf(key);
    const span = rest.get(log);
    if (span !== undefined && seq >= span.from && seq < span.to) yield { log, seq, bytes };
  }
}
