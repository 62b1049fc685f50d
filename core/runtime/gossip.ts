import type { Effect } from '../engine/effect.ts';
import { type Model, newestVersion } from '../engine/model.ts';
import type { Crypto } from '../ports.ts';
import type { Hash, LogId, PublicKey } from '../units.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyGossip } from '../verify/time.ts';
import { timesIn } from '../verify/time-reference.ts';
import { MAX_TIMES } from '../wire/bounds.ts';
import { hashOf } from '../wire/hash.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { decodeGossip } from '../wire/roughtime-response.ts';
import type { HostTime } from './host-time.ts';
import type { RuntimeOptions } from './options.ts';

/** Tokens of one arrival that are looked at, the newest first: whoever sends more hides what is his own. */
const MAX_HEARD = 16;

/** A record that is to be signed, and the command that wanted it. */
type Append = Pick<Extract<Effect, { kind: 'append' }>, 'record' | 'call'>;

/** Signed time on its way from host to host: it says that an instant is past, and nothing about how long (DESIGN: time). */
export interface Gossip {
  /** Takes the times that records bring along. */
  arrived(records: readonly VerifiedRecord[]): Promise<void>;
  /** Takes times in gossip form from anybody. How many said more than was known. */
  hear(times: readonly Uint8Array[]): Promise<number>;
  /**
   * The records as they are to be signed: one of heads brings the newest times along, and one that names a time by
   * reference follows one that carries it, unless this log has just done so.
   */
  tell(appends: readonly Append[]): readonly Append[];
  /** The newest time of each relay, the newest first. */
  times(): readonly Uint8Array[];
}

/** The gossip of one host. */
export function gossip(
  options: Pick<RuntimeOptions, 'clock' | 'crypto' | 'store'>,
  model: Model,
  time: HostTime,
): Gossip {
  const { clock, crypto, store } = options;
  /** The times that this host last passed on. */
  let told: ReadonlySet<Hash> = new Set();
  const times = () => time.newestOfEach().map(({ bytes }) => bytes);

  async function hear(heard: readonly Uint8Array[]): Promise<number> {
    if (heard.length === 0) return 0;
    const relays = newestVersion(model)?.roster.policy.relays ?? [];
    const known = new Map(time.newestOfEach().map(({ midpoint, relay }) => [relay, midpoint]));
    const keys = relays.map(({ key }) => key);
    const newer = await newerTimes(heard, keys, known, crypto);
    for (const token of newer) {
      time.see({ token, passive: true, at: clock.running(), boot: clock.boot() });
    }
    if (newer.length > 0) await store.batch([time.write()]);
    return newer.length;
  }

  return {
    hear,
    times,
    async arrived(records) {
      await hear(records.flatMap((record) => (record.type === 'heads' ? timesIn(record) : [])));
    },
    tell: (appends) => appends.flatMap((append) => [...carriers(append), withTimes(append)]),
  };

  function carriers({ record }: Append): readonly Append[] {
    if (record.type !== 'ack' && record.type !== 'holding') return [];
    const { time } = record.body;
    const { token } = model;
    if (time === undefined || token === null || told.has(time.token)) return [];
    told = new Set([...told, time.token]);
    const body = { whole: false, next: new Map<LogId, number>(), times: [token.bytes] };
    return [{ record: { type: 'heads', body }, call: null }];
  }

  function withTimes(append: Append): Append {
    const { call, record } = append;
    if (record.type !== 'heads') return append;
    // As many as it takes for others to believe them; what has been said is not said again.
    const liars = newestVersion(model)?.roster.policy.lyingRelays ?? 0;
    const newest = times().slice(0, Math.min(liars + 1, MAX_TIMES));
    const names = newest.map(hashOf);
    if (names.every((name) => told.has(name))) return append;
    told = new Set(names);
    return { record: { type: 'heads', body: { ...record.body, times: newest } }, call };
  }
}

/** Of these tokens, those of believed relays that say more than what is known of their relay. */
async function newerTimes(
  tokens: readonly Uint8Array[],
  relays: readonly PublicKey[],
  known: ReadonlyMap<PublicKey, number>,
  crypto: Crypto,
): Promise<readonly TimeToken[]> {
  const found = new Map<PublicKey, TimeToken>();
  for (const { bytes, midpoint } of newestFirst(tokens).slice(0, MAX_HEARD)) {
    for (const relay of relays) {
      if (midpoint <= (found.get(relay)?.midpoint ?? known.get(relay) ?? 0)) continue;
      const trust = { key: relay, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
      const verdict = await verifyGossip(crypto, bytes, trust);
      if (verdict.ok) found.set(relay, verdict.value);
      if (verdict.ok) break;
    }
  }
  return [...found.values()];
}

function newestFirst(tokens: readonly Uint8Array[]) {
  return tokens
    .flatMap((bytes) => {
      const shared = decodeGossip(bytes);
      return shared.ok ? [{ bytes, midpoint: Number(shared.value.signed.midpoint) }] : [];
    })
    .sort((a, b) => b.midpoint - a.midpoint);
}
