import { decideExpiry, standingsOf, type TimeStanding, WARN_BEFORE } from '../decide/expiry.ts';
import { daysFrom, type Span } from '../decide/spans.ts';
import type { Clock, Crypto, Random } from '../ports.ts';
import { loadHostTime } from '../runtime/host-time.ts';
import { isCertain } from '../state/clock.ts';
import { boundsOf } from '../state/period.ts';
import type { Roster } from '../state/roster.ts';
import { fromHex, isPublicKey, type PublicKey, type Seconds, seconds, toHex } from '../units.ts';
import type { Sha512 } from '../verify/merkle.ts';
import { askTime, type Post } from './ask-time.ts';
import { earliestSetUp, setUpText } from './kept-set-up.ts';

/** Where the evidence is kept between starts; `localStorage` is one. */
export interface StartStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
}

/** When a program may be used: from a date to a date as in a registry, or for days from set-up within such dates. */
export interface StartPeriod {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly days?: number | undefined;
}

/** What a program asks that wants to know no more than whether it may start. */
export interface StartQuestion {
  readonly period: StartPeriod;
  /** Whose signed time is believed: where each is asked (ws, wss, http or https), and its long-term key, 64 hex digits. */
  readonly relays: readonly { readonly url: string; readonly key: string }[];
  /** How many of them may lie; 0 unless given, and it takes 2f + 1 relays. */
  readonly liars?: number;
  /** Seconds of running without an answer after which it may not start; 14 days unless given. */
  readonly maxOffline?: number;
  /** Seconds for which answers are awaited; 5 unless given. */
  readonly timeout?: number;
  /** Set-ups kept elsewhere, as answers had them: the earliest counts, so that wiping the storage begins nothing again. */
  readonly setUps?: readonly string[];
}

/** Whether it may start, why, and when that changes. */
export interface StartAnswer extends TimeStanding {
  /** What to tell a user though it may start. */
  readonly warnings: readonly TimeStanding[];
  /** The end of the period that governs, in seconds since 1970; null where it may not start. */
  readonly end: number | null;
  /** The signed time of set-up, to be kept where wiping does not reach; null without a period by days. */
  readonly setUp: string | null;
}

/** What the question is answered with. */
export interface StartPorts {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly sha512: Sha512;
  readonly storage: StartStorage;
  readonly post: Post;
}

const TIME = 'leasehold-time';
const SET_UP = 'leasehold-set-up';
const MAX_OFFLINE = 14 * 86_400;
const TIMEOUT = 5;

/**
 * Whether a program may start, by signed time alone: never by the wall clock (DESIGN: time). Asks every relay once; what
 * is kept is their tokens, verified again each time. Throws TypeError for a question of wrong form, and what the storage throws.
 */
export async function mayStart(question: StartQuestion, ports: StartPorts): Promise<StartAnswer> {
  const { maxOffline = MAX_OFFLINE, timeout = TIMEOUT } = question;
  const bounds = readPeriod(question.period);
  const roster = readRelays(question);
  const { relays } = roster.policy;
  const believed = new Set(relays.map(({ key }) => key));
  const stored = await ports.storage.getItem(TIME);
  const time = await loadHostTime(stored === null ? undefined : fromHex(stored), believed, ports);
  const answers = await Promise.all(relays.map((relay) => askTime(relay, ports, timeout)));
  for (const answer of answers) if (answer !== null) time.see(answer);
  const view = time.view(roster, null);
  await ports.storage.setItem(TIME, toHex(time.write().value ?? new Uint8Array()));

  const { days } = question.period;
  const token = isCertain(view, roster.policy.lyingRelays) ? time.newest(view.lower) : null;
  // Nothing begins before it may, nor is used up by being asked for.
  const begins = token !== null && holds(bounds, token.midpoint - token.radius) ? token : null;
  const found = days === undefined ? null : await setUpOf(question, ports, believed, begins);
  const canBegin = view.lower !== null && holds(bounds, view.lower);
  const awaitsSetUp = days !== undefined && found === null && canBegin;
  const spans = days === undefined || found === null ? [bounds] : daysFrom(found.at, days, bounds);
  const limit = seconds(maxOffline);
  const decision = decideExpiry({
    ...{ spans: awaitsSetUp ? [] : spans, awaitsSetUp, time: view },
    ...{ maxOffline: limit, warnBefore: WARN_BEFORE },
  });
  const [first, ...rest] = standingsOf(decision);
  if (first === undefined) throw new TypeError('a decision without a standing');
  return {
    ...first,
    // Without another answer the time that it may be offline can be over before the period is.
    changesAt: decision.changesAt,
    warnings: decision.allow && first.state !== 'open' ? [first, ...rest] : [],
    end: decision.allow ? decision.end : null,
    setUp: found?.text ?? null,
  };
}

/** The earliest set-up that is known here; without one, `begins` is it, and is kept before anything starts by it. */
async function setUpOf(
  { setUps = [] }: StartQuestion,
  { crypto, storage }: StartPorts,
  believed: ReadonlySet<PublicKey>,
  begins: Parameters<typeof setUpText>[0] | null,
): Promise<{ readonly at: Seconds; readonly text: string } | null> {
  const kept = await storage.getItem(SET_UP);
  const known = [...(kept === null ? [] : [kept]), ...setUps];
  const texts = begins === null ? known : [...known, setUpText(begins)];
  // One from the future is later than what begins now, and so never the earliest; until then nothing starts by it.
  const earliest = await earliestSetUp(texts, believed, crypto);
  if (earliest !== null && earliest.text !== kept) await storage.setItem(SET_UP, earliest.text);
  return earliest;
}

function holds({ from, until }: Span, instant: number): boolean {
  return from <= instant && instant < until;
}

function readPeriod(period: StartPeriod): Span {
  const { from, until } = boundsOf(period);
  const { days } = period;
  if (from === null || until === null) throw new TypeError('a period has dates such as 2030-12-31');
  if (days === undefined && (period.from === undefined || period.until === undefined))
    throw new TypeError('a period has from and until, or days');
  if (days !== undefined && !(days > 0)) throw new TypeError('a period has a number of days above 0');
  return { from, until };
}

/** The relays as a roster has them, without anything else. */
function readRelays({ liars = 0, relays }: StartQuestion): Roster {
  const known = relays.map(({ key, url }) => {
    if (!isPublicKey(key)) throw new TypeError(`the key of ${url} is not 64 lowercase hex digits`);
    return { url, key };
  });
  if (known.length < 2 * liars + 1) throw new TypeError(`${liars} lying relays take ${2 * liars + 1} in all`);
  const policy = { issuers: 1, liars: 0, lyingRelays: liars, apply: 'idle', deadline: null } as const;
  const recovery = { keys: [], threshold: 1 };
  return { members: new Map(), policy: { ...policy, classes: new Map(), relays: known, recovery } };
}
