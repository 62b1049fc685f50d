import { isPrincipalId } from '../units.ts';
import {
  MAX_LOGS,
  MAX_PARTS,
  MAX_RECORD_BYTES,
  MAX_RECOVERY_SIGNATURES,
  MAX_TEXT,
  MAX_TIME_BYTES,
  MAX_TIMES,
} from './bounds.ts';
import { ROLES } from './roles.ts';
import {
  anything,
  bytes,
  checked,
  fields,
  flag,
  hash,
  integer,
  list,
  logId,
  mapOf,
  nullable,
  optional,
  publicKey,
  type Shaped,
  text,
  word,
} from './shape.ts';
import { timeReference } from './time-reference.ts';
import { MAX_ID, usage } from './usage-body.ts';

const MAX_NAME = 256;
/** Lease ids are made by clients. */
const MAX_LEASE_ID = 128;
const MAX_CLASSES = 64;
const MAX_VERSION = 0xffff_ffff;
const MAX_ACKS = 1024;
const MAX_SKIPS = 64;
/** Seats that one record may move. */
const MAX_SEATS = 1_000_000;
/** Peers that one request may ask. */
const MAX_ASKED = 64;
const MAX_LEASES = 1024;
/** Bytes of a signed time. */
const MAX_TOKEN_BYTES = 4096;
const SIGNATURE = { length: 64 } as const;

const principalId = checked(text(MAX_ID), isPrincipalId, 'a principal id');
const version = integer(MAX_VERSION, 1);
const seq = integer(0xffff_ffff);
/** log → the first seq that is not included. */
const frontier = mapOf(logId, seq, MAX_LOGS);
const sealed = bytes({ max: MAX_RECORD_BYTES });
/** Whole seconds since 1970 (UTC). */
const instant = integer();

/** seq 0 of the first issuer's log, signed by `key`; its hash is the realm's id and it is version 1. `roster` is in the form of the roster codec. */
const genesis = fields({
  name: text(MAX_NAME),
  key: publicKey,
  roster: anything,
  nonce: bytes({ length: 16 }),
});

/** An issuer's reservation of a log id for a newcomer who holds the private half of `key`. */
const invite = fields({
  log: logId,
  key: publicKey,
  kind: word(['host', 'person']),
  id: principalId,
  name: text(MAX_NAME),
  class: nullable(text(MAX_ID)),
  roles: list(word(ROLES), ROLES.length),
  until: instant,
});

/** seq 0 of a newcomer's log: its key, and the invitation's one-time key's signature over `joinBytes`. */
const join = fields({ key: publicKey, proof: bytes(SIGNATURE) });

/** A Yjs update of the draft document; `base` is the document's state (log → units) that it builds on. */
const draft = fields({ base: frontier, update: bytes({ max: MAX_PARTS * MAX_RECORD_BYTES }) });

/** A piece of the next record of this log that is not a part. */
const part = fields({ data: sealed });

/** For one version that a candidate skips: acks which prove that nothing could win there (rule R4). */
const skip = fields({ version, acks: list(sealed, MAX_ACKS) });

/** A proposal for configuration `version`. `change` is the roster's change against the parent's, in the form of the roster codec. */
const candidate = fields({
  version,
  parent: hash,
  frontier,
  change: anything,
  roster: hash,
  content: hash,
  message: text(MAX_TEXT),
  skips: list(skip, MAX_SKIPS),
});

/** A further issuer's signature under a candidate or a revocation, named by its record's hash. */
const sign = fields({ target: hash });

/**
 * A host's only statement for `version`: a candidate, or null for VOID; with the highest term opened for each class (rule T2).
 * `time` is the newest signed time that it had, which an earlier record of its log carries.
 */
const ack = fields({
  version,
  candidate: nullable(hash),
  terms: mapOf(text(MAX_ID), integer(), MAX_CLASSES),
  time: optional(timeReference),
});

/** A host's word that it has switched to a version, and at which instant by the newest signed time that it had then; absent where it had none, or no longer knows. */
const applied = fields({ version, candidate: hash, content: hash, at: optional(instant) });

/** A host's open leases while a rollout waits for them. `time` is as in an ack. */
const holding = fields({
  version,
  time: optional(timeReference),
  leases: list(
    fields({
      id: text(MAX_LEASE_ID),
      feature: text(MAX_ID),
      user: text(MAX_NAME),
      tool: text(MAX_NAME),
      pid: nullable(integer()),
      since: instant,
      end: instant,
    }),
    MAX_LEASES,
  ),
});

/** A voter's opening of one term: lots of the version `of` are valid in term `term` of the class. */
const term = fields({ version, of: hash, class: text(MAX_ID), term: integer() });

