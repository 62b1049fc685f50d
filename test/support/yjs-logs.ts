import type * as Y from 'yjs';
import type { LogId } from '../../core/units.ts';
import type { Run } from '../../core/wire/append.ts';

/** A log id for tests; the caller knows that it is one. */
export function log(id: number): LogId {
  return id as LogId;
}

/** Appends records the way that a plain Yjs author does: one push of `[bytes]` values under the log's own client id. */
export function pushPlain(doc: Y.Doc, id: LogId, records: readonly Uint8Array[]): void {
  doc.clientID = id;
  doc.getArray(String(id)).push(records.map((record) => [record]));
}

/** What a plain Yjs document holds in its logs, by name. */
export function plainRecords(doc: Y.Doc): Map<string, Uint8Array[]> {
  const out = new Map<string, Uint8Array[]>();
  for (const name of [...doc.share.keys()].sort()) {
    const elements = doc.getArray<readonly [Uint8Array]>(name).toArray();
    out.set(
      name,
      elements.map(([record]) => new Uint8Array(record)),
    );
  }
  return out;
}

/** The same for runs that begin at 0. */
export function runRecords(runs: readonly Run[]): Map<string, Uint8Array[]> {
  const entries = runs.map((run): [string, Uint8Array[]] => [
    String(run.log),
    run.records.map((record) => new Uint8Array(record)),
  ]);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
