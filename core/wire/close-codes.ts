/**
 * Every close code that a relay sends, with its meaning in one sentence; both ends read this table.
 * y-websocket takes 4400 to 4499 as final and comes back after any other (DESIGN 5).
 */
export const CLOSE_CODES = {
  'bad-frame': { code: 4400, sentence: 'a frame was not a message of this protocol' },
  'not-authenticated': { code: 4401, sentence: 'the token or the answer to the challenge was refused' },
  'not-a-member': { code: 4403, sentence: 'this log is not a member of the room' },
  'unknown-room': { code: 4404, sentence: 'the relay does not serve this room' },
  'hello-timeout': { code: 4408, sentence: 'no token and no answer to the challenge came in time' },
  'room-closed': { code: 4410, sentence: 'the room has been closed; a newer epoch has its own' },
  'too-large': { code: 4413, sentence: 'a frame was larger than the relay accepts' },
  'refused-update': { code: 4422, sentence: 'an update was not one that appends valid records' },
  'protocol-version': { code: 4426, sentence: 'the relay does not speak this protocol version' },
  failure: { code: 4500, sentence: 'the relay failed; try again' },
  'shutting-down': { code: 4503, sentence: 'the relay is shutting down; try again' },
  'slow-reader': { code: 4508, sentence: 'the connection read too slowly; try again' },
  'full-room': { code: 4513, sentence: 'the relay has no room for another connection; try again later' },
  'rate-limit': { code: 4529, sentence: 'too many messages came at once; try again later' },
} as const satisfies Readonly<Record<string, { code: number; sentence: string }>>;

/** The name of a reason to close. */
export type CloseReason = keyof typeof CLOSE_CODES;

const BY_CODE: ReadonlyMap<number, CloseReason> = new Map(
  (Object.keys(CLOSE_CODES) as CloseReason[]).map((reason) => [CLOSE_CODES[reason].code, reason]),
);

/** The reason that a close code stands for; null for one that is not in the table, such as 1006. */
export function closeReason(code: number): CloseReason | null {
  return BY_CODE.get(code) ?? null;
}