/**
 * Seats that leave this host's lot of the version `of` for one term of its class, for the log `to`; with `source`, seats that
 * came to it by that transfer go on, in the same term. `request` is what it answers.
 */
const transfer = fields({
  to: logId,
  feature: text(MAX_ID),
  seats: integer(MAX_SEATS, 1),
  class: text(MAX_ID),
  term: integer(),
  of: hash,
  source: nullable(hash),
  request: nullable(hash),
});

/** What makes seats this host's: the transfer or surrender, by its record's hash, that another log sent to it. */
const accept = fields({ of: hash });

/** Seats that came by a transfer go back to who gave them. */
const surrender = fields({ transfer: hash, seats: integer(MAX_SEATS, 1) });

/** A host asks others, the first of `ask` first, for seats that it could use from `from` until `until`; an answer is of use before `by`. */
const seatRequest = fields({
  feature: text(MAX_ID),
  seats: integer(MAX_SEATS, 1),
  from: instant,
  until: instant,
  ask: list(logId, MAX_ASKED),
  by: instant,
});

/**
 * What a host holds: log → first seq that it lacks. A delta against its last statement, or the whole. `run` names the process
 * that says so, where it has heard of another one under its log: the records of two that continue one log must differ. `times`
 * are the newest signed times that it has, in gossip form, so that time spreads wherever records do; they prove that their time is past.
 */
const heads = fields({
  whole: flag,
  next: frontier,
  run: optional(bytes({ length: 8 })),
  times: optional(list(bytes({ max: MAX_TIME_BYTES }), MAX_TIMES)),
});

/** A restriction that needs the issuers' threshold only (rule R8): the named logs end before the given seq. */
const revoke = fields({ logs: frontier, reason: text(MAX_TEXT) });

/** Two records that one principal signed for the same place. */
const forkProof = fields({ a: sealed, b: sealed });

/** An administrator's end for a lease of some host. */
const removal = fields({ host: principalId, lease: text(MAX_LEASE_ID), reason: text(MAX_TEXT) });

/**
 * A host's word that a period by days has begun for it, with the newest signed time that it had, in the gossip form, and the
 * long-term key of the relay that signed it.
 */
const setup = fields({ period: text(MAX_ID), relay: publicKey, token: bytes({ max: MAX_TOKEN_BYTES }) });

/** A new generation, signed by recovery keys over `recoverBytes` (rule R9). */
const recover = fields({
  generation: integer(),
  version,
  parent: hash,
  roster: anything,
  reason: text(MAX_TEXT),
  signatures: list(fields({ key: publicKey, signature: bytes(SIGNATURE) }), MAX_RECOVERY_SIGNATURES),
});

/** The form of every record body that this version understands. */
export const BODIES = {
  genesis,
  invite,
  join,
  draft,
  part,
  candidate,
  sign,
  ack,
  applied,
  holding,
  term,
  transfer,
  accept,
  surrender,
  'seat-request': seatRequest,
  usage,
  heads,
  revoke,
  'fork-proof': forkProof,
  removal,
  setup,
  recover,
} as const;

/** The types of record that this version understands; others are kept, forwarded and ignored. */
export type RecordType = keyof typeof BODIES;

/** The body of a record of one type. */
export type Body<T extends RecordType> = Shaped<(typeof BODIES)[T]>;

/** Types that take effect only if their own signature verifies, however they arrived: each is evidence on its own. */
export const EVIDENCE: ReadonlySet<string> = new Set<RecordType>([
  'genesis',
  'invite',
  'join',
  'candidate',
  'sign',
  'ack',
  'term',
  'transfer',
  'accept',
  'surrender',
  'revoke',
  'fork-proof',
  'removal',
  'setup',
  'recover',
]);

/**
 * Evidence that counts wherever it is met, after the place where a fork froze its log, too (rule R8): a certificate, a term
 * or a proof is what it is on either history.
 */
export const SELF_CONTAINED: ReadonlySet<string> = new Set<RecordType>([
  'candidate',
  'sign',
  'ack',
  'term',
  'revoke',
  'fork-proof',
  // The attack: whoever forks his own log before its set-up would have it forgotten.
  'setup',
  'recover',
]);

/** Types that an invited log may hold before a certified roster contains it (DESIGN: beginning and joining). */
export const INVITED_TYPES: ReadonlySet<string> = new Set<RecordType>(['join', 'ack', 'heads', 'applied']);

/** Whether this version understands the type. */
export function isRecordType(type: string): type is RecordType {
  return Object.hasOwn(BODIES, type);
}
