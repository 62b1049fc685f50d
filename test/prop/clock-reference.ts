import { MAX_ANSWER } from '../../core/state/clock.ts';
import type { TimeToken } from '../../core/verify/time.ts';

/** The clocks of a world. */
export interface Clocks {
  readonly truth: number;
  readonly running: number;
}

/** What is known of a relay's answers without the clock under test. */
interface Contact {
  /** The true time at which the last answer in time came. */
  readonly at: number;
  /** For how long the host has worked since, as far as its disk can know. */
  worked: number;
  noted: number;
}

/** A second, naive account of what a host's clock must know. */
export interface Reference {
  answered(relay: number, token: TimeToken, took: number): void;
  heard(relay: number, token: TimeToken): void;
  worked(span: number): void;
  note(): void;
  /** What was not noted is lost. */
  crashed(): void;
  /** Remembers all this; the function given brings it back, as a restored disk does. */
  mark(): () => void;
  /** The offline age lies between these. */
  age(): { readonly least: number; readonly most: number };
  /** What every honest relay has said is past; null until all have said something. */
  past(): number | null;
}

/** The account of a host that has heard nothing; relays from `liars` on are honest. */
export function reference(world: Clocks, liars: number, relays: number): Reference {
  let contacts = new Map<number, Contact>();
  let past = new Map<number, number>();

  const heard = (relay: number, token: TimeToken) => {
    past.set(relay, Math.max(past.get(relay) ?? 0, token.midpoint - token.radius));
  };
  const nth = (of: (contact: Contact) => number) =>
    [...contacts.values()].map(of).sort((a, b) => a - b)[liars] ?? Number.POSITIVE_INFINITY;

  return {
    answered(relay, token, took) {
      heard(relay, token);
      if (took <= MAX_ANSWER) contacts.set(relay, { at: world.truth, worked: 0, noted: 0 });
    },
    heard,
    worked(span) {
      for (const contact of contacts.values()) contact.worked += span;
    },
    note() {
      for (const contact of contacts.values()) contact.noted = contact.worked;
    },
    crashed() {
      for (const contact of contacts.values()) contact.worked = contact.noted;
    },
    mark() {
      const kept = [...contacts].map(([relay, contact]) => [relay, { ...contact }] as const);
      const keptPast = new Map(past);
      return () => {
        contacts = new Map(kept.map(([relay, contact]) => [relay, { ...contact }]));
        past = new Map(keptPast);
      };
    },
    age: () => ({
      least: nth(({ worked }) => worked),
      most: nth(({ at }) => world.truth - at),
    }),
    past() {
      const honest = Array.from({ length: relays - liars }, (_, i) => past.get(liars + i));
      return honest.some((said) => said === undefined) ? null : Math.min(...honest.map(Number));
    },
  };
}
