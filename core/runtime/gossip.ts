import type { NewRecord } from '../engine/effect.ts';
import { type Model, newestVersion } from '../engine/model.ts';
import type { Crypto } from '../ports.ts';
import { type PublicKey, toHex } from '../units.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyGossip } from '../verify/time.ts';
import { MAX_TIMES } from '../wire/bounds.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { decodeGossip } from '../wire/roughtime-response.ts';
import type { HostTime } from './host-time.ts';
import type { RuntimeOptions } from './options.ts';

/** Tokens of one arrival that are looked at, the newest first: whoever sends more hides what is his own. */
const MAX_HEARD = 16;

/** Signed time on its way from host to host: it says that an instant is past, and nothing about how long (DESIGN: time). */
export interface Gossip {
  /** Takes the times that records bring along. */
  arrived(records: readonly VerifiedRecord[]): Promise<void>;
  /** Takes times in gossip form from anybody. How many said more than was known. */
  hear(times: readonly Uint8Array[]): Promise<number>;
  /** The record as it is to be signed: one of heads brings the newest times along. */
  tell(record: NewRecord): NewRecord;
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
  let told = '';
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
      await hear(records.flatMap((record) => (record.type === 'heads' ? (record.body.times ?? []) : [])));
    },
    tell(record) {
      if (record.type !== 'heads') return record;
      // As many as it takes for others to believe them; what has been said is not said again.
      const liars = newestVersion(model)?.roster.policy.lyingRelays ?? 0;
      const newest = times().slice(0, Math.min(liars + 1, MAX_TIMES));
      const names = newest.map(toHex).join();
      if (newest.length === 0 || names === told) return record;
      told = names;
      return { type: 'heads', body: { ...record.body, times: newest } };
    },
  };
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
