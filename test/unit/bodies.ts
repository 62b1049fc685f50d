import assert from 'node:assert/strict';
import type { LogId, PrincipalId } from '../../core/units.ts';
import { BODIES, type Body, isRecordType, type RecordType } from '../../core/wire/bodies.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';
import { decodeShape, type Shape } from '../../core/wire/shape.ts';
import { encodeBody } from '../support/realm.ts';
import { hashNamed, keyNamed } from '../support/rosters.ts';

const HASH = hashNamed('some');
const KEY = keyNamed('some');
const SIGNATURE = new Uint8Array(64).fill(3);
const next = new Map([[7 as LogId, 12]]);
const id = 'ws01' as PrincipalId;
const LEASE = { id: 'l1', feature: 'draw', user: 'ana', tool: 'cad', pid: 41, since: 10, end: 20 };

/** A body of each type, as a host writes it. */
const EXAMPLES: { readonly [T in RecordType]: Body<T> } = {
  genesis: { name: 'Fern Lab', key: KEY, roster: new Map(), nonce: new Uint8Array(16) },
  invite: {
    ...{ log: 7 as LogId, key: KEY, kind: 'host', id, name: 'One', class: 'office', roles: ['voter'] },
    until: 100,
  },
  join: { key: KEY, proof: SIGNATURE },
  draft: { base: next, update: Uint8Array.of(1, 2) },
  part: { data: Uint8Array.of(1) },
  candidate: {
    ...{ version: 2, parent: HASH, frontier: next, change: new Map(), roster: HASH, content: HASH },
    ...{ message: 'More seats', skips: [{ version: 3, acks: [Uint8Array.of(9)] }] },
  },
  sign: { target: HASH },
  ack: { version: 2, candidate: HASH, terms: new Map([['office', 4]]) },
  applied: { version: 2, candidate: HASH, content: HASH },
  holding: { version: 2, leases: [LEASE, { ...LEASE, pid: null }] },
  term: { version: 2, of: HASH, class: 'office', term: 5 },
  usage: { hour: 3600, peaks: new Map([['draw', 2]]), denials: new Map([['draw', 0]]) },
  heads: { whole: false, next },
  revoke: { logs: next, reason: 'lost' },
  'fork-proof': { a: Uint8Array.of(1), b: Uint8Array.of(2) },
  removal: { host: id, lease: 'l1', reason: 'asleep' },
  recover: {
    ...{ generation: 1, version: 9, parent: HASH, roster: new Map(), reason: 'all gone' },
    signatures: [{ key: KEY, signature: SIGNATURE }],
  },
};
const TYPES = Object.keys(EXAMPLES) as RecordType[];

type Fields = ReadonlyMap<string | number, CborValue>;

function encoded(type: RecordType): Fields {
  return encodeBody(type, EXAMPLES[type] as Body<typeof type>) as Fields;
}

function decoded(type: RecordType, value: CborValue) {
  return decodeShape(BODIES[type] as Shape<unknown>, value);
}

/** The body with one field replaced. */
function having(type: RecordType, field: string, value: CborValue): Fields {
  return new Map([...encoded(type), [field, value]]);
}

function refusalOf(type: RecordType, value: CborValue): string {
  const verdict = decoded(type, value);
  return verdict.ok ? 'taken' : `${verdict.reason} ${verdict.detail?.split(':')[0]}`;
}

