import assert from 'node:assert/strict';
import type { Hash, LogId, PrincipalId, PublicKey } from '../../core/units.ts';
import {
  BODIES,
  type Body,
  EVIDENCE,
  INVITED_TYPES,
  isRecordType,
  type RecordType,
} from '../../core/wire/bodies.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';
import { decodeShape, type Shape } from '../../core/wire/shape.ts';

const HASH = 'ab'.repeat(32) as Hash;
const KEY = 'cd'.repeat(32) as PublicKey;
const LOG = 77 as LogId;
const ID = 'ws01' as PrincipalId;
const SIGNATURE = new Uint8Array(64);
const frontier = new Map([[LOG, 3]]);

const EXAMPLES: { readonly [T in RecordType]: Body<T> } = {
  genesis: { name: 'Lab', key: KEY, roster: new Map([['members', new Map()]]), nonce: new Uint8Array(16) },
  invite: {
    ...{
      log: LOG,
      key: KEY,
      kind: 'host',
      id: ID,
      name: 'Workstation',
      class: 'office',
      roles: ['voter'],
      until: 9,
    },
  },
  join: { key: KEY, proof: SIGNATURE },
  draft: { base: frontier, update: Uint8Array.of(1, 2) },
  part: { data: Uint8Array.of(1) },
  candidate: {
    ...{
      version: 2,
      parent: HASH,
      frontier,
      change: new Map(),
      roster: HASH,
      content: HASH,
      message: 'More seats',
    },
    skips: [{ version: 1, acks: [Uint8Array.of(1)] }],
  },
  sign: { target: HASH },
  ack: { version: 2, candidate: null, terms: new Map([['office', 5]]) },
  applied: { version: 2, candidate: HASH, content: HASH },
  holding: {
    version: 2,
    leases: [{ id: 'x', feature: 'draw', user: 'ana', tool: 'drafter', pid: null, since: 1, end: 2 }],
  },
  term: { version: 2, of: HASH, class: 'office', term: 7 },
  transfer: {
    ...{ to: LOG, feature: 'draw', seats: 2, class: 'office', term: 7, of: HASH },
    ...{ source: null, request: HASH },
  },
  accept: { of: HASH },
  surrender: { transfer: HASH, seats: 1 },
  'seat-request': { feature: 'draw', seats: 1, from: 1, until: 9, ask: [LOG], by: 5 },
  usage: {
    ...{ hour: 3600, quiet: 1, names: ['draw', 'ana', 'no-seat'], peaks: new Map([['draw', 2]]), lost: 3 },
    ...{ sessions: [[0, 1, -40, null]], denials: [[0, 1, 3600, 2]] },
  },
  heads: { whole: true, next: frontier },
  revoke: { logs: frontier, reason: 'lost' },
  'fork-proof': { a: Uint8Array.of(1), b: Uint8Array.of(2) },
  setup: { period: 'trial', relay: KEY, token: Uint8Array.of(1) },
  removal: { host: ID, lease: 'x', reason: 'stuck' },
  recover: {
    ...{ generation: 1, version: 9, parent: HASH, roster: null, reason: 'fire' },
    signatures: [{ key: KEY, signature: SIGNATURE }],
  },
};

function shapeOf(type: RecordType): Shape<unknown> {
  return BODIES[type] as Shape<unknown>;
}

function encoded(type: RecordType, changes: Readonly<Record<string, CborValue | undefined>> = {}): CborValue {
  const fields = new Map(shapeOf(type).encode(EXAMPLES[type]) as Map<string, CborValue>);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) fields.delete(name);
    else fields.set(name, value);
  }
  return fields;
}

