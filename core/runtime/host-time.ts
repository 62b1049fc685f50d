import type { Clock, Crypto, StoreWrite } from '../ports.ts';
import {
  type ClockEvidence,
  elapse,
  emptyClock,
  evidence,
  forget,
  type HostClock,
  now,
  restore,
  type StoredWitness,
  type TimeView,
  type Witness,
  witness,
} from '../state/clock.ts';
import type { Roster } from '../state/roster.ts';
import { type PublicKey, type Seconds, seconds } from '../units.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyGossip } from '../verify/time.ts';
import { decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { PROFILES } from '../wire/roughtime.ts';
import {
  bytes,
  decodeShape,
  fields,
  flag,
  integer,
  list,
  nullable,
  publicKey,
  type Shaped,
  text,
} from '../wire/shape.ts';

/** The key under which the evidence of time stands. */
export const TIME_KEY = 'time';

const MAX_WITNESSES = 1024;
const MAX_TOKEN_BYTES = 4096;

// Running times are kept in whole milliseconds: CBOR here has no fractions.
const witnessShape = fields({
  relay: publicKey,
  token: bytes({ max: MAX_TOKEN_BYTES }),
  passive: flag,
  sent: integer(),
  received: integer(),
  boot: nullable(text(128)),
  age: nullable(integer(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)),
  passed: integer(),
});
const evidenceShape = fields({
  boot: nullable(text(128)),
  seen: integer(),
  witnesses: list(witnessShape, MAX_WITNESSES),
});

/** A host's clock: evidence in, an interval out. The only state is the evidence. */
export interface HostTime {
  /** Takes a verified token into account; unknown relays are for the caller to refuse. */
  see(seen: Witness): void;
  /** The interval of now, under a roster's policy and the host's class. */
  view(roster: Roster | null, hostClass: string | null): TimeView;
  /** The newest token whose time has certainly passed at this lower bound; null without one. */
  newest(lower: Seconds | null): TimeToken | null;
  /** The answer of each relay to this host that names the newest version: a gossiped token may speak of another realm's. */
  answers(): readonly TimeToken[];
  /** The newest token of each relay, the newest first. */
  newestOfEach(): readonly TimeToken[];
  /** The write that keeps the evidence. */
  write(): StoreWrite;
}

/** A host's clock from what was stored; each token is verified again, and those of relays that are no longer believed are dropped. */
export async function loadHostTime(
  stored: Uint8Array | undefined,
  believed: ReadonlySet<PublicKey>,
  ports: { readonly clock: Clock; readonly crypto: Crypto },
): Promise<HostTime> {
  const { clock, crypto } = ports;
  let host: HostClock =
    stored === undefined ? emptyClock() : restore(await readEvidence(stored, believed, crypto));
  return {
    see: (seen) => {
      host = witness(host, seen);
    },
    view: (roster, hostClass) => {
      const rtc = hostClass !== null && roster?.policy.classes.get(hostClass)?.clock === 'rtc';
      const liars = roster?.policy.lyingRelays ?? 0;
      const running = clock.running();
      host = elapse(host, running, clock.boot());
      // A relay that once said the year 9999 is got rid of by taking it out of the roster.
      const believed = roster === null ? null : new Set(roster.policy.relays.map(({ key }) => key));
      for (const relay of host.relays.keys()) if (believed?.has(relay) === false) host = forget(host, relay);
      return now(host, { running, boot: clock.boot(), wall: clock.wall(), liars, rtc });
    },
    newest: (lower) => newestBefore(host, lower),
    answers: () => [...host.relays.values()].flatMap(({ ahead }) => ahead?.token ?? []),
    newestOfEach() {
      const newest = new Map<PublicKey, TimeToken>();
      for (const { token } of evidence(host).witnesses) {
        if (token.midpoint >= (newest.get(token.relay)?.midpoint ?? 0)) newest.set(token.relay, token);
      }
      return [...newest.values()].sort((a, b) => b.midpoint - a.midpoint);
    },
    write: () => ({ key: TIME_KEY, value: encodeCbor(evidenceShape.encode(toStored(evidence(host)))) }),
  };
}

// One of a lying relay may be of a time to come, while the lower bound of them all is right.
function newestBefore({ relays }: HostClock, lower: Seconds | null): TimeToken | null {
  let newest: TimeToken | null = null;
  for (const { floor } of relays.values()) {
    const at = floor.seen.token.midpoint - floor.seen.token.radius;
    if (lower === null || at > lower) continue;
    if (newest === null || at > newest.midpoint - newest.radius) newest = floor.seen.token;
  }
  return newest;
}

function toStored(kept: ClockEvidence): Shaped<typeof evidenceShape> {
  return {
    boot: kept.boot,
    seen: milliseconds(kept.seen),
    witnesses: kept.witnesses.map((seen) => ({
      relay: seen.token.relay,
      token: seen.token.bytes,
      passive: seen.passive === true,
      sent: milliseconds(seen.passive === true ? seen.at : seen.sentAt),
      // Sending is rounded down and receipt up: both bounds give way a little, and stay true.
      received: Math.ceil((seen.passive === true ? seen.at : seen.receivedAt) * 1000),
      boot: seen.boot,
      age: seen.ageAtZero === null ? null : Math.ceil(seen.ageAtZero * 1000),
      passed: milliseconds(seen.passed),
    })),
  };
}

function milliseconds(value: number): number {
  return Math.max(0, Math.floor(value * 1000));
}

async function readEvidence(
  stored: Uint8Array,
  believed: ReadonlySet<PublicKey>,
  crypto: Crypto,
): Promise<ClockEvidence> {
  const decoded = decodeCbor(stored);
  const kept = decoded.ok ? decodeShape(evidenceShape, decoded.value) : decoded;
  // Evidence that cannot be read is no evidence; the next answer of a relay starts anew.
  if (!kept.ok) return { boot: null, seen: seconds(0), witnesses: [] };
  const witnesses: StoredWitness[] = [];
  for (const seen of kept.value.witnesses) {
    if (!believed.has(seen.relay)) continue;
    const token = await readToken(seen.token, seen.relay, crypto);
    if (token === null) continue;
    const ageAtZero = seen.age === null ? null : seconds(seen.age / 1000);
    const [sentAt, receivedAt] = [seconds(seen.sent / 1000), seconds(seen.received / 1000)];
    const rest = { boot: seen.boot, ageAtZero, passed: seconds(seen.passed / 1000) };
    witnesses.push(
      seen.passive
        ? { token, passive: true, at: receivedAt, ...rest }
        : { token, sentAt, receivedAt, ...rest },
    );
  }
  return { boot: kept.value.boot, seen: seconds(kept.value.seen / 1000), witnesses };
}

/** Verifies a token in its gossip form under a relay's long-term key; null if it does not. */
async function readToken(token: Uint8Array, relay: PublicKey, crypto: Crypto): Promise<TimeToken | null> {
  const trust = { key: relay, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
  const verdict = await verifyGossip(crypto, token, trust);
  return verdict.ok ? verdict.value : null;
}