describe('a record body', () => {
  it('has an example here for every type that there is', () => {
    assert.deepEqual([...TYPES].sort(), Object.keys(BODIES).sort());
  });

  for (const type of TYPES) {
    it(`of type ${type} comes back from its bytes as it was`, () => {
      const value = decodeCbor(encodeCbor(encoded(type)));
      assert(value.ok);
      assert.deepEqual(decoded(type, value.value), { ok: true, value: EXAMPLES[type] });
    });

    it(`of type ${type} is refused without any of its fields`, () => {
      for (const field of encoded(type).keys()) {
        const left = new Map([...encoded(type)].filter(([name]) => name !== field));
        assert.equal(refusalOf(type, left), `body-form body.${field}`);
      }
    });

    it(`of type ${type} is refused with a value of another kind in any field`, () => {
      for (const field of encoded(type).keys()) {
        // The roster codec judges these.
        if ((type !== 'candidate' && field === 'roster') || field === 'change') continue;
        for (const value of [-1, 'NO SUCH WORD'.repeat(1000), [[]], new Map([['', new Map()]])]) {
          assert.match(
            refusalOf(type, having(type, String(field), value)),
            new RegExp(`^body-form body.${field}`),
          );
        }
      }
    });

    it(`of type ${type} is refused when it is no map`, () => {
      for (const value of [null, 0, true, '', [], new Uint8Array(0)]) {
        assert.equal(refusalOf(type, value), 'body-form body');
      }
    });

    it(`of type ${type} is read when a newer host has written more into it`, () => {
      assert.deepEqual(decoded(type, having(type, 'novelty', 1)), { ok: true, value: EXAMPLES[type] });
    });
  }
});

const many = (count: number, value: CborValue): CborValue => Array.from({ length: count }, () => value);
const manyBy = (count: number, key: (at: number) => string | number): CborValue =>
  new Map(Array.from({ length: count }, (_, at) => [key(at), 0]));
const lease = (change: Readonly<Record<string, CborValue>>): CborValue => [
  new Map(Object.entries({ ...LEASE, ...change })),
];
const signature = (key: CborValue, by: CborValue): CborValue => [
  new Map([
    ['key', key],
    ['signature', by],
  ]),
];
const skip = (version: number, acks: CborValue): CborValue =>
  new Map([
    ['version', version],
    ['acks', acks],
  ]);
const bytes = (length: number) => new Uint8Array(length);

