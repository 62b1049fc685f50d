import { no, ok, type Result } from '../result.ts';
import type { FlexnetLine } from './flexnet-lines.ts';
import { MAX_LINGER, MAX_SEATS, MAX_TIMEOUT, MIN_TIMEOUT } from './registry-schema.ts';

/** Why a line of an options file is left out, or what of it was. */
export const FLEXNET_REASONS = [
  'bad-text',
  'too-long',
  'unfinished',
  'unknown-keyword',
  'no-counterpart',
  'wrong-words',
  'not-a-number',
  'unknown-feature',
  'unknown-person',
  'unknown-host',
  'unknown-group',
  'group-cycle',
  'nobody-left',
  'feature-part',
  'not-granted',
] as const;

/** The closed set of these reasons. */
export type FlexnetReason = (typeof FLEXNET_REASONS)[number];

/** Whom a line names. */
export interface Who {
  readonly type: 'USER' | 'HOST' | 'GROUP' | 'HOST_GROUP';
  readonly name: string;
}

/** A feature as a line names it, and what narrows it down, such as `VERSION=2.0`. */
export interface FeatureSpec {
  readonly feature: string;
  readonly narrowed: readonly string[];
}

/** What a line asks for. */
export type Directive =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'group';
      readonly side: 'people' | 'hosts';
      readonly name: string;
      readonly members: readonly string[];
    }
  | { readonly kind: 'any-case'; readonly on: boolean }
  | {
      readonly kind: 'reserve' | 'max';
      readonly seats: number;
      readonly spec: FeatureSpec;
      readonly who: Who;
    }
  | { readonly kind: 'include' | 'exclude'; readonly spec: FeatureSpec | null; readonly who: Who }
  | { readonly kind: 'linger'; readonly spec: FeatureSpec; readonly seconds: number }
  | { readonly kind: 'timeout'; readonly spec: FeatureSpec | null; readonly seconds: number }
  | { readonly kind: 'overdraft'; readonly spec: FeatureSpec; readonly seats: number };

/** What a line asks for, by its keyword in any case, or why that is not known. */
export function directiveOf({ flaw, words }: FlexnetLine): Result<Directive, FlexnetReason> {
  if (words === null) return no(flaw ?? 'bad-text', FLAWS[flaw ?? 'bad-text']);
  const [first, ...rest] = words;
  if (first === undefined) return ok({ kind: 'nothing' });
  const keyword = first.toUpperCase();
  const other = NO_COUNTERPART.get(keyword);
  if (other !== undefined) return no('no-counterpart', other);
  switch (keyword) {
    case 'GROUP':
      return group('people', rest);
    case 'HOST_GROUP':
      return group('hosts', rest);
    case 'GROUPCASEINSENSITIVE':
      return anyCase(rest);
    case 'RESERVE':
      return counted('reserve', 1, rest);
    case 'MAX':
      return counted('max', 0, rest);
    case 'INCLUDE':
    case 'EXCLUDE':
      return access(keyword === 'INCLUDE' ? 'include' : 'exclude', rest);
    case 'INCLUDEALL':
    case 'EXCLUDEALL':
      return accessToAll(keyword === 'INCLUDEALL' ? 'include' : 'exclude', rest);
    case 'LINGER':
      return linger(rest);
    case 'MAX_OVERDRAFT':
      return overdraft(rest);
    case 'TIMEOUT':
      return timeout(rest);
    case 'TIMEOUTALL':
      return timeoutOfAll(rest);
    default:
      return no('unknown-keyword', `${shown(first)} is no keyword of options files`);
  }
}

const FLAWS = {
  'bad-text': 'it holds control characters, bytes that are no text, or a quote that does not end',
  'too-long': 'it is longer than any line is read',
  unfinished: 'it goes on in a next line that is not there',
} as const;

const LOGGING = 'every use is logged and reported here: leasehold lease list, agent logs';
const BORROWING = 'how long seats may be borrowed follows from the terms that the voters open';
const ENTITLEMENT = 'there are no entitlements by activation here';
const SERVER = 'it is about a licence server, and there is none here';

const NO_COUNTERPART: ReadonlyMap<string, string> = new Map([
  ['NOLOG', LOGGING],
  ['DEBUGLOG', LOGGING],
  ['REPORTLOG', LOGGING],
  ['BORROW_LOWWATER', BORROWING],
  ['MAX_BORROW_HOURS', BORROWING],
  ['INCLUDE_BORROW', BORROWING],
  ['EXCLUDE_BORROW', BORROWING],
  ['INCLUDE_ENTITLEMENT', ENTITLEMENT],
  ['EXCLUDE_ENTITLEMENT', ENTITLEMENT],
  ['ACTIVATION_LOWWATER', ENTITLEMENT],
  ['ACTIVATION_EXPIRY_DAYS', ENTITLEMENT],
  ['AUTOMATIC_REREAD', SERVER],
  ['DAEMON_SELECT_TIMEOUT', SERVER],
  ['FQDN_MATCHING', SERVER],
  ['MAX_CONNECTIONS', SERVER],
]);

