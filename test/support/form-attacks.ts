import { MAX_LOGS, MAX_RECORD_BYTES, MAX_UPDATE_RECORDS } from '../../core/wire/bounds.ts';
import type { Attack } from './attack.ts';
import { forged, type Scene, spelled } from './hostile.ts';

const byte = (...bytes: number[]) => Uint8Array.from(bytes);
const ORIGIN = byte(0x88);

type Parts = readonly (number | Uint8Array)[];

/** An attack on the form of an update: both sides refuse it for the same reason, and a relay sends its author away. */
function form(why: string, reason: string, parts: (scene: Scene, element: Parts) => Parts): Attack {
  return {
    ...{ why, relay: reason, host: reason },
    async make(scene) {
      const record = await forged(scene);
      return spelled(...parts(scene, [117, 1, 116, record.length, record]));
    },
  };
}

/** Whoever sends these is let go on with nothing. */
export const FORMS: readonly Attack[] = [
  form('no byte', 'truncated', () => []),
  form('an update cut short', 'truncated', ({ log, next }, element) => [
    1,
    1,
    log,
    next,
    ORIGIN,
    log,
    next - 1,
    1,
    ...element,
  ]),
  form('a byte behind the update', 'trailing-bytes', () => [0, 0, 0]),
  form('a padded number', 'not-minimal', ({ log }) => [1, 1, log, byte(0x84, 0)]),
  form('a number over 2^53', 'out-of-range', ({ log }) => [
    1,
    1,
    log,
    byte(255, 255, 255, 255, 255, 255, 255, 127),
  ]),
  form('too many logs', 'too-many-logs', () => [MAX_LOGS + 1]),
  form('too many records', 'too-many-records', ({ log, next }) => [
    1,
    1,
    log,
    next,
    ORIGIN,
    log,
    next - 1,
    MAX_UPDATE_RECORDS + 1,
  ]),
  form('a record over its bound', 'record-too-large', ({ log, next }) => [
    ...[1, 1, log, next, ORIGIN, log, next - 1, 1, 117, 1, 116, MAX_RECORD_BYTES + 1],
    ...[new Uint8Array(MAX_RECORD_BYTES + 1), 0],
  ]),
  form('log 0', 'log-id', ({ next }, element) => [1, 1, 0, next, ORIGIN, 0, next - 1, 1, ...element, 0]),
  form('logs the wrong way round', 'not-canonical-order', ({ log, next }, element) => [
    ...[2, 1, 1, 1, ORIGIN, 1, 0, 1, ...element],
    ...[1, log, next, ORIGIN, log, next - 1, 1, ...element, 0],
  ]),
  form('two structs of one log', 'struct-count', ({ log, next }, element) => [
    ...[1, 2, log, next, ORIGIN, log, next - 1, 1, ...element],
    ...[ORIGIN, log, next, 1, ...element, 0],
  ]),
  form('a run of nothing', 'empty-run', ({ log, next }) => [1, 1, log, next, ORIGIN, log, next - 1, 0, 0]),
  form('a GC struct, which silences its author', 'gc-struct', ({ log, next }) => [1, 1, log, next, 0, 5, 0]),
  form('a Skip struct, which leaves a gap', 'skip-struct', ({ log, next }) => [1, 1, log, next, 10, 5, 0]),
  form('a text', 'foreign-content', ({ log, next }) => [
    1,
    1,
    log,
    next,
    byte(0x84),
    log,
    next - 1,
    1,
    120,
    0,
  ]),
  form('an object, whose keys choose a prototype', 'foreign-content', ({ log, next }) => [
    ...[1, 1, log, next, ORIGIN, log, next - 1, 1, 118, 1, 1, 97, 126, 0],
  ]),
  form('a list in a list', 'foreign-content', ({ log, next }) => [
    ...[1, 1, log, next, ORIGIN, log, next - 1, 1, 117, 1, 117, 1, 117, 0, 0],
  ]),
  form('a type inside', 'nested', ({ log, next }) => [1, 1, log, next, byte(0x87), log, next - 1, 0, 0]),
  form('a record put before another', 'right-origin', ({ log, next }, element) => [
    ...[1, 1, log, next, byte(0xc8), log, next - 1, log, 0, 1, ...element, 0],
  ]),
  form('an entry of a map', 'map-key', ({ log, next }, element) => [
    ...[1, 1, log, next, byte(0xa8), log, next - 1, 1, 107, 1, ...element, 0],
  ]),
  form('an origin two back', 'wrong-origin', ({ log, next }, element) => [
    ...[1, 1, log, next, ORIGIN, log, next - 2, 1, ...element, 0],
  ]),
  form('a place in another log', 'wrong-parent', ({ log }, element) => [
    1,
    1,
    log,
    0,
    8,
    1,
    1,
    55,
    1,
    ...element,
    0,
  ]),
  form('content that Yjs does not have', 'unknown-form', ({ log, next }, element) => [
    ...[1, 1, log, next, byte(0x8b), log, next - 1, 1, ...element, 0],
  ]),
  form('a deletion of everything', 'delete-set', ({ log, next }) => [0, 1, log, 1, 0, next]),
  form('a record and its deletion', 'delete-set', ({ log, next }, element) => [
    ...[1, 1, log, next, ORIGIN, log, next - 1, 1, ...element, 1, log, 1, next, 1],
  ]),
];
