import type { LogId } from '../../core/units.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';
import type { Attack } from './attack.ts';
import { enveloped, following, forged, joining, NOTHING_SAID, type Scene, spoiled } from './hostile.ts';
import { encodeBody } from './realm.ts';

const byte = (...bytes: number[]) => Uint8Array.from(bytes);
const nested = (levels: number): CborValue => (levels === 0 ? 0 : [nested(levels - 1)]);

function record(
  why: string,
  relay: string,
  make: (scene: Scene) => Promise<Uint8Array>,
  host = relay,
): Attack {
  return { why, relay, host, make: async (scene) => following(scene, await make(scene)) };
}

function run(why: string, relay: string, host: string, make: Attack['make']): Attack {
  return { why, relay, host, make };
}

const HEADER = (algorithm: number, log: number) =>
  encodeCbor(
    new Map<number, CborValue>([
      [1, algorithm],
      [4, byte(log >>> 24, log >>> 16, log >>> 8, log)],
    ]),
  );
const PAYLOAD = ({ realm, log, next }: Scene, body: CborValue = NOTHING_SAID) =>
  encodeCbor(
    new Map<string, CborValue>(
      [
        ...([
          ['realm', Buffer.from(realm.id, 'hex')],
          ['prev', new Uint8Array(32).fill(1)],
        ] as const),
        ...([
          ['log', log],
          ['seq', next],
          ['type', 'heads'],
          ['body', body],
        ] as const),
      ].map(([name, value]) => [name, Buffer.isBuffer(value) ? new Uint8Array(value) : value] as const),
    ),
  );

