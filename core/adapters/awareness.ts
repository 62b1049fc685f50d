import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Clock } from '../ports.ts';
import { type LogId, seconds } from '../units.ts';
import { type Presence, readPresence, writePresence } from '../wire/presence.ts';
import { readWord } from './awareness-word.ts';

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

/** Who says what is said here: this host's log, and a random name of this process. */
interface Speaker {
  readonly log: LogId;
  readonly run: string;
}

/** What a board tells its agent. */
interface BoardEvents {
  /** This host has something to say to the relays. */
  send(update: Uint8Array): void;
  /** Others said something. */
  changed(): void;
  /** Another process says under this host's log that it has heard this one: it seems to live on a copy of the data directory. */
  twin(): void;
}

/** Clients whose presence is kept; a relay may invent as many as it likes. */
const MAX_PRESENT = 10_000;
/** Clocks above this are not overtaken: the largest that can be written would silence this host at every relay. */
const MAX_CLOCK = 2 ** 52;
/** Running time between two words that overtake another at once: two processes under one log would race each other. */
const OVERTAKE_EVERY = seconds(15);
/** Running time between two words that answer a process not met before: whoever invents some costs little. */
const MEET_EVERY = seconds(1);
/** Other processes under this host's log that a word names. */
const MAX_MET = 4;
/** The origin of updates that came from a relay, which are not sent back. */
const RELAY = 'relay';

/** A board under the client id of this host's log, in the form of y-protocols. */
export function awarenessBoard(
  { log, run }: Speaker,
  clock: Pick<Clock, 'wall' | 'running'>,
  on: BoardEvents,
): AwarenessBoard {
  const doc = new Y.Doc();
  doc.clientID = log;
  const awareness = new Awareness(doc);
  awareness.setLocalState(null);
  // Peers ignore what is not newer than the last word of the process before this one (in milliseconds, as nobody says so much).
  raise(Math.floor(clock.wall() * 1000));
  let state: object | null = null;
  let met: readonly string[] = [];
  let overtook = Number.NEGATIVE_INFINITY;
  let answered = Number.NEGATIVE_INFINITY;

  awareness.on('update', ({ removed }: { readonly removed: readonly number[] }, origin: unknown) => {
    forget(removed);
    if (origin === 'local') on.send(encodeAwarenessUpdate(awareness, [log]));
    else on.changed();
  });

  function raise(to: number): void {
    const was = awareness.meta.get(log);
    awareness.meta.set(log, { clock: Math.max(to, was?.clock ?? 0), lastUpdated: was?.lastUpdated ?? 0 });
  }

  // y-protocols would keep the clock of a last word for ever: whoever comes back with a clock turned back would not be heard.
  function forget(clients: readonly number[]): void {
    for (const client of clients) {
      if (client !== log && !awareness.states.has(client)) awareness.meta.delete(client);
    }
  }

  const saying = (of: object) => ({ ...of, run, met });

  function speak(): void {
    if (state !== null) awareness.setLocalState(saying(state));
  }

  // Kept from y-protocols, which would take it for this host's own state.
  function hearOwn(entry: Presence): void {
    const word = readWord(entry.state);
    if (word === null || entry.clock > MAX_CLOCK) return;
    const other = word === 'gone' || word.run === run ? null : word;
    const own = awareness.meta.get(log)?.clock ?? 0;
    const isOvertaken = entry.clock > own || (entry.clock === own && (other !== null || word === 'gone'));
    raise(entry.clock);
    const now = clock.running();
    const overtakes = isOvertaken && now - overtook >= OVERTAKE_EVERY;
    if (overtakes) overtook = now;
    const answers = other !== null && meet(other.run) && now - answered >= MEET_EVERY;
    if (answers) answered = now;
    if (overtakes || answers) speak();
    // After the answer: the other process must hear that it was met before it sees what is signed on that.
    if (other?.met.includes(run)) on.twin();
  }

  /** Whether a process under this host's log has not been met before. */
  function meet(other: string): boolean {
    if (met.includes(other)) return false;
    met = [...met, other].slice(-MAX_MET);
    // What is said again by itself names it, too.
    if (state !== null) awareness.states.set(log, saying(state));
    return true;
  }

  return {
    say(said) {
      state = said;
      if (state === null) awareness.setLocalState(null);
      else speak();
    },
    own: () => (awareness.getLocalState() === null ? null : encodeAwarenessUpdate(awareness, [log])),
    take(update) {
      const entries = readPresence(update);
      if (!entries.ok) return;
      for (const entry of entries.value) if (entry.client === log) hearOwn(entry);
      if (awareness.states.size >= MAX_PRESENT) return;
      const others = entries.value.filter(({ client }) => client !== log);
      try {
        applyAwarenessUpdate(awareness, writePresence(others), RELAY);
      } catch {
        // A relay that sends nonsense says nothing; what it can break is a hint.
      }
      forget(others.map(({ client }) => client));
    },
    others: () => new Map([...awareness.states].filter(([client]) => client !== log)),
    close() {
      awareness.destroy();
      doc.destroy();
    },
  };
}
