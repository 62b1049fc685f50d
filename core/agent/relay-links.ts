import { newestVersion } from '../engine/model.ts';
import type { PublicKey, Seconds } from '../units.ts';
import type { JoinVerdict } from './newcomer.ts';
import type { RelayReport } from './protocol.ts';
import type { KnownRelay } from './realm-file.ts';
import { type RelayLink, type RelayLinkOptions, relayLink } from './relay-link.ts';

/** All links of an agent: to the relays that it was told of and to those that the newest roster names. */
export interface RelayLinks {
  publish(bytes: Uint8Array): void;
  /** Tells all relays who is present here. */
  present(update: Uint8Array): void;
  /** To be called about once a second. */
  tick(): void;
  /** How all links stand, the best first. */
  shown(): readonly RelayReport[];
  /** What relays make of a newcomer's first record: one that keeps it is enough. Null while none has said. */
  join(): JoinVerdict | null;
  remarks(): readonly string[];
  signedBy(relay: PublicKey): Seconds | null;
  close(): Promise<void>;
}

/** What all links have in common, and the relays that this host was told of. */
interface RelayLinksOptions extends Omit<RelayLinkOptions, 'relay' | 'forward'> {
  readonly relays: readonly KnownRelay[];
}

const BEST_FIRST: readonly RelayReport['state'][] = [
  'synced',
  'connected',
  'connecting',
  'disconnected',
  'refused',
];

/** A relay in one of these states may still say something. */
const STILL_ASKED: ReadonlySet<RelayReport['state']> = new Set<RelayReport['state']>([
  'connecting',
  'connected',
  'synced',
  'refused',
]);

/** Opens the links, and keeps them in step with the newest roster. */
export function relayLinks(options: RelayLinksOptions): RelayLinks {
  const { model } = options.runtime;
  const links = new Map<string, RelayLink>();
  const closing = new Set<Promise<void>>();
  let roster: unknown = null;

  function follow(): void {
    const newest = newestVersion(model);
    if (roster !== null && roster === newest?.roster) return;
    roster = newest?.roster ?? null;
    if (newest !== null) options.chain.believe(new Set(newest.roster.policy.relays.map(({ key }) => key)));
    const wanted = wantedRelays(options.relays, newest?.roster.policy.relays ?? null);
    for (const [url, link] of links) {
      if (wanted.get(url)?.key === link.key) continue;
      links.delete(url);
      const gone = link.close().finally(() => closing.delete(gone));
      closing.add(gone);
    }
    for (const [url, relay] of wanted) {
      if (!links.has(url)) links.set(url, relayLink({ ...options, relay, forward }));
    }
  }

  function forward(bytes: Uint8Array, from: RelayLink): void {
    for (const link of links.values()) if (link !== from) link.publish(bytes);
  }

  follow();
  return {
    publish(bytes) {
      for (const link of links.values()) link.publish(bytes);
    },
    present(update) {
      for (const link of links.values()) link.present(update);
    },
    tick() {
      follow();
      for (const link of links.values()) link.tick();
    },
    shown: () => [...links.values()].sort((a, b) => rank(a) - rank(b)).map((link) => link.report()),
    join() {
      const all = [...links.values()];
      const verdicts = all.map((link) => link.join());
      const kept = verdicts.find((verdict) => verdict?.state === 'kept');
      const open = all.some((link) => link.join() === null && STILL_ASKED.has(link.report().state));
      return kept ?? (open ? null : (verdicts.find((verdict) => verdict !== null) ?? null));
    },
    remarks: () => [...links.values()].flatMap((link) => link.remarks()),
    signedBy(relay) {
      const times = [...links.values()].filter(({ key }) => key === relay).map((link) => link.signed());
      return times.reduce((a, b) => (a === null || (b ?? 0) > a ? b : a), null);
    },
    async close() {
      await Promise.all([...closing, ...[...links.values()].map((link) => link.close())]);
    },
  };
}

function rank(link: RelayLink): number {
  return BEST_FIRST.indexOf(link.report().state);
}

/** Relays by address. Once a roster is known, it alone says whose time is believed. */
function wantedRelays(
  told: readonly KnownRelay[],
  roster: readonly { readonly url: string; readonly key: PublicKey }[] | null,
): ReadonlyMap<string, KnownRelay> {
  const wanted = new Map(told.map((relay) => [relay.url, roster === null ? relay : { ...relay, key: null }]));
  for (const { key, url } of roster ?? []) {
    const known = wanted.get(url) ?? { url, token: null, register: null };
    wanted.set(url, { ...known, key });
  }
  return wanted;
}
