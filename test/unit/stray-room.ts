import { deepEqual, equal } from 'node:assert/strict';
import { historiesTo } from '../../core/ledger/histories.ts';
import { emptyLedger, type Ledger } from '../../core/ledger/ledger.ts';
import { addStray, looseEnds } from '../../core/ledger/strays.ts';
import { emptyEvidence, isAwaited } from '../../core/state/evidence.ts';
import { firstParted } from '../../core/state/settlement.ts';
import type { Hash, LogId } from '../../core/units.ts';
import type { Verified, VerifiedRecord } from '../../core/verify/record.ts';
import { isEvidence, strayRoom } from '../../core/verify/stray-room.ts';
import type { Body } from '../../core/wire/bodies.ts';
import { MAX_STRAY_BYTES, MAX_STRAY_RECORDS, MAX_STRAYS } from '../../core/wire/bounds.ts';

const LOG = 7 as LogId;
const NOBODY = () => false;

function recordOf(name: string, seq: number, rest: object = {}): VerifiedRecord {
  const bytes = new TextEncoder().encode(name);
  return {
    hash: name,
    log: LOG,
    seq,
    bytes,
    type: 'heads',
    proven: false,
    ...rest,
  } as unknown as VerifiedRecord;
}

const ack = (name: string, seq: number, body: Partial<Body<'ack'>> = { version: 9, candidate: null }) =>
  recordOf(name, seq, { type: 'ack', proven: true, body });

/** A ledger that holds these records of the log and keeps those strays, each after the record that is named. */
function ledgerOf(
  held: readonly VerifiedRecord[],
  strays: readonly (readonly [record: VerifiedRecord, prev: string])[] = [],
): Ledger {
  const ledger = emptyLedger('realm' as Hash);
  ledger.logs.set(LOG, [...held]);
  for (const [record, prev] of strays) addStray(ledger.strays, { record, prev: prev as Hash, parts: [] });
  return ledger;
}

describe('The histories of a log', () => {
  const held = ['c0', 'c1', 'h2', 'h3'].map((name, seq) => recordOf(name, seq));
  const namesTo = (next: number, ...strays: readonly (readonly [VerifiedRecord, string])[]) =>
    historiesTo(ledgerOf(held, strays), LOG, 2, next).map((each) => each.map(({ hash }) => hash).join(' '));

  it('are those that have every record from where they part, in an order that does not depend on which is held', () => {
    const [g2, g3, i2, i3] = [recordOf('g2', 2), recordOf('g3', 3), recordOf('i2', 2), recordOf('i3', 3)];
    deepEqual(namesTo(4), ['c0 c1 h2 h3']);
    deepEqual(namesTo(3, [i2, 'c1'], [g2, 'c1']), ['c0 c1 g2', 'c0 c1 h2', 'c0 c1 i2']);
    deepEqual(namesTo(4, [i3, 'i2'], [g3, 'g2'], [g2, 'c1']), ['c0 c1 g2 g3', 'c0 c1 h2 h3']);
  });

  it('may leave the one that is held at any place', () => {
    deepEqual(namesTo(4, [recordOf('z3', 3), 'h2']), ['c0 c1 h2 h3', 'c0 c1 h2 z3']);
  });

  it('have nothing to do with what follows from elsewhere', () => {
    deepEqual(namesTo(3, [recordOf('x2', 2), 'c0']), ['c0 c1 h2']);
  });

  it('matter to versions that have more than they share', () => {
    const upTo = (next: number) => ({ frontier: new Map([[LOG, next]]) });
    const parted = (...versions: readonly object[]) =>
      firstParted({ forks: new Map([[LOG, { seq: 5 }]]), versions } as unknown as Parameters<
        typeof firstParted
      >[0]);
    equal(parted(upTo(4), upTo(5)), null);
    equal(parted(upTo(4), upTo(5), upTo(6)), 2);
  });
});

