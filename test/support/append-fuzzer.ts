import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { type AppendReason, encodeAppend, parseAppend, type Run } from '../../core/wire/append.ts';
import { damageBytes, damageStructs } from './damage.ts';
import { type SeededRandom, seededRandom } from './random.ts';
import { log, plainRecords, pushPlain } from './yjs-logs.ts';

/** What a fuzzing run met. */
interface FuzzFigures {
  readonly accepted: number;
  readonly refused: ReadonlyMap<AppendReason, number>;
}

const LOGS = [1, 7, 127, 128, 300, 0xffff_ffff];
/** Up to this seq a document is made that holds what the update builds on. */
const MAX_PRIOR = 400;

/**
 * Damages valid updates and throws if the parser accepts one that does not mean the same to Yjs:
 * the same records in the same logs, nothing pending, nothing beside, the same state vector.
 */
export function fuzzAppend(seed: number, rounds: number): FuzzFigures {
  const random = seededRandom(seed);
  const refused = new Map<AppendReason, number>();
  let accepted = 0;
  for (let round = 0; round < rounds; round++) {
    const bytes = damaged(random);
    const result = parseAppend(bytes);
    if (!result.ok) {
      refused.set(result.reason, (refused.get(result.reason) ?? 0) + 1);
      continue;
    }
    accepted += 1;
    try {
      checkMeaning(bytes, result.value);
    } catch (cause) {
      const hex = Buffer.from(bytes).toString('hex');
      throw new Error(`seed ${seed}, round ${round}: accepted ${hex}`, { cause });
    }
  }
  return { accepted, refused };
}

function damaged(random: SeededRandom): Uint8Array {
  const runs = someRuns(random);
  if (random.int(3) === 0) return damageStructs(runs, random);
  let bytes = encodeAppend(runs);
  for (let i = random.int(3); i >= 0 && bytes.length > 0; i--) {
    bytes = damageBytes(bytes, encodeAppend(someRuns(random)), random);
  }
  return bytes;
}

function someRuns(random: SeededRandom): Run[] {
  const logs = LOGS.filter(() => random.int(3) === 0);
  return (logs.length === 0 ? [random.pick(LOGS)] : logs).map((id) => ({
    log: log(id),
    from: random.pick([0, 0, 1, 2, 127, 128, 129]),
    records: Array.from({ length: 1 + random.int(3) }, () => random.bytes(random.pick([0, 1, 5, 127, 128]))),
  }));
}

function checkMeaning(bytes: Uint8Array, runs: readonly Run[]): void {
  assert.deepEqual(encodeAppend(runs), bytes, 'has a second encoding');
  const { structs, ds } = Y.decodeUpdate(bytes);
  assert.equal(ds.clients.size, 0);
  assert.deepEqual(
    structs.map((struct) => [struct.id.client, struct.id.clock, struct.length]),
    runs.map((run) => [run.log, run.from, run.records.length]),
  );
  if (runs.every((run) => run.from <= MAX_PRIOR)) checkApplied(bytes, runs);
}

function checkApplied(bytes: Uint8Array, runs: readonly Run[]): void {
  const doc = new Y.Doc();
  const expected = new Map<string, Uint8Array[]>();
  for (const run of runs) {
    const prior = Array.from({ length: run.from }, (_, seq) => Uint8Array.of(seq & 255));
    if (prior.length > 0) pushPlain(doc, run.log, prior);
    expected.set(String(run.log), [...prior, ...run.records.map((record) => new Uint8Array(record))]);
  }
  doc.clientID = 0;
  Y.applyUpdate(doc, bytes);
  assert.equal(doc.store.pendingStructs, null);
  assert.equal(doc.store.pendingDs, null);
  assert.deepEqual(new Map(plainRecords(doc)), new Map([...expected].sort(([a], [b]) => (a < b ? -1 : 1))));
  assert.deepEqual(
    Y.decodeStateVector(Y.encodeStateVector(doc)),
    new Map(runs.map((run) => [run.log, run.from + run.records.length])),
  );
}
