import type { CommandReason } from '../../../core/engine/effect.ts';
import type { Reader } from './reader.ts';

/** The one action that helps after a denial. */
export type Remedy = 'wait' | 'holders' | 'set-user' | 'why-pending' | 'features' | 'status' | 'refresh';

interface Denial {
  /** A sentence; {0} is the feature's name, {1} what the agent says about it. */
  readonly text: string;
  /** A few words for a row. */
  readonly short: string;
  readonly remedy: Remedy;
}

/** What is said of each refusal of the agent. */
export const DENIALS = {
  'no-configuration': {
    text: 'This host has applied no version yet, so it has no seats of {0}.',
    ...{ short: 'no version applied', remedy: 'why-pending' },
  },
  'unknown-feature': {
    text: 'The applied version does not name {0}.',
    ...{ short: 'not named', remedy: 'features' },
  },
  'unknown-user': {
    text: '{0} cannot be checked out: {1}.',
    ...{ short: 'person unknown', remedy: 'set-user' },
  },
  'user-not-entitled': {
    text: 'You are not entitled to {0}: {1}.',
    ...{ short: 'not entitled', remedy: 'set-user' },
  },
  'host-not-entitled': {
    text: 'This host is not entitled to {0}: {1}.',
    ...{ short: 'host not entitled', remedy: 'status' },
  },
  'no-period': {
    text: 'No period covers {0}.',
    ...{ short: 'no period', remedy: 'status' },
  },
  'not-started': {
    text: 'The period of {0} has not begun: {1}.',
    ...{ short: 'not begun', remedy: 'status' },
  },
  expired: {
    text: 'The period of {0} is over: {1}.',
    ...{ short: 'expired', remedy: 'status' },
  },
  'not-set-up': {
    text: 'The period of {0} begins with set-up here, and this host cannot write that yet.',
    ...{ short: 'not set up', remedy: 'wait' },
  },
  'offline-too-long': {
    text: 'This host has not reached a relay for longer than it may be offline, so {0} cannot be checked out.',
    ...{ short: 'offline too long', remedy: 'status' },
  },
  restricted: {
    text: 'This host has been shut out, so {0} cannot be checked out here.',
    ...{ short: 'host shut out', remedy: 'status' },
  },
  draining: {
    text: 'A new version is about to be applied, so no seat of {0} is given until then.',
    ...{ short: 'new version coming', remedy: 'wait' },
  },
  'limit-reached': {
    text: 'A limit on {0} is used up: {1}.',
    ...{ short: 'limit used up', remedy: 'wait' },
  },
  reserved: {
    text: 'The free seats of {0} are kept for others: {1}.',
    ...{ short: 'kept for others', remedy: 'wait' },
  },
  'no-seat': {
    text: 'No seat of {0} is free.',
    ...{ short: 'no seat free', remedy: 'wait' },
  },
  'time-unknown': {
    text: 'No relay has signed the time for this host yet, and without it {0} cannot be checked out.',
    ...{ short: 'time unknown', remedy: 'wait' },
  },
  'between-terms': {
    text: 'A term of seats is just ending; {0} can be checked out again shortly.',
    ...{ short: 'term ends', remedy: 'wait' },
  },
  'no-term': {
    text: 'The voters have not opened this term of seats, so {0} has none.',
    ...{ short: 'term not open', remedy: 'wait' },
  },
  'version-behind': {
    text: 'A newer version governs the seats of {0}, and this host has not applied it.',
    ...{ short: 'version behind', remedy: 'wait' },
  },
  'unknown-class': {
    text: 'The applied version does not know the class of this host, so it has no seats of {0}.',
    ...{ short: 'class unknown', remedy: 'status' },
  },
  'not-a-member': {
    text: 'This host is not a member yet: an administrator publishes a version that names it.',
    ...{ short: 'not a member', remedy: 'status' },
  },
  'not-found': {
    text: 'It is there no longer: {1}.',
    ...{ short: 'gone', remedy: 'refresh' },
  },
  'identity-stale': {
    text: 'The data of this host is older than what it has signed; nothing is signed until it has a new key.',
    ...{ short: 'data too old', remedy: 'status' },
  },
} as const satisfies Partial<Record<CommandReason, Denial>>;

/** A denial for people: the sentence, and what helps. */
interface Told {
  readonly text: string;
  readonly remedy: Remedy;
}

/** What a refusal says of a feature. A reason of a newer agent is told in its own words. */
export function denialText(reason: string, detail: string, feature: string, { say }: Reader): Told {
  const known = denialOf(reason);
  if (known === null)
    return { text: say('The agent refused: {0}.', words(reason, detail)), remedy: 'status' };
  return { text: say(known.text, feature, words(reason, detail)), remedy: known.remedy };
}

/** The same in a few words. */
export function shortDenial(reason: string, { say }: Reader): string {
  const known = denialOf(reason);
  return known === null ? reason.replaceAll('-', ' ') : say(known.short);
}

function denialOf(reason: string): Denial | null {
  const all: Readonly<Record<string, Denial>> = DENIALS;
  return Object.hasOwn(all, reason) ? (all[reason] ?? null) : null;
}

function words(reason: string, detail: string): string {
  return detail === '' ? reason.replaceAll('-', ' ') : detail.replace(/\.$/, '');
}