describe('The room for other histories of a log', () => {
  const big = { seq: 3, bytes: new Uint8Array(MAX_STRAY_BYTES / 2) };

  it('has so many bytes', () => {
    const room = strayRoom(new Map(), NOBODY);
    equal(room.forLink(big), true);
    room.take(recordOf('a', 1, { bytes: big.bytes }));
    equal(room.forLink(big), true);
    room.take(recordOf('b', 2, { bytes: big.bytes }));
    equal(room.forLink({ seq: 3, bytes: new Uint8Array(1) }), false);
  });

  it('is for evidence that its own signature proves, and for links', () => {
    equal(isEvidence(ack('a', 1)), true);
    equal(isEvidence(recordOf('a', 1, { type: 'ack', proven: false })), false);
    equal(isEvidence(recordOf('a', 1, { type: 'transfer', proven: true })), false);
  });

  it('is apart for acks of a candidate that is known, or of a version that has one', () => {
    const evidence = emptyEvidence();
    const candidate = { body: { version: 4 } } as unknown as Verified<'candidate'>;
    evidence.candidates.set('known' as Hash, candidate);
    const awaits = (version: number, hash: string | null) =>
      isAwaited(evidence, { version, candidate: hash as Hash | null, terms: new Map() });
    deepEqual([awaits(4, 'known'), awaits(4, null)], [true, true]);
    deepEqual([awaits(4, 'unknown'), awaits(5, null)], [false, false]);
  });
});

describe('What a host shows of the history that it holds', () => {
  const shown = (held: readonly VerifiedRecord[], awaits = NOBODY as (body: Body<'ack'>) => boolean) => {
    const ledger = ledgerOf(held);
    const { histories } = looseEnds(ledger, LOG, 1, { awaits, kept: held.length });
    return histories.map((bytes) => new TextDecoder().decode(bytes));
  };
  const half = MAX_STRAY_RECORDS / 2;

  it('is all for a while, so that there is room for another one, and then the evidence with its parts', () => {
    const long = Array.from({ length: half + 10 }, (_, seq) => recordOf(`r${seq}`, seq));
    const part = recordOf('part', long.length, { type: 'part' });
    const names = shown([...long, part, ack('ack', long.length + 1), recordOf('end', long.length + 2)]);
    deepEqual(names.slice(0, 2), ['r1', 'r2']);
    deepEqual(names.slice(half - 1), [`r${half}`, 'part', 'ack']);
  });

  it('is no more than so many bytes', () => {
    const bytes = new Uint8Array(MAX_STRAY_BYTES / 4);
    const large = Array.from({ length: 5 }, (_, seq) => recordOf(`r${seq}`, seq, { bytes }));
    equal(shown(large).length, 2);
  });

  it('is no more evidence than there is room for, beside acks that are awaited', () => {
    const long = Array.from({ length: half + 1 }, (_, seq) => recordOf(`r${seq}`, seq));
    const acks = Array.from({ length: MAX_STRAYS + 9 }, (_, i) =>
      ack(`a${i}`, half + 1 + i, { version: i, candidate: null }),
    );
    equal(shown([...long, ...acks]).length, half + MAX_STRAYS);
    const last = MAX_STRAYS + 8;
    deepEqual(shown([...long, ...acks], ({ version }) => version === last).slice(half + MAX_STRAYS), [
      `a${last}`,
    ]);
  });

  it('comes before what is kept of others, which is in its order', () => {
    const held = [recordOf('c0', 0), recordOf('h1', 1)];
    const strays = [[recordOf('g2', 2), 'g1'] as const, [recordOf('g1', 1), 'c0'] as const];
    const { histories } = looseEnds(ledgerOf(held, strays), LOG, 1, { awaits: NOBODY, kept: 2 });
    deepEqual(
      histories.map((bytes) => new TextDecoder().decode(bytes)),
      ['h1', 'g1', 'g2'],
    );
  });
});
