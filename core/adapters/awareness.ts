import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { LogId } from '../units.ts';

/** Who is present in a room, by what they say of themselves: a hint to show and to ask by, never evidence (DESIGN: the wire). */
export interface AwarenessBoard {
  /** Says something of this host to all who are present, or null to be gone. */
  say(state: object | null): void;
  /** What this host says, for a relay that has not heard it. */
  own(): Uint8Array | null;
  /** Takes what a relay handed on. Whatever is no awareness update changes nothing. */
  take(update: Uint8Array): void;
  /** What others said within the last half minute, by client id; nobody has looked at its form. */
  others(): ReadonlyMap<number, unknown>;
  close(): void;
}

/** Clients whose presence is kept; a relay may invent as many as it likes. */
const MAX_PRESENT = 10_000;
/** The origin of updates that came from a relay, which are not sent back. */
const RELAY = 'relay';

/** A board under the client id of this host's log, in the form of y-protocols. `send` gets what this host says, `changed` hears of others. */
export function awarenessBoard(
  log: LogId,
  on: { send(update: Uint8Array): void; changed(): void },
): AwarenessBoard {
  const doc = new Y.Doc();
  doc.clientID = log;
  const awareness = new Awareness(doc);
  awareness.setLocalState(null);
  awareness.on('update', (_: unknown, origin: unknown) => {
    if (origin === 'local') on.send(encodeAwarenessUpdate(awareness, [log]));
    else on.changed();
  });
  return {
    say: (state) => awareness.setLocalState(state),
    own: () => (awareness.getLocalState() === null ? null : encodeAwarenessUpdate(awareness, [log])),
    take(update) {
      if (awareness.states.size >= MAX_PRESENT) return;
      try {
        applyAwarenessUpdate(awareness, update, RELAY);
      } catch {
        // A relay that sends nonsense says nothing; what it can break is a hint.
      }
    },
    others: () => new Map([...awareness.states].filter(([client]) => client !== log)),
    close() {
      awareness.destroy();
      doc.destroy();
    },
  };
}
