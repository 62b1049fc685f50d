import type { Crypto } from '../ports.ts';
import { no, ok, type Result } from '../result.ts';
import { type PublicKey, type Seconds, seconds, toHex } from '../units.ts';
import { type Profile, signingInput } from '../wire/roughtime.ts';
import { decodeRequest } from '../wire/roughtime-request.ts';
import {
  type ConfigurationHead,
  decodeGossip,
  decodeResponse,
  encodeGossip,
  type GossipReason,
  type ResponseReason,
  type SharedTime,
  UNSYNCHRONISED,
} from '../wire/roughtime-response.ts';
import type { DelegationCache } from './delegations.ts';
import { rootOf, type Sha512 } from './merkle.ts';

declare const verified: unique symbol;

/** A time that a relay signed, checked; only this file makes one. What it proves is that the moment of signing is past. */
export interface TimeToken {
  readonly [verified]: true;
  /** The relay's long-term key. */
  readonly relay: PublicKey;
  readonly midpoint: Seconds;
  readonly radius: Seconds;
  /** The gossip form: enough for anybody to check again. */
  readonly bytes: Uint8Array;
  readonly head: ConfigurationHead | null;
  readonly delegation: { readonly from: Seconds; readonly until: Seconds };
}

/** Whose time is believed, in which dialect, and how long its delegations may be. */
export interface TimeTrust {
  readonly key: PublicKey;
  readonly profile: Profile;
  readonly maxDelegation: Seconds;
}

/** The longest delegation of a relay that is not a lab's own: what a stolen online key is good for. */
export const MAX_DELEGATION = seconds(30 * 86_400);
/** The longest delegation of a lab's own relay, whose long-term key is not always at hand. */
export const MAX_LAB_DELEGATION = seconds(120 * 86_400);

/** Why a well-formed signed time is not believed. */
type TokenReason =
  | 'wrong-version'
  | 'wrong-delegation-signature'
  | 'wrong-signature'
  | 'outside-delegation'
  | 'delegation-too-long'
  | 'radius-zero'
  | 'midpoint-out-of-range'
  | 'unsynchronised';

/** Why a response is not believed. */
export type AnswerReason = ResponseReason | TokenReason | 'wrong-request' | 'wrong-nonce' | 'not-in-tree';

/** Checks a response to a request of our own: `request` is the packet sent, all of which the answer binds. */
export async function verifyResponse(
  ports: { readonly crypto: Crypto; readonly sha512: Sha512; readonly delegations?: DelegationCache },
  packet: Uint8Array,
  request: Uint8Array,
  trust: TimeTrust,
): Promise<Result<TimeToken, AnswerReason>> {
  const response = decodeResponse(packet);
  if (!response.ok) return response;
  const asked = decodeRequest(request);
  if (!asked.ok) return no('wrong-request', asked.reason);
  const { nonce, path, index, signed } = response.value;
  if (!sameBytes(nonce, asked.value.nonce)) return no('wrong-nonce');
  // Without this an old answer could be replayed as fresh under any nonce.
  const root = await rootOf(ports.sha512, request, path, index);
  if (root === null || !sameBytes(root, signed.root)) return no('not-in-tree');
  return verifyShared(ports.crypto, response.value, trust, ports.delegations);
}

/** Checks a token in gossip form: it proves that its time is past, and nothing about how long. */
export async function verifyGossip(
  crypto: Crypto,
  bytes: Uint8Array,
  trust: TimeTrust,
  delegations?: DelegationCache,
): Promise<Result<TimeToken, GossipReason | TokenReason>> {
  const shared = decodeGossip(bytes);
  if (!shared.ok) return shared;
  return verifyShared(crypto, shared.value, trust, delegations);
}

async function verifyShared(
  crypto: Crypto,
  shared: SharedTime,
  trust: TimeTrust,
  delegations?: DelegationCache,
): Promise<Result<TimeToken, TokenReason>> {
  const { signed, delegation } = shared;
  if (signed.version !== trust.profile.version) return no('wrong-version', `version ${signed.version}`);
  // Beyond this the number could not be compared exactly, and a wrapped one would pass for an early time.
  if (signed.midpoint > BigInt(Number.MAX_SAFE_INTEGER)) return no('midpoint-out-of-range');
  if (signed.radius === 0) return no('radius-zero');
  // A stolen online key must not sign times outside the window that the long-term key gave it.
  if (signed.midpoint < delegation.from || signed.midpoint > delegation.until)
    return no('outside-delegation');
  if (Number(delegation.until - delegation.from) > trust.maxDelegation) return no('delegation-too-long');

  const certificate = { ...trust, dele: shared.dele, delegationSignature: shared.delegationSignature };
  if (delegations?.knows(certificate) !== true) {
    const certified = signingInput(trust.profile, 'delegation', shared.dele);
    if (!(await crypto.verify(trust.key, certified, shared.delegationSignature)))
      return no('wrong-delegation-signature');
    delegations?.remember(certificate);
  }
  const stated = signingInput(trust.profile, 'response', shared.srep);
  if (!(await crypto.verify(toHex(delegation.key) as PublicKey, stated, shared.signature)))
    return no('wrong-signature');
  // Last, so that the reason is the relay's own word and nobody else's.
  if (signed.radius === UNSYNCHRONISED) return no('unsynchronised');

  return ok({
    relay: trust.key,
    midpoint: seconds(Number(signed.midpoint)),
    radius: seconds(signed.radius),
    bytes: encodeGossip(shared),
    head: signed.head,
    delegation: { from: seconds(Number(delegation.from)), until: seconds(Number(delegation.until)) },
  } as TimeToken);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
