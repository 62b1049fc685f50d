import type { Signer } from '../core/ports.ts';
import { fromHex, type Seconds, seconds, toHex } from '../core/units.ts';
import { serverName } from '../core/verify/merkle.ts';
import { MAX_DELEGATION } from '../core/verify/time.ts';
import { PROFILES, type Profile, signingInput } from '../core/wire/roughtime.ts';
import { decodeRequest, type RequestReason, type TimeRequest } from '../core/wire/roughtime-request.ts';
import {
  type ConfigurationHead,
  encodeSignedTime,
  responseWriter,
  UNSYNCHRONISED,
} from '../core/wire/roughtime-response.ts';
import { type DelegatedKey, delegator } from './delegation.ts';
import { growTree } from './merkle.ts';

/** Requests under one signature: six levels of a tree keep an answer shorter than any request that is answered. */
export const MAX_BATCH = 64;
/** The radius of a synchronised relay: the least that the RFC gives to servers that are not told of leap seconds. */
export const RADIUS = 3;

/** Why a request gets no answer. */
type TimeRefusal = RequestReason | 'other-version' | 'other-server';

/** What a time keeper needs of the world. */
export interface TimeKeeperOptions {
  readonly longTerm: Signer;
  /** Makes a key that may live in memory. */
  readonly makeOnlineKey: () => Promise<Signer>;
  /** The wall clock of this machine. */
  readonly wall: () => Seconds;
  /** Whether something keeps that clock right. */
  readonly synchronised: () => boolean;
  /** The highest time ever signed: `save` resolves when it is on disk. */
  readonly mark: { load(): Promise<Seconds | null>; save(mark: Seconds): Promise<void> };
  readonly sha512: (bytes: Uint8Array) => Uint8Array;
  readonly profile?: Profile;
  /** Hears why a request gets no answer. */
  readonly refused?: (reason: TimeRefusal) => void;
  /** The length of a delegation: 30 days unless a lab's own relay says otherwise. */
  readonly delegation?: Seconds;
}

/** Answers requests for signed time, over whatever transport. */
export interface TimeKeeper {
  /** One answer per request, in order; null where there is none. A head is signed along. Throws what the keys and the mark throw. */
  answer(requests: readonly Uint8Array[], head?: ConfigurationHead | null): Promise<(Uint8Array | null)[]>;
  /** The end of the present delegation, for whoever watches the long-term key; null before the first answer. */
  delegatedUntil(): Seconds | null;
}

/** A relay's time (RFC 10049; DESIGN: time): never below its last, also after a restart, and useless by its own word when not synchronised. */
export async function timeKeeper(options: TimeKeeperOptions): Promise<TimeKeeper> {
  const { sha512, profile = PROFILES.v1 } = options;
  const name = toHex(await serverName(sha512, fromHex(options.longTerm.key)));
  const mark = highWaterMark((await options.mark.load()) ?? seconds(0), options.mark.save);
  const delegate = delegator(
    options.longTerm,
    options.makeOnlineKey,
    profile,
    options.delegation ?? MAX_DELEGATION,
  );

  function accepted(packet: Uint8Array): TimeRequest | null {
    const request = accept(packet, profile, name);
    if (typeof request !== 'string') return request;
    options.refused?.(request);
    return null;
  }

  function state(): { midpoint: Seconds; radius: number } {
    // The wall clock of an unsynchronised machine must not push the mark: no later time could be signed below it.
    if (!options.synchronised()) return { midpoint: mark.last(), radius: UNSYNCHRONISED };
    const wall = options.wall();
    const midpoint = mark.raise(seconds(Math.floor(wall)));
    // A wall clock that went back, and a mark that does not: the radius reaches from one to the other.
    const behind = Math.max(0, Math.ceil(midpoint - wall));
    return { midpoint, radius: Math.min(RADIUS + behind, UNSYNCHRONISED) };
  }

  async function batch(
    packets: readonly Uint8Array[],
    head: ConfigurationHead | null,
  ): Promise<(Uint8Array | null)[]> {
    const requests = packets.map(accepted);
    const leaves = packets.filter((_, i) => requests[i] !== null);
    if (leaves.length === 0) return requests.map(() => null);

    const { midpoint, radius } = state();
    const key: DelegatedKey = delegate.at(midpoint) ?? (await delegate.renew(midpoint));
    const tree = growTree(leaves, sha512);
    const srep = encodeSignedTime({
      version: profile.version,
      radius,
      midpoint: BigInt(midpoint),
      versions: [profile.version],
      root: tree.root,
      head,
    });
    const signature = await key.signer.sign(signingInput(profile, 'response', srep));
    // A time that was seen outside and forgotten here could be undercut after a restart.
    await mark.saved(midpoint);

    const write = responseWriter({ signature, srep, cert: key.cert }, tree.pathBytes);
    let leaf = 0;
    return requests.map((request) => {
      if (request === null) return null;
      const index = leaf++;
      return write(request.nonce, index, (out, at) => tree.path(index, out, at));
    });
  }

  return {
    async answer(requests, head = null) {
      if (requests.length <= MAX_BATCH) return batch(requests, head);
      const out: (Uint8Array | null)[] = [];
      for (let at = 0; at < requests.length; at += MAX_BATCH)
        out.push(...(await batch(requests.slice(at, at + MAX_BATCH), head)));
      return out;
    },
    delegatedUntil: () => delegate.until(),
  };
}

function accept(packet: Uint8Array, profile: Profile, name: string): TimeRequest | TimeRefusal {
  const request = decodeRequest(packet);
  if (!request.ok) return request.reason;
  if (!request.value.versions.includes(profile.version)) return 'other-version';
  if (request.value.server !== null && toHex(request.value.server) !== name) return 'other-server';
  return request.value;
}

interface Mark {
  last(): Seconds;
  /** The higher of the mark and the time given, which is the mark from now on. */
  raise(to: Seconds): Seconds;
  /** Resolves when a mark at least so high is on disk. */
  saved(at: Seconds): Promise<void>;
}

function highWaterMark(loaded: Seconds, save: (mark: Seconds) => Promise<void>): Mark {
  let mark = loaded;
  let onDisk = loaded;
  let saving: Promise<void> | null = null;

  async function write(): Promise<void> {
    const target = mark;
    try {
      await save(target);
      onDisk = target;
    } finally {
      saving = null;
    }
  }

  return {
    last: () => mark,
    raise(to) {
      if (to > mark) mark = to;
      return mark;
    },
    async saved(at) {
      while (onDisk < at) {
        saving ??= write();
        await saving;
      }
    },
  };
}