describe('a body', () => {
  for (const type of Object.keys(EXAMPLES) as RecordType[]) {
    it(`of type ${type} comes back from its bytes as it went in`, () => {
      const bytes = encodeCbor(encoded(type));
      const read = decodeCbor(bytes);
      assert(read.ok);
      assert.deepEqual(decodeShape(shapeOf(type), read.value), { ok: true, value: EXAMPLES[type] });
    });

    it(`of type ${type} is refused without any one of its fields`, () => {
      for (const name of (encoded(type) as Map<string, CborValue>).keys()) {
        const verdict = decodeShape(shapeOf(type), encoded(type, { [name]: undefined }));
        assert.equal(verdict.ok, false, name);
      }
    });

    it(`of type ${type} may have fields of a later version, which are not looked at`, () => {
      const verdict = decodeShape(shapeOf(type), encoded(type, { later: 1 }));
      assert.deepEqual(verdict, { ok: true, value: EXAMPLES[type] });
    });
  }

  it('of type applied may state the instant, and only a whole number of seconds', () => {
    const stated = { ...EXAMPLES.applied, at: 1_900_000_000 };
    const bytes = encodeCbor(BODIES.applied.encode(stated));
    const read = decodeCbor(bytes);
    assert(read.ok);
    assert.deepEqual(decodeShape(BODIES.applied, read.value), { ok: true, value: stated });
    for (const at of [-1, 2 ** 53, 'noon', null])
      assert.equal(decodeShape(BODIES.applied, encoded('applied', { at })).ok, false);
  });

  const lease = (more: Readonly<Record<string, CborValue>>) => {
    const all = { id: 'x', feature: 'draw', user: 'ana', tool: 't', pid: 1, since: 1, end: 2, ...more };
    return [new Map<string, CborValue>(Object.entries(all))];
  };
  const refusals: readonly [why: string, type: RecordType, changes: Readonly<Record<string, CborValue>>][] = [
    ['a key of 31 bytes', 'join', { key: new Uint8Array(31) }],
    ['a signature of 65 bytes', 'join', { proof: new Uint8Array(65) }],
    ['a log id of 0', 'invite', { log: 0 }],
    ['a log id of 2^32', 'invite', { log: 2 ** 32 }],
    ['an id that no principal can have', 'invite', { id: '__proto__' }],
    ['an unknown kind', 'invite', { kind: 'robot' }],
    ['an unknown role', 'invite', { roles: ['king'] }],
    ['more roles than there are', 'invite', { roles: Array.from({ length: 7 }, () => 'voter') }],
    ['a name of 257 characters', 'invite', { name: 'n'.repeat(257) }],
    ['a time before 1970', 'invite', { until: -1 }],
    ['version 0', 'candidate', { version: 0 }],
    ['version 2^32', 'candidate', { version: 2 ** 32 }],
    ['a frontier by names', 'candidate', { frontier: new Map([['77', 1]]) }],
    ['a frontier below zero', 'candidate', { frontier: new Map([[77, -1]]) }],
    ['65 skips', 'candidate', { skips: Array.from({ length: 65 }, () => new Map()) }],
    ['a message of 2049 characters', 'candidate', { message: 'm'.repeat(2049) }],
    ['a parent in hex', 'candidate', { parent: HASH }],
    ['an ack for a version that is text', 'ack', { version: '2' }],
    ['an ack for something that is no hash', 'ack', { candidate: new Uint8Array(31) }],
    ['a negative term', 'term', { term: -1 }],
    ['1025 leases', 'holding', { leases: Array.from({ length: 1025 }, () => lease({})[0] as CborValue) }],
    ['a process id below zero', 'holding', { leases: lease({ pid: -1 }) }],
    ['a lease that is a list', 'holding', { leases: [[]] }],
    ['a count of the peaks that is text', 'usage', { peaks: new Map([['draw', 'many']]) }],
    ['a session without its end', 'usage', { sessions: [[0, 1, 5]] }],
    ['a session that ends after the hour', 'usage', { sessions: [[0, 1, 5, 3601]] }],
    ['a flag that is 1', 'heads', { whole: 1 }],
    ['a process named by 9 bytes', 'heads', { run: new Uint8Array(9) }],
    ['a nonce of 17 bytes', 'genesis', { nonce: new Uint8Array(17) }],
    ['a proof that is no bytes', 'fork-proof', { a: 'a' }],
    ['a proof of more than a record', 'fork-proof', { a: new Uint8Array(16 * 1024 + 1) }],
    ['a signature without a key', 'recover', { signatures: [new Map([['signature', SIGNATURE]])] }],
  ];
  for (const [why, type, changes] of refusals) {
    it(`is refused: ${type} with ${why}`, () => {
      const verdict = decodeShape(shapeOf(type), encoded(type, changes));
      assert.equal(verdict.ok ? 'accepted' : verdict.reason, 'body-form');
    });
  }

  it('is refused when it is no map, with a word on what was expected where', () => {
    assert.deepEqual(decodeShape(BODIES.sign, [1]), {
      ok: false,
      reason: 'body-form',
      detail: 'body: expected a map',
    });
    const deep = decodeShape(BODIES.holding, encoded('holding', { leases: lease({ end: 'x' }) }));
    assert.equal(
      !deep.ok && deep.detail,
      'body.leases[0].end: expected an integer from 0 to 9007199254740991',
    );
  });

  it('is of a known type only by its own name', () => {
    assert.deepEqual(['ack', 'inert', 'toString', '__proto__', 'constructor'].map(isRecordType), [
      ...[true, false, false, false, false],
    ]);
    for (const type of [...EVIDENCE, ...INVITED_TYPES]) assert(isRecordType(type));
  });
});
