import type { Crypto } from '../core/ports.ts';
import { standingOf } from '../core/state/standing.ts';
import type { Hash, LogId, PublicKey } from '../core/units.ts';
import type { CloseReason } from '../core/wire/close-codes.ts';
import { type Answer, encodeHello, helloBytes, PROTOCOL } from '../core/wire/hello.ts';
import { PROFILES } from '../core/wire/roughtime.ts';
import type { Request, Session } from './peer.ts';
import { isToken, type Policy, type Realms, sameText } from './realms.ts';
import { invitationKeys, type Room } from './room.ts';

/** Who may come in, by the operator's will. */
export interface DoorRules {
  readonly realms: Realms;
  readonly policy: Policy;
  /** What a new realm has to bring where the policy is `token`. */
  readonly registerToken: string | null;
}

/** Why a connection may not even come in; null if it may. */
export function refusalAt(rules: DoorRules, realm: Hash, request: Request): CloseReason | null {
  const entry = rules.realms.find(realm);
  if (entry === undefined) return mayRegister(rules, request) ? null : 'unknown-room';
  if (request.token === null) return null;
  return entry.token !== null && isToken(request.token, entry.token) ? null : 'not-authenticated';
}

function mayRegister({ policy, registerToken }: DoorRules, request: Request): boolean {
  if (policy === 'open') return true;
  if (policy === 'list' || registerToken === null || request.register === null) return false;
  return sameText(request.register, registerToken);
}

/** The body of the `hello` that asks a peer who it is. */
export function challengeFor(session: Session, timeKey: PublicKey | null): Uint8Array {
  const roughtime = timeKey === null ? null : PROFILES.v1.version;
  return encodeHello({
    ...{ type: 'challenge', nonce: session.nonce, protocol: PROTOCOL },
    ...{ relay: timeKey, roughtime },
  });
}

/** Whether a peer holds the key of the log that it names, and that log belongs here; null if so. */
export async function objectionTo(
  room: Room,
  session: Session,
  answer: Answer,
  crypto: Crypto,
): Promise<'not-a-member' | 'not-authenticated' | null> {
  const keys = keysOf(room, answer.log);
  if (keys.length === 0) return 'not-a-member';
  const message = helloBytes(room.name, session.nonce);
  for (const key of keys) if (await crypto.verify(key, message, answer.signature)) return null;
  return 'not-authenticated';
}

/** Keys whose holder may speak for a log: its own, or before it has begun the one that the roster or the invitation names. */
function keysOf(room: Room, log: LogId): readonly PublicKey[] {
  const held = room.heads.get(log)?.key;
  if (held !== undefined) return standingOf(room.membership, log, held).kind === 'unknown' ? [] : [held];
  const newest = room.membership.versions.at(-1);
  const members = newest === undefined ? [] : [...newest.roster.members.values()];
  const named = members.flatMap((member) => member.logs.filter((entry) => entry.log === log));
  return [...named.map(({ key }) => key), ...invitationKeys(room.membership, log)];
}