function group(
  side: 'people' | 'hosts',
  [name, ...members]: readonly string[],
): Result<Directive, FlexnetReason> {
  if (name === undefined || members.length === 0) return wrongWords('NAME and its members');
  return ok({ kind: 'group', side, name, members });
}

function anyCase([on = '', ...more]: readonly string[]): Result<Directive, FlexnetReason> {
  const word = on.toUpperCase();
  if (more.length > 0 || (word !== 'ON' && word !== 'OFF')) return wrongWords('ON or OFF');
  return ok({ kind: 'any-case', on: word === 'ON' });
}

function counted(
  kind: 'reserve' | 'max',
  least: number,
  words: readonly string[],
): Result<Directive, FlexnetReason> {
  const [count, feature, type, name, ...more] = words;
  if (count === undefined || feature === undefined) return wrongWords('a number, FEATURE, TYPE and NAME');
  const seats = whole(count, least, MAX_SEATS);
  if (!seats.ok) return seats;
  const who = whoOf(type, name, more);
  return who.ok ? ok({ kind, seats: seats.value, spec: specOf(feature), who: who.value }) : who;
}

function access(kind: 'include' | 'exclude', words: readonly string[]): Result<Directive, FlexnetReason> {
  const [feature, type, name, ...more] = words;
  if (feature === undefined) return wrongWords('FEATURE, TYPE and NAME');
  const who = whoOf(type, name, more);
  return who.ok ? ok({ kind, spec: specOf(feature), who: who.value }) : who;
}

function accessToAll(
  kind: 'include' | 'exclude',
  words: readonly string[],
): Result<Directive, FlexnetReason> {
  const [type, name, ...more] = words;
  const who = whoOf(type, name, more);
  return who.ok ? ok({ kind, spec: null, who: who.value }) : who;
}

function linger([feature, count, ...more]: readonly string[]): Result<Directive, FlexnetReason> {
  if (feature === undefined || count === undefined || more.length > 0)
    return wrongWords('FEATURE and seconds');
  const seconds = whole(count, 1, MAX_LINGER);
  return seconds.ok ? ok({ kind: 'linger', spec: specOf(feature), seconds: seconds.value }) : seconds;
}

function overdraft([feature, count, ...more]: readonly string[]): Result<Directive, FlexnetReason> {
  if (feature === undefined || count === undefined || more.length > 0)
    return wrongWords('FEATURE and a number');
  const seats = whole(count, 0, MAX_SEATS);
  return seats.ok ? ok({ kind: 'overdraft', spec: specOf(feature), seats: seats.value }) : seats;
}

function timeout([feature, count, ...more]: readonly string[]): Result<Directive, FlexnetReason> {
  if (feature === undefined || count === undefined || more.length > 0)
    return wrongWords('FEATURE and seconds');
  const seconds = whole(count, MIN_TIMEOUT, MAX_TIMEOUT);
  return seconds.ok ? ok({ kind: 'timeout', spec: specOf(feature), seconds: seconds.value }) : seconds;
}

function timeoutOfAll([count, ...more]: readonly string[]): Result<Directive, FlexnetReason> {
  if (count === undefined || more.length > 0) return wrongWords('seconds');
  const seconds = whole(count, MIN_TIMEOUT, MAX_TIMEOUT);
  return seconds.ok ? ok({ kind: 'timeout', spec: null, seconds: seconds.value }) : seconds;
}

const TYPES: ReadonlySet<string> = new Set<Who['type']>(['USER', 'HOST', 'GROUP', 'HOST_GROUP']);
const OTHER_TYPES: ReadonlySet<string> = new Set(['DISPLAY', 'INTERNET', 'PROJECT', 'VENDOR_DEFINED']);

function whoOf(
  type: string | undefined,
  name: string | undefined,
  more: readonly string[],
): Result<Who, FlexnetReason> {
  const kind = type?.toUpperCase() ?? '';
  if (OTHER_TYPES.has(kind)) {
    return no('no-counterpart', `there are people and hosts here, and nothing is counted by ${kind}`);
  }
  if (!TYPES.has(kind) || name === undefined || more.length > 0) {
    return wrongWords('USER, HOST, GROUP or HOST_GROUP and one NAME at its end');
  }
  return ok({ type: kind as Who['type'], name });
}

/** A feature with what narrows it: `f`, `f:VERSION=2.0` or `f:VERSION=2.0:SIGN=ab`. */
function specOf(word: string): FeatureSpec {
  const [feature = '', ...narrowed] = word.split(':');
  return { feature, narrowed: narrowed.filter((part) => part !== '') };
}

function whole(word: string, least: number, most: number): Result<number, FlexnetReason> {
  const value = /^\d{1,9}$/.test(word) ? Number(word) : Number.NaN;
  if (value >= least && value <= most) return ok(value);
  return no('not-a-number', `expected a whole number from ${least} to ${most}, came ${shown(word)}`);
}

function wrongWords(expected: string): Result<never, FlexnetReason> {
  return no('wrong-words', `expected ${expected}`);
}

/** A word of the file in a sentence. */
export function shown(word: string): string {
  return word.length > 40 ? `${word.slice(0, 39)}…` : word;
}