describe('a bound of a record body', () => {
  const cases: readonly [
    type: RecordType,
    field: string,
    fits: CborValue,
    tooMuch: CborValue,
    at?: string,
  ][] = [
    ['genesis', 'name', 'n'.repeat(256), 'n'.repeat(257)],
    ['genesis', 'nonce', bytes(16), bytes(17)],
    ['genesis', 'nonce', bytes(16), bytes(15)],
    ['genesis', 'key', bytes(32), bytes(33)],
    ['invite', 'log', 0xffff_ffff, 0x1_0000_0000],
    ['invite', 'log', 1, 0],
    ['invite', 'id', 'a'.repeat(64), 'a'.repeat(65)],
    ['invite', 'id', 'a', ''],
    ['invite', 'id', 'a.b', '../a'],
    ['invite', 'name', 'n'.repeat(256), 'n'.repeat(257)],
    ['invite', 'class', 'c'.repeat(64), 'c'.repeat(65)],
    ['invite', 'class', null, false],
    ['invite', 'kind', 'person', 'relay'],
    ['invite', 'roles', [], many(100, 'voter')],
    ['invite', 'roles', ['editor'], ['owner'], 'roles[0]'],
    ['join', 'proof', bytes(64), bytes(65)],
    ['join', 'proof', bytes(64), bytes(63)],
    ['draft', 'update', bytes(256 * 16_384), bytes(256 * 16_384 + 1)],
    ['draft', 'base', new Map([[1, 0]]), new Map([[0, 0]]), 'base key'],
    ['draft', 'base', new Map([[1, 0xffff_ffff]]), new Map([[1, 0x1_0000_0000]]), 'base.1'],
    ['draft', 'base', manyBy(100_000, (at) => at + 1), manyBy(100_001, (at) => at + 1)],
    ['part', 'data', bytes(16_384), bytes(16_385)],
    ['candidate', 'version', 1, 0],
    ['candidate', 'version', 0xffff_ffff, 0x1_0000_0000],
    ['candidate', 'message', 'm'.repeat(2048), 'm'.repeat(2049)],
    ['candidate', 'skips', many(64, skip(2, [])), many(65, skip(2, []))],
    ['candidate', 'skips', [skip(2, many(1024, bytes(1)))], [skip(2, many(1025, bytes(1)))], 'skips[0].acks'],
    ['candidate', 'skips', [skip(2, [bytes(16_384)])], [skip(2, [bytes(16_385)])], 'skips[0].acks[0]'],
    ['candidate', 'skips', [skip(1, [])], [skip(0, [])], 'skips[0].version'],
    ['candidate', 'frontier', new Map(), [[1, 1]]],
    ['sign', 'target', bytes(32), bytes(31)],
    ['ack', 'candidate', null, bytes(31)],
    ['ack', 'terms', manyBy(64, String), manyBy(65, String)],
    ['ack', 'terms', manyBy(1, () => 'c'.repeat(64)), manyBy(1, () => 'c'.repeat(65)), 'terms key'],
    ['ack', 'terms', new Map([['c', 0]]), new Map([['c', -1]]), 'terms.c'],
    [
      'holding',
      'leases',
      many(1024, new Map(Object.entries(LEASE))),
      many(1025, new Map(Object.entries(LEASE))),
    ],
    ['holding', 'leases', lease({ id: 'l'.repeat(128) }), lease({ id: 'l'.repeat(129) }), 'leases[0].id'],
    ['holding', 'leases', lease({ pid: null }), lease({ pid: '41' }), 'leases[0].pid'],
    [
      'holding',
      'leases',
      lease({ tool: 't'.repeat(256) }),
      lease({ tool: 't'.repeat(257) }),
      'leases[0].tool',
    ],
    ['term', 'class', 'c'.repeat(64), 'c'.repeat(65)],
    ['term', 'term', 0, -1],
    ['usage', 'peaks', manyBy(10_000, String), manyBy(10_001, String)],
    ['usage', 'denials', new Map([['f'.repeat(64), 0]]), new Map([['f'.repeat(65), 0]]), 'denials key'],
    ['usage', 'peaks', new Map([['f', 0]]), new Map([[1, 0]]), 'peaks key'],
    ['heads', 'whole', true, 1],
    ['revoke', 'reason', 'r'.repeat(2048), 'r'.repeat(2049)],
    ['fork-proof', 'a', bytes(16_384), bytes(16_385)],
    ['fork-proof', 'b', bytes(16_384), bytes(16_385)],
    ['removal', 'host', 'ws01', 'WS01'],
    ['removal', 'lease', 'l'.repeat(128), 'l'.repeat(129)],
    ['recover', 'generation', 0, -1],
    ['recover', 'signatures', many(0, 0), many(65, new Map())],
    [
      'recover',
      'signatures',
      signature(bytes(32), bytes(64)),
      signature(bytes(32), bytes(63)),
      'signatures[0].signature',
    ],
    [
      'recover',
      'signatures',
      signature(bytes(32), bytes(64)),
      signature(bytes(31), bytes(64)),
      'signatures[0].key',
    ],
  ];
  cases.forEach(([type, field, fits, tooMuch, at = field], number) => {
    it(`is kept by ${at} of ${type} (${number + 1})`, () => {
      assert.equal(refusalOf(type, having(type, field, fits)), 'taken');
      assert.equal(refusalOf(type, having(type, field, tooMuch)), `body-form body.${at}`);
    });
  });
});

describe('a type of record', () => {
  const cases: readonly [name: string, known: boolean][] = [
    ...TYPES.map((type): [string, boolean] => [type, true]),
    ...['lease', 'Ack', '', 'constructor', '__proto__'].map((name): [string, boolean] => [name, false]),
  ];
  for (const [name, known] of cases) {
    it(`is ${known ? 'known' : 'not known'} by the name ${JSON.stringify(name)}`, () => {
      assert.equal(isRecordType(name), known);
    });
  }
});
