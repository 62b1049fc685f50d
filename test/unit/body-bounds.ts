import assert from 'node:assert/strict';
import type { Hash, LogId, PrincipalId, PublicKey } from '../../core/units.ts';
import { BODIES, type Body, type RecordType } from '../../core/wire/bodies.ts';
import {
  MAX_LOGS,
  MAX_PARTS,
  MAX_QUIET_HOURS,
  MAX_RECORD_BYTES,
  MAX_RECOVERY_SIGNATURES,
  MAX_TEXT,
  MAX_USAGE_DENIALS,
  MAX_USAGE_NAMES,
  MAX_USAGE_SESSIONS,
} from '../../core/wire/bounds.ts';
import { decodeShape, type Shape } from '../../core/wire/shape.ts';
import { encodeBody } from '../support/realm.ts';

const HASH = 'ab'.repeat(32) as Hash;
const KEY = 'cd'.repeat(32) as PublicKey;
const LOG = 77 as LogId;

const some = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
const named = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`n${i}`, 1] as const));
const logs = (count: number) =>
  new Map(Array.from({ length: count }, (_, i) => [(i + 1) as LogId, 1] as const));
const letters = (count: number) => 'n'.repeat(count);

const genesis = { name: 'Lab', key: KEY, roster: null, nonce: new Uint8Array(16) };
const invite: Body<'invite'> = {
  ...{ log: LOG, key: KEY, kind: 'host', id: 'ws01' as PrincipalId, name: 'ws01', class: null },
  ...{ roles: [], until: 9 },
};
const draft = { base: new Map<LogId, number>(), update: new Uint8Array(1) };
const candidate: Body<'candidate'> = {
  ...{ version: 2, parent: HASH, frontier: new Map(), change: null, roster: HASH, content: HASH },
  ...{ message: '', skips: [] },
};
const ack: Body<'ack'> = { version: 2, candidate: null, terms: new Map() };
const lease = { id: 'x', feature: 'draw', user: 'ana', tool: 'drafter', pid: 1, since: 1, end: 2 };
const leased = (more: Partial<typeof lease>): Body<'holding'> => ({
  version: 2,
  leases: [{ ...lease, ...more }],
});
const usage: Body<'usage'> = {
  ...{ hour: 0, quiet: 0, names: ['draw', 'ana', 'no-seat'], sessions: [], denials: [] },
  ...{ peaks: new Map(), lost: 0 },
};
const revoke: Body<'revoke'> = { logs: new Map(), reason: '' };
const removal: Body<'removal'> = { host: 'ws01' as PrincipalId, lease: 'x', reason: '' };
const recover: Body<'recover'> = {
  ...{ generation: 1, version: 9, parent: HASH, roster: null, reason: '', signatures: [] },
};

/** A body of a type as a function of one number, and the greatest number that it takes. */
interface Case {
  readonly what: string;
  readonly type: RecordType;
  readonly most: number;
  readonly body: (value: number) => Body<RecordType>;
}

function upTo<T extends RecordType>(type: T, what: string, most: number, body: (n: number) => Body<T>): Case {
  return { type, what, most, body: body as Case['body'] };
}

const NAME = 256;
const ID = 64;
const U32 = 0xffff_ffff;

