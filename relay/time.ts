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
  /** The dialects spoken, the one that is used where a client speaks several first: only the RFC's unless told otherwise. */
  readonly profiles?: readonly Profile[];
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
  const { sha512, profiles = [PROFILES.v1] } = options;
  const name = toHex(await serverName(sha512, fromHex(options.longTerm.key)));
  const mark = highWaterMark((await options.mark.load()) ?? seconds(0), options.mark.save);
  const length = options.delegation ?? MAX_DELEGATION;
  const dialects = profiles.map((profile) => ({
    profile,
    delegate: delegator(options.longTerm, options.makeOnlineKey, profile, length),
  }));
  const versions = profiles.map(({ version }) => version).sort((a, b) => a - b);

  function accepted(packet: Uint8Array): Accepted | null {
    const request = accept(packet, dialects, name);
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
    const answers = new Array<Uint8Array | null>(packets.length).fill(null);
    for (const dialect of dialects) {
      const places = [...requests.keys()].filter((i) => requests[i]?.dialect === dialect);
      if (places.length === 0) continue;
      const { tree, write } = await signed(
        dialect,
        places.map((i) => packets[i] as Uint8Array),
        head,
      );
      places.forEach((place, leaf) => {
        const nonce = (requests[place] as Accepted).nonce;
        answers[place] = write(nonce, leaf, (out, at) => tree.path(leaf, out, at));
      });
    }
    return answers;
  }

  /** One signature over a tree of requests. */
  async function signed(
    { delegate, profile }: Dialect,
    leaves: readonly Uint8Array[],
    head: ConfigurationHead | null,
  ) {
    const { midpoint, radius } = state();
    const key: DelegatedKey = delegate.at(midpoint) ?? (await delegate.renew(midpoint));
    const tree = growTree(leaves, sha512);
    const srep = encodeSignedTime({
      ...{ version: profile.version, radius, midpoint: BigInt(midpoint), versions },
      ...{ root: tree.root, head },
    });
    const signature = await key.signer.sign(signingInput(profile, 'response', srep));
    // A time that was seen outside and forgotten here could be undercut after a restart.
    await mark.saved(midpoint);
    return { tree, write: responseWriter({ signature, srep, cert: key.cert }, tree.pathBytes) };
  }

  return {
    async answer(requests, head = null) {
      if (requests.length <= MAX_BATCH) return batch(requests, head);
      const out: (Uint8Array | null)[] = [];
      for (let at = 0; at < requests.length; at += MAX_BATCH)
        out.push(...(await batch(requests.slice(at, at + MAX_BATCH), head)));
      return out;
    },
    delegatedUntil() {
      const ends = dialects.map(({ delegate }) => delegate.until()).filter((end) => end !== null);
      return ends.length === 0 ? null : seconds(Math.min(...ends));
    },
  };
}

/** A request, with the dialect in which it is answered. */
interface Accepted extends TimeRequest {
  readonly dialect: Dialect;
}

/** A dialect, with the key that is delegated to sign in it. */
interface Dialect {
  readonly profile: Profile;
  readonly delegate: ReturnType<typeof delegator>;
}

function accept(packet: Uint8Array, dialects: readonly Dialect[], name: string): Accepted | TimeRefusal {
  const request = decodeRequest(packet);
  if (!request.ok) return request.reason;
  const { server, versions } = request.value;
  const dialect = dialects.find(({ profile }) => versions.includes(profile.version));
  if (dialect === undefined) return 'other-version';
  // Somebody expects another key here, and could believe nothing that this one signs.
  if (server !== null && toHex(server) !== name) return 'other-server';
  return { ...request.value, dialect };
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