/** Whoever sends these is told so and may go on: another's bad records must not cost a peer its connection. */
export const RECORDS: readonly Attack[] = [
  record('no record', 'record-form', async () => new Uint8Array(9)),
  record('a record cut short', 'cbor-truncated', async (scene) => (await forged(scene)).subarray(0, -1)),
  record('a record and a byte', 'cbor-trailing', async (scene) => byte(...(await forged(scene)), 0)),
  record('a second encoding of a record', 'cbor-not-minimal', async (scene) =>
    byte(0xd2, 0x98, 4, ...(await forged(scene)).subarray(2)),
  ),
  record('a header with its keys the wrong way round', 'cbor-key-order', async (scene) =>
    enveloped(byte(0xa2, 4, 0x44, 0, 0, 0, 1, 1, 0x32), PAYLOAD(scene)),
  ),
  record('a body nested too deep', 'cbor-too-deep', (scene) =>
    forged(scene, { body: new Map([['a', nested(40)]]) }),
  ),
  record('a body nested so deep that it would exhaust the stack', 'cbor-too-deep', async (scene) =>
    enveloped(HEADER(-19, scene.log), byte(...new Array<number>(15_000).fill(0x81), 0x80)),
  ),
  record('another algorithm', 'record-algorithm', async (scene) =>
    enveloped(HEADER(-8, scene.log), PAYLOAD(scene)),
  ),
  record('the key id of another log', 'record-log', async (scene) =>
    enveloped(HEADER(-19, scene.ended), PAYLOAD(scene)),
  ),
  record('a record of another realm', 'wrong-realm', (scene) => forged(scene, { realm: scene.other })),
  record('a record of another log', 'wrong-log', (scene) =>
    forged(scene, { log: scene.ended, signer: scene.realm.signerOf(scene.ended) }),
  ),
  record('a record of another place', 'wrong-log', (scene) => forged(scene, { seq: scene.next + 1 })),
  record('the genesis of another realm', 'wrong-log', async ({ other }) => other.genesis),
  record('a genesis that claims this realm', 'bad-genesis', (scene) => forged(scene, { type: 'genesis' })),
  record('a record that follows another', 'broken-chain', (scene) => forged(scene, { after: scene.second })),
  record('a record that another signed', 'bad-signature', (scene) =>
    forged(scene, { signer: scene.realm.signerOf(scene.ended) }),
  ),
  record('a record whose signature is one bit wrong', 'bad-signature', async (scene) =>
    spoiled(await forged(scene)),
  ),
  run('a gap', 'gap', 'waits', async (scene) =>
    encodeAppend([
      { log: scene.log, from: scene.next + 1, records: [await forged(scene, { seq: scene.next + 1 })] },
    ]),
  ),
  run(
    'other bytes for a place that is taken, signed by somebody else',
    'bad-signature',
    'bad-signature',
    async (scene) => {
      const after = scene.realm.run(scene.log).records[1] ?? null;
      const signer = scene.realm.signerOf(scene.ended);
      return encodeAppend([
        { log: scene.log, from: 2, records: [await forged(scene, { seq: 2, after, signer })] },
      ]);
    },
  ),
  run('other bytes that do not follow what is before them', 'broken-chain', 'broken-chain', async (scene) =>
    encodeAppend([
      { log: scene.log, from: 2, records: [await forged(scene, { seq: 2, after: scene.second })] },
    ]),
  ),
  run('a log that nobody knows', 'not-a-member', 'waits', async (scene) =>
    encodeAppend([
      { log: 5 as LogId, from: 0, records: [await forged(scene, { log: 5 as LogId, seq: 0, after: null })] },
    ]),
  ),
  run('a log that was ended', 'log-ended', 'takes', async (scene) => {
    const held = scene.realm.run(scene.ended).records;
    const signer = scene.realm.signerOf(scene.ended);
    const next = await forged(scene, { log: scene.ended, seq: 2, after: held.at(-1) ?? null, signer });
    return encodeAppend([{ log: scene.ended, from: 2, records: [next] }]);
  }),
  run('a log that goes on where it was forked', 'log-ended', 'takes', async (scene) => {
    const held = scene.realm.run(scene.forked).records;
    const signer = scene.realm.signerOf(scene.forked);
    const next = await forged(scene, { log: scene.forked, seq: 3, after: held[2] ?? null, signer });
    return encodeAppend([{ log: scene.forked, from: 3, records: [next] }]);
  }),
  run('a third history of a log that has two', 'fork', 'takes', async (scene) => {
    const held = scene.realm.run(scene.forked).records;
    const third = await forged(scene, {
      log: scene.forked,
      seq: 1,
      after: held[0] ?? null,
      signer: scene.realm.signerOf(scene.forked),
      type: 'x-third',
    });
    return encodeAppend([{ log: scene.forked, from: 1, records: [third] }]);
  }),
  run('an invitation that is over', 'invitation-expired', 'takes', async (scene) =>
    encodeAppend([await joining(scene, scene.late)]),
  ),
  run('an invitation used twice', 'invitation-used', 'invitation-used', async (scene) => {
    const { log, oneTime } = scene.joined;
    return encodeAppend([
      await joining(scene, { ...scene.joined, log, oneTime, signer: scene.newcomer.oneTime }),
    ]);
  }),
  run('an invitation of another realm', 'bad-join', 'bad-join', async (scene) =>
    encodeAppend([await joining(scene, scene.newcomer, scene.other)]),
  ),
  run('a guessed log id, without the one-time key', 'bad-join', 'bad-join', async (scene) =>
    encodeAppend([await joining(scene, { ...scene.newcomer, oneTime: scene.newcomer.signer })]),
  ),
  run('an invitation by a member who is no issuer', 'not-a-member', 'waits', async (scene) =>
    encodeAppend([await joining(scene, scene.friend)]),
  ),
  run('a draft by somebody who is only invited', 'type-of-invited', 'takes', async (scene) => {
    const { log, signer } = scene.joined;
    const after = scene.realm.run(log).records[0] ?? null;
    const body = encodeBody('draft', { base: new Map(), update: byte(0, 0) });
    const draft = await forged(scene, { log, seq: 1, after, type: 'draft', body, signer });
    return encodeAppend([{ log, from: 1, records: [draft] }]);
  }),
  run('acks of a signer whom nobody knows', 'unknown-signer', 'waits', async (scene) => {
    const ack = await forged(scene, {
      log: 5 as LogId,
      type: 'ack',
      body: encodeBody('ack', { version: 2, candidate: null, terms: new Map() }),
    });
    const body = encodeBody('candidate', {
      ...{
        version: 3,
        parent: scene.realm.id,
        frontier: new Map(),
        content: scene.realm.id,
        message: '',
        change: null,
      },
      ...{ roster: scene.realm.id, skips: [{ version: 2, acks: [ack] }] },
    });
    return following(scene, await forged(scene, { type: 'candidate', body }));
  }),
];