const CASES: readonly Case[] = [
  upTo('genesis', 'letters of the name', NAME, (n) => ({ ...genesis, name: letters(n) })),
  upTo('invite', 'as the log id', U32, (n) => ({ ...invite, log: n as LogId })),
  upTo('invite', 'letters of the id', ID, (n) => ({ ...invite, id: letters(n) as PrincipalId })),
  upTo('invite', 'letters of the name', NAME, (n) => ({ ...invite, name: letters(n) })),
  upTo('invite', 'letters of the class', ID, (n) => ({ ...invite, class: letters(n) })),
  upTo('draft', 'logs of the base', MAX_LOGS, (n) => ({ ...draft, base: logs(n) })),
  upTo('draft', 'as a clock of the base', U32, (n) => ({ ...draft, base: new Map([[LOG, n]]) })),
  upTo('draft', 'bytes of the update', MAX_PARTS * MAX_RECORD_BYTES, (n) => ({
    ...draft,
    update: new Uint8Array(n),
  })),
  upTo('part', 'bytes', MAX_RECORD_BYTES, (n) => ({ data: new Uint8Array(n) })),
  upTo('candidate', 'as the version', U32, (version) => ({ ...candidate, version })),
  upTo('candidate', 'logs of the frontier', MAX_LOGS, (n) => ({ ...candidate, frontier: logs(n) })),
  upTo('candidate', 'letters of the message', MAX_TEXT, (n) => ({ ...candidate, message: letters(n) })),
  upTo('candidate', 'skips', 64, (n) => ({ ...candidate, skips: some(n, { version: 1, acks: [] }) })),
  upTo('candidate', 'acks of a skip', 1024, (n) => ({
    ...candidate,
    skips: [{ version: 1, acks: some(n, new Uint8Array(1)) }],
  })),
  upTo('candidate', 'bytes of an ack that it carries', MAX_RECORD_BYTES, (n) => ({
    ...candidate,
    skips: [{ version: 1, acks: [new Uint8Array(n)] }],
  })),
  upTo('ack', 'classes', 64, (n) => ({ ...ack, terms: named(n) })),
  upTo('ack', 'letters of a class', ID, (n) => ({ ...ack, terms: new Map([[letters(n), 1]]) })),
  upTo('holding', 'leases', 1024, (n) => ({ version: 2, leases: some(n, lease) })),
  upTo('holding', 'letters of a lease id', 128, (n) => leased({ id: letters(n) })),
  upTo('holding', 'letters of a feature', ID, (n) => leased({ feature: letters(n) })),
  upTo('holding', 'letters of a user', NAME, (n) => leased({ user: letters(n) })),
  upTo('holding', 'letters of a tool', NAME, (n) => leased({ tool: letters(n) })),
  upTo('term', 'letters of the class', ID, (n) => ({ version: 2, of: HASH, class: letters(n), term: 1 })),
  upTo('usage', 'features with a peak', 10_000, (n) => ({ ...usage, peaks: named(n) })),
  upTo('usage', 'quiet hours', MAX_QUIET_HOURS, (quiet) => ({ ...usage, quiet })),
  upTo('usage', 'names', MAX_USAGE_NAMES, (n) => ({ ...usage, names: some(n, 'x') })),
  upTo('usage', 'letters of a name', ID, (n) => ({ ...usage, names: [letters(n)] })),
  upTo('usage', 'sessions', MAX_USAGE_SESSIONS, (n) => ({ ...usage, sessions: some(n, [0, 1, -9, null]) })),
  upTo('usage', 'as the name of a session', MAX_USAGE_NAMES - 1, (n) => ({
    ...usage,
    sessions: [[n, 1, 0, 9]],
  })),
  upTo('usage', 'as the end of a session', 3600, (n) => ({ ...usage, sessions: [[0, 1, -9, n]] })),
  upTo('usage', 'denials', MAX_USAGE_DENIALS, (n) => ({ ...usage, denials: some(n, [0, 1, 9, 2]) })),
  upTo('usage', 'as the moment of a denial', 3600, (n) => ({ ...usage, denials: [[0, 1, n, 2]] })),
  upTo('heads', 'logs', MAX_LOGS, (n) => ({ whole: true, next: logs(n) })),
  upTo('revoke', 'logs', MAX_LOGS, (n) => ({ ...revoke, logs: logs(n) })),
  upTo('revoke', 'letters of the reason', MAX_TEXT, (n) => ({ ...revoke, reason: letters(n) })),
  upTo('fork-proof', 'bytes of a record', MAX_RECORD_BYTES, (n) => ({
    a: new Uint8Array(n),
    b: new Uint8Array(1),
  })),
  upTo('removal', 'letters of the lease', 128, (n) => ({ ...removal, lease: letters(n) })),
  upTo('removal', 'letters of the reason', MAX_TEXT, (n) => ({ ...removal, reason: letters(n) })),
  upTo('recover', 'letters of the reason', MAX_TEXT, (n) => ({ ...recover, reason: letters(n) })),
  upTo('recover', 'signatures', MAX_RECOVERY_SIGNATURES, (n) => ({
    ...recover,
    signatures: some(n, { key: KEY, signature: new Uint8Array(64) }),
  })),
];

describe('the bounds of a body', () => {
  for (const { body, most, type, what } of CASES) {
    const taken = (value: number) =>
      decodeShape(BODIES[type] as Shape<unknown>, encodeBody(type, body(value))).ok;

    it(`let a ${type} have ${most} ${what}, and no more`, () => {
      assert.deepEqual([taken(most), taken(most + 1)], [true, false]);
    });
  }
});
