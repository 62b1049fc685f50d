import assert from 'node:assert/strict';
import type { Hash, PublicKey } from '../../core/units.ts';
import { encodeAppend, parseAppend } from '../../core/wire/append.ts';
import { decodeAttestation, encodeAttestation } from '../../core/wire/attestation.ts';
import * as bounds from '../../core/wire/bounds.ts';
import { decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';
import { codeTexts, type Grant, prepareGrant } from '../../core/wire/grant.ts';
import { decodeHello, encodeHello, MAX_HELLO_BYTES } from '../../core/wire/hello.ts';
import { decodeNotice, encodeNotice, MAX_NOTICE_BYTES } from '../../core/wire/notice.ts';
import {
  decodePacket,
  encodeMessage,
  encodePacket,
  MAX_ROUGHTIME_TAGS,
  readVersions,
  uint32,
} from '../../core/wire/roughtime-message.ts';
import { MAX_PATH_NODES } from '../../core/wire/roughtime-response.ts';
import { parseStateVector } from '../../core/wire/state-vector.ts';
import { decodeGroups, encodeGroups } from '../../core/wire/typed-groups.ts';
import { DEFAULT_LIMITS } from '../../relay/limits.ts';
import { grantOf, NORTHLIGHT } from '../support/grants.ts';
import {
  gossipOf,
  headsOf,
  inParts,
  manyLogs,
  nested,
  padded,
  pathOf,
  recordOf,
  stateVectorOf,
  tagsOf,
  updateOf,
  type Verdict,
} from '../support/sized.ts';
import { log } from '../support/yjs-logs.ts';

const REMARK = { code: 'quota', log: null, seq: null, text: '' } as const;
const CHALLENGE = {
  type: 'challenge',
  nonce: new Uint8Array(32),
  protocol: { min: 1, max: 1 },
  relay: 'ab'.repeat(32) as PublicKey,
  roughtime: 1,
} as const;

interface Bound {
  readonly name: string;
  readonly what: string;
  readonly value: number;
  readonly over: string;
  readonly of: (value: number) => Verdict | Promise<Verdict>;
}

const granting = (grant: Partial<Grant>): Verdict => prepareGrant({ ...grantOf(), ...grant }, NORTHLIGHT.key);

const verdictOf = (accepted: boolean): Verdict =>
  accepted ? { ok: true } : { ok: false, reason: 'refused' };

const BOUNDS: readonly Bound[] = [
  {
    name: 'MAX_RECORD_BYTES',
    what: 'bytes of a record',
    value: bounds.MAX_RECORD_BYTES,
    over: 'record-too-large',
    of: (n) => recordOf(n),
  },
  {
    name: 'MAX_CBOR_DEPTH',
    what: 'levels',
    value: bounds.MAX_CBOR_DEPTH,
    over: 'cbor-too-deep',
    of: (n) => decodeCbor(encodeCbor(nested(n))),
  },
  {
    name: 'MAX_UPDATE_BYTES',
    what: 'bytes of an update',
    value: bounds.MAX_UPDATE_BYTES,
    over: 'too-large',
    of: (n) => parseAppend(updateOf(n)),
  },
  {
    name: 'MAX_LOGS',
    what: 'logs of an update',
    value: bounds.MAX_LOGS,
    over: 'too-many-logs',
    of: (n) => parseAppend(encodeAppend(manyLogs(n))),
  },
  {
    name: 'MAX_LOGS',
    what: 'logs of a state vector',
    value: bounds.MAX_LOGS,
    over: 'too-many-logs',
    of: (n) => parseStateVector(stateVectorOf(n), bounds.MAX_LOGS),
  },
  {
    name: 'MAX_LOGS',
    what: 'logs of a confirmation',
    value: bounds.MAX_LOGS,
    over: 'body-form',
    of: (n) => decodeNotice(encodeNotice({ code: 'confirmed', durable: 'synced', heads: headsOf(n) })),
  },
  {
    name: 'MAX_UPDATE_RECORDS',
    what: 'records of an update',
    value: bounds.MAX_UPDATE_RECORDS,
    over: 'too-many-records',
    of: (n) =>
      parseAppend(
        encodeAppend([{ log: log(7), from: 0, records: new Array<Uint8Array>(n).fill(new Uint8Array(0)) }]),
      ),
  },
  { name: 'MAX_PARTS', what: 'parts of a record', value: bounds.MAX_PARTS, over: 'body-form', of: inParts },
  {
    name: 'MAX_ROUGHTIME_BYTES',
    what: 'bytes of a Roughtime packet',
    value: bounds.MAX_ROUGHTIME_BYTES,
    over: 'packet-too-long',
    of: (n) =>
      decodePacket(encodePacket(encodeMessage({ VER: uint32(1), ZZZZ: new Uint8Array(n - 12 - 20) }))),
  },
  {
    name: 'MAX_ROUGHTIME_BYTES',
    what: 'bytes of a gossip token',
    value: bounds.MAX_ROUGHTIME_BYTES,
    over: 'packet-too-long',
    of: gossipOf,
  },
  {
    name: 'MAX_TIMES',
    what: 'signed times of an attestation',
    value: bounds.MAX_TIMES,
    over: 'attestation-form',
    of: (n) => attesting(Array.from({ length: n }, () => new Uint8Array(332))),
  },
  {
    name: 'MAX_TIME_BYTES',
    what: 'bytes of a signed time of an attestation',
    value: bounds.MAX_TIME_BYTES,
    over: 'attestation-form',
    of: (n) => attesting([new Uint8Array(n)]),
  },
  {
    name: 'MAX_TEXT',
    what: 'characters of a notice',
    value: bounds.MAX_TEXT,
    over: 'body-form',
    of: (n) => decodeNotice(encodeNotice({ ...REMARK, text: 't'.repeat(n) })),
  },
  {
    name: 'MAX_HELLO_BYTES',
    what: 'bytes of a hello',
    value: MAX_HELLO_BYTES,
    over: 'too-large',
    of: (n) => decodeHello(padded(encodeHello(CHALLENGE), n)),
  },
  {
    name: 'MAX_NOTICE_BYTES',
    what: 'bytes of a notice',
    value: MAX_NOTICE_BYTES,
    over: 'too-large',
    of: (n) => decodeNotice(padded(encodeNotice(REMARK), n)),
  },
  {
    name: 'MAX_ROUGHTIME_TAGS',
    what: 'tags of a message',
    value: MAX_ROUGHTIME_TAGS,
    over: 'message-tags',
    of: tagsOf,
  },
  { name: 'MAX_PATH_NODES', what: 'nodes of a path', value: MAX_PATH_NODES, over: 'path-length', of: pathOf },
  {
    name: 'versions',
    what: 'versions of a Roughtime peer',
    value: 32,
    over: 'refused',
    of: (n) => verdictOf(readVersions(uint32(...Array.from({ length: n }, (_, i) => i))) !== null),
  },
  {
    name: 'MAX_GRANT_BYTES',
    what: 'bytes in groups',
    value: bounds.MAX_GRANT_BYTES,
    over: 'mistyped',
    of: (n) => decodeGroups('GRANT1', encodeGroups('GRANT1', new Uint8Array(n))),
  },
  {
    name: 'MAX_GRANT_TEXT',
    what: 'characters with licence codes',
    value: bounds.MAX_GRANT_TEXT,
    over: 'too-large',
    of: (n) => codeTexts(' '.repeat(n)),
  },
  {
    name: 'MAX_GRANT_FEATURES',
    what: 'features of a licence code',
    value: bounds.MAX_GRANT_FEATURES,
    over: 'grant-form',
    of: (n) => granting({ features: new Map(Array.from({ length: n }, (_, i) => [`f${i}`, 1])) }),
  },
  {
    name: 'MAX_GRANT_SEATS',
    what: 'seats of a licence code',
    value: bounds.MAX_GRANT_SEATS,
    over: 'grant-form',
    of: (n) => granting({ features: new Map([['f', n]]) }),
  },
  {
    name: 'MAX_GRANT_NOTE',
    what: 'characters of the note in a licence code',
    value: bounds.MAX_GRANT_NOTE,
    over: 'grant-form',
    of: (n) => granting({ note: 'x'.repeat(n) }),
  },
  {
    name: 'MAX_SEQ',
    what: 'as the seq of a record',
    value: 0xffff_ffff,
    over: 'record-form',
    of: (seq) => recordOf(9000, { seq }),
  },
  {
    name: 'MAX_TYPE_CHARS',
    what: 'characters of a type',
    value: 32,
    over: 'record-form',
    of: (n) => recordOf(9000, { type: 'x'.repeat(n) }),
  },
  {
    name: 'protocol',
    what: 'as a protocol version',
    value: 0xffff,
    over: 'body-form',
    of: (max) => decodeHello(encodeHello({ ...CHALLENGE, protocol: { min: 1, max } })),
  },
  {
    name: 'roughtime',
    what: 'as a Roughtime version',
    value: 0xffff_ffff,
    over: 'body-form',
    of: (roughtime) => decodeHello(encodeHello({ ...CHALLENGE, roughtime })),
  },
];

/** Bounds that are held to in another file. */
function attesting(times: readonly Uint8Array[]) {
  const key = 'ab'.repeat(32);
  const made = { realm: key as Hash, host: 'ws01', key: key as PublicKey, audience: null, times, head: null };
  return decodeAttestation(encodeAttestation({ ...made, signature: new Uint8Array(64) }));
}

const ELSEWHERE = [
  ...['MAX_FRAME_BYTES', 'MAX_RECORDS_OF_INVITED', 'MAX_ROOM_NAME'],
  ...['MAX_STRAYS', 'MAX_STRAY_CHECKS', 'MAX_STRAY_RECORDS', 'MAX_STRAY_BYTES', 'MAX_HISTORIES'],
  ...['MAX_RECOVERY_SIGNATURES'],
  ...['MAX_USAGE_SESSIONS', 'MAX_USAGE_DENIALS', 'MAX_USAGE_NAMES', 'MAX_QUIET_HOURS'],
];

async function reasonFor(of: Bound['of'], value: number): Promise<string> {
  const verdict = await of(value);
  return verdict.ok ? 'accepted' : verdict.reason;
}

describe('the bounds of the wire', () => {
  for (const { name, of, over, value, what } of BOUNDS) {
    it(`are kept: ${name} takes ${value} ${what}`, async () =>
      assert.equal(await reasonFor(of, value), 'accepted'));

    it(`are kept: ${name} refuses ${value + 1} ${what}`, async () => {
      assert.equal(await reasonFor(of, value + 1), over);
    });
  }

  it('have a case each', () => {
    const named = new Set([...ELSEWHERE, ...BOUNDS.map(({ name }) => name)]);
    assert.deepEqual(
      Object.keys(bounds).filter((name) => !named.has(name)),
      [],
    );
  });

  it('are those of a relay that is told nothing else', () => {
    assert.equal(DEFAULT_LIMITS.frameBytes, bounds.MAX_FRAME_BYTES);
  });
});
