import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as Y from 'yjs';
import type { LogId } from '../../core/units.ts';
import { encodeAppend, parseAppend, type Run } from '../../core/wire/append.ts';
import { appendPortions } from '../../core/wire/append-portions.ts';
import { encodeStateVector, parseStateVector } from '../../core/wire/state-vector.ts';
import { log, plainRecords, pushPlain, runRecords } from '../support/yjs-logs.ts';

interface Push {
  readonly log: LogId;
  readonly records: readonly Uint8Array[];
}

// Ids on both sides of every length of their varint and their decimal name; record sizes on both sides of 127.
const someLog = fc
  .oneof(
    fc.constantFrom(1, 9, 10, 127, 128, 16383, 16384, 2 ** 31 - 1, 2 ** 31, 0xffff_ffff),
    fc.integer({ min: 1, max: 0xffff_ffff }),
  )
  .map(log);
const someRecord = fc.uint8Array({ minLength: 0, maxLength: 140 });
const somePushes = (authors: readonly LogId[]): fc.Arbitrary<Push[]> =>
  fc.array(
    fc.record(
      {
        log: fc.constantFrom(...authors),
        records: fc.array(someRecord, { minLength: 1, maxLength: 5 }),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 12 },
  );
const someHistory = fc.uniqueArray(someLog, { minLength: 1, maxLength: 5 }).chain(somePushes);

function historyOf(pushes: readonly Push[]): Map<LogId, Uint8Array[]> {
  const logs = new Map<LogId, Uint8Array[]>();
  for (const push of pushes) logs.set(push.log, [...(logs.get(push.log) ?? []), ...push.records]);
  return logs;
}

function runsSince(
  logs: ReadonlyMap<LogId, readonly Uint8Array[]>,
  heads: ReadonlyMap<LogId, number>,
): Run[] {
  return [...logs].map(([id, records]) => {
    const from = heads.get(id) ?? 0;
    return { log: id, from, records: records.slice(from) };
  });
}

function headsOf(logs: ReadonlyMap<LogId, readonly Uint8Array[]>): Map<LogId, number> {
  return new Map([...logs].map(([id, records]) => [id, records.length]));
}

function plainDoc(pushes: readonly Push[]): Y.Doc {
  const doc = new Y.Doc();
  for (const push of pushes) pushPlain(doc, push.log, push.records);
  return doc;
}

function parsed(bytes: Uint8Array): readonly Run[] {
  const result = parseAppend(bytes);
  assert(result.ok, JSON.stringify(result));
  return result.value;
}

describe('the append profile, held to Yjs 13.6', () => {
  it('writes the whole state as Y.encodeStateAsUpdate does', () => {
    fc.assert(
      fc.property(someHistory, (pushes) => {
        const logs = historyOf(pushes);
        assert.deepEqual(encodeAppend(runsSince(logs, new Map())), Y.encodeStateAsUpdate(plainDoc(pushes)));
      }),
    );
  });

  it('writes what is missing as Y.encodeStateAsUpdate does for a state vector', () => {
    fc.assert(
      fc.property(someHistory, fc.array(fc.nat({ max: 100 })), (pushes, cuts) => {
        const logs = historyOf(pushes);
        const heads = new Map(
          [...logs].map(([id, records], i) => [id, (cuts[i] ?? 0) % (records.length + 1)] as const),
        );
        const theirs = Y.encodeStateAsUpdate(plainDoc(pushes), encodeStateVector(heads));
        assert.deepEqual(encodeAppend(runsSince(logs, heads)), theirs);
      }),
    );
  });

  it('writes each append as the update event of a plain document, and reads it', () => {
    fc.assert(
      fc.property(someHistory, (pushes) => {
        const doc = new Y.Doc();
        const next = new Map<LogId, number>();
        const events: Uint8Array[] = [];
        doc.on('update', (update: Uint8Array) => events.push(update));
        for (const push of pushes) {
          const from = next.get(push.log) ?? 0;
          const run: Run = { log: push.log, from, records: push.records };
          pushPlain(doc, push.log, push.records);
          const event = events.at(-1);
          assert(event);
          assert.deepEqual(encodeAppend([run]), event);
          assert.deepEqual(parsed(event), [run]);
          next.set(push.log, from + push.records.length);
        }
        assert.equal(events.length, pushes.length);
      }),
    );
  });

  it('writes several authors of one transaction as its one update event', () => {
    fc.assert(
      fc.property(someHistory, someHistory, (before, pushes) => {
        const doc = plainDoc(before);
        const heads = headsOf(historyOf(before));
        const events: Uint8Array[] = [];
        doc.on('update', (update: Uint8Array) => events.push(update));
        doc.transact(() => {
          for (const push of pushes) pushPlain(doc, push.log, push.records);
        });
        const runs = runsSince(historyOf([...before, ...pushes]), heads).filter(
          (run) => run.records.length > 0,
        );
        assert.deepEqual(events, runs.length === 0 ? [] : [encodeAppend(runs)]);
      }),
    );
  });

  it('loads into a plain document with the same content, in any order of appends of different logs', () => {
    fc.assert(
      fc.property(someHistory, fc.infiniteStream(fc.nat({ max: 1000 })), (pushes, choices) => {
        const doc = new Y.Doc();
        const queues = [...historyOf(pushes)].map(([id, records]) => ({ id, records, at: 0 }));
        for (let open = queues; open.length > 0; open = open.filter((q) => q.at < q.records.length)) {
          const choice = choices.next().value ?? 0;
          const queue = open[choice % open.length];
          assert(queue);
          const records = queue.records.slice(queue.at, queue.at + 1 + (choice % 3));
          Y.applyUpdate(doc, encodeAppend([{ log: queue.id, from: queue.at, records }]));
          queue.at += records.length;
        }
        const whole = encodeAppend(runsSince(historyOf(pushes), new Map()));
        assert.deepEqual(plainRecords(doc), runRecords(parsed(whole)));
        assert.deepEqual(Y.encodeStateAsUpdate(doc), whole);
        assert.equal(doc.store.pendingStructs, null);
      }),
    );
  });

  it('reads back what it writes, whatever the base of the epoch', () => {
    fc.assert(
      fc.property(someHistory, fc.nat({ max: 2 ** 31 }), fc.nat({ max: 300 }), (pushes, start, clock) => {
        const logs = historyOf(pushes);
        const base = new Map([...logs.keys()].map((id) => [id, start]));
        const runs = [...logs]
          .map(([id, records]): Run => ({ log: id, from: start + clock, records }))
          .sort((a, b) => b.log - a.log);
        assert.deepEqual(parseAppend(encodeAppend(runs, base), base), { ok: true, value: runs });
      }),
    );
  });

  it('writes state vectors as Y.encodeStateVector does, and reads them', () => {
    fc.assert(
      fc.property(someHistory, (pushes) => {
        const heads = headsOf(historyOf(pushes));
        const theirs = Y.encodeStateVector(plainDoc(pushes));
        assert.deepEqual(encodeStateVector(heads), theirs);
        const back = parseStateVector(theirs, heads.size);
        assert(back.ok);
        assert.deepEqual(new Map([...back.value].sort()), new Map([...heads].sort()));
      }),
    );
  });

  it('is divided into portions that fit, hold everything and leave a plain document the same', () => {
    fc.assert(
      fc.property(someHistory, fc.integer({ min: 200, max: 600 }), (pushes, maxBytes) => {
        const logs = historyOf(pushes);
        const doc = new Y.Doc();
        for (const portion of appendPortions(runsSince(logs, new Map()), maxBytes)) {
          const bytes = encodeAppend(portion);
          assert(bytes.length <= maxBytes, `${bytes.length} bytes in a portion of ${maxBytes}`);
          assert(parsed(bytes).length > 0);
          Y.applyUpdate(doc, bytes);
        }
        assert.deepEqual(Y.encodeStateAsUpdate(doc), encodeAppend(runsSince(logs, new Map())));
      }),
    );
  });
});
