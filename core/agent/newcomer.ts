import type { CloseReason } from '../wire/close-codes.ts';

/** Why a relay does not take a newcomer's first record. */
export type JoinRefusal =
  | 'invitation-not-accepted'
  | 'invitation-unknown'
  | 'invitation-expired'
  | 'record-refused'
  | 'relay-refuses';

/** What a relay makes of a newcomer's first record. */
export type JoinVerdict =
  | { readonly state: 'kept' }
  | { readonly state: 'refused'; readonly reason: JoinRefusal; readonly text: string };

/** Whether a join may still be taken by itself: a relay may get the invitation, or begin to serve the realm, later. */
export function mayStillBeTaken(join: JoinVerdict | { readonly state: 'waiting' }): boolean {
  if (join.state !== 'refused') return join.state === 'waiting';
  return join.reason === 'invitation-unknown' || join.reason === 'relay-refuses';
}

/** How one relay meets a newcomer: by which of its two keys the relay knows it, and what becomes of its first record. */
export interface Newcomer {
  /** Whether the one-time key answers the next challenge, rather than the log's own. */
  readonly usesOnce: boolean;
  /** Null while the relay has not said. */
  verdict(): JoinVerdict | null;
  connected(): void;
  challenged(): void;
  welcomed(): void;
  /** The relay has shown how many logs it holds, and how many records of the newcomer's. */
  shown(logs: number, own: number): void;
  /** The relay has confirmed so many records of the newcomer's log. */
  confirmed(own: number): void;
  /** The relay has refused the first record. */
  recordRefused(text: string): void;
  /** The relay has ended the connection for good. True if the other key is worth trying at once. */
  turnedAway(reason: CloseReason | null, sentence: string): boolean;
}

const UNKNOWN_HERE: ReadonlySet<CloseReason> = new Set<CloseReason>(['not-authenticated', 'not-a-member']);

const WORDS = {
  // The relay says no more than that the key is another: it may be a host's, or an invitation's that this text is not.
  'invitation-not-accepted':
    'the relay knows another key in its place: a host has used it already, or it is not as it was issued; ask for a new one',
  'invitation-unknown':
    'the relay knows no such invitation: it was withdrawn, or the host that made it has not reached the relay since',
  'invitation-expired': 'the invitation has expired; ask for a new one',
} as const;

/** A newcomer whose log the ledger may hold already. `expired` is whether signed time is past the invitation's end. */
export function newcomerAt(hasBegun: boolean, expired: () => boolean): Newcomer {
  let usesOnce = !hasBegun;
  let verdict: JoinVerdict | null = null;
  let isChallenged = false;
  let isWelcome = false;
  const turnedAwayAs = new Map<'once' | 'own', CloseReason>();

  function refuse(reason: JoinRefusal, text: string): void {
    verdict = { state: 'refused', reason, text };
  }

  return {
    get usesOnce() {
      return usesOnce;
    },
    verdict() {
      // Signed time may come after the refusal that it explains.
      const isLate = verdict?.state === 'refused' && verdict.reason === 'record-refused' && expired();
      return isLate
        ? { state: 'refused', reason: 'invitation-expired', text: WORDS['invitation-expired'] }
        : verdict;
    },
    connected() {
      isChallenged = false;
      isWelcome = false;
    },
    challenged() {
      isChallenged = true;
    },
    welcomed() {
      isWelcome = true;
      turnedAwayAs.clear();
      if (verdict?.state === 'refused') verdict = null;
    },
    shown(logs, own) {
      // A relay that takes any realm lets everybody in who asks for one that it does not hold.
      if (logs === 0 && !isWelcome) refuse('relay-refuses', 'it holds nothing of this realm');
      if (own > 0) usesOnce = false;
      // Whoever holds the log under another key would not have been made welcome.
      if (own > 0 && isWelcome) verdict = { state: 'kept' };
    },
    confirmed(own) {
      if (own > 0) verdict = { state: 'kept' };
    },
    recordRefused(text) {
      refuse('record-refused', `the relay refuses the first record of this host: ${text}`);
    },
    turnedAway(reason, sentence) {
      if (reason === null || !UNKNOWN_HERE.has(reason) || !isChallenged) {
        refuse('relay-refuses', sentence);
        return false;
      }
      // A relay may have got the newcomer's first record meanwhile, or not yet: it knows one of the two keys.
      turnedAwayAs.set(usesOnce ? 'once' : 'own', reason);
      usesOnce = !usesOnce;
      if (turnedAwayAs.size < 2) return true;
      // A relay that gets the invitation between the two questions knows it by then: the next round will tell.
      const isOther = [...turnedAwayAs.values()].every((given) => given === 'not-authenticated');
      const known = isOther ? 'invitation-not-accepted' : 'invitation-unknown';
      refuse(known, WORDS[known]);
      turnedAwayAs.clear();
      return false;
    },
  };
}
