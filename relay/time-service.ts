import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createIdentity, listIdentities, signerFromFile } from '../core/adapters/identity-file.ts';
import { systemRandom } from '../core/adapters/random.ts';
import { sha512 } from '../core/adapters/sha512-node.ts';
import type { Clock, Signer, Store } from '../core/ports.ts';
import { type PublicKey, toHex } from '../core/units.ts';
import { PROFILES } from '../core/wire/roughtime.ts';
import { type AskSystem, watchClock } from './clock-watch.ts';
import type { Counts } from './counts.ts';
import { type TimeKeeper, timeKeeper } from './time.ts';
import { greased } from './time-grease.ts';
import { timeMark } from './time-mark.ts';

/** What vouches for this machine's clock: the operator, the kernel's state as timedatectl reads it, systemd-timesyncd's mark, or nothing, so that no time is signed. */
export const TIME_SOURCES = ['system', 'timedatectl', 'timesyncd', 'off'] as const;
type TimeSource = (typeof TIME_SOURCES)[number];

/** What systemd-timesyncd touches when it has set the clock since boot. */
const TIMESYNCD_MARK = '/run/systemd/timesync/synchronized';
const SPKI_BYTES_BEFORE_KEY = 12;

/** The long-term key of the relay's signed time in this directory; made through @peculiar/webcrypto when there is none. */
export async function longTermKey(directory: string): Promise<PublicKey> {
  const [first] = await listIdentities(directory);
  const entry = first ?? (await createIdentity(directory, { passphrase: null }));
  return entry.container.publicKey;
}

/** What signed time needs. */
interface TimeOptions {
  readonly config: TimeSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly counts: Counts;
  /** What timedatectl is asked by, where it is. */
  readonly askSystem?: AskSystem;
}

/** Signed time that runs. */
interface TimeService {
  readonly keeper: TimeKeeper;
  readonly key: PublicKey;
  /** Whether this machine's clock counts as right at the moment. */
  synchronised(): boolean;
  stop(): void;
}

/** The settings that concern it. */
interface TimeSettings {
  readonly 'data-dir': string;
  readonly 'time-mark': string | null;
  readonly time: Exclude<TimeSource, 'off'>;
  readonly 'time-interop': 'off' | 'draft';
  readonly 'time-grease': number;
}

/** Starts to keep signed time under the directory's long-term key. */
export async function startTime({
  config,
  store,
  clock,
  counts,
  askSystem,
}: TimeOptions): Promise<TimeService> {
  const directory = config['data-dir'];
  const key = await longTermKey(directory);
  const watch = config.time === 'timedatectl' ? await watchClock(askSystem) : null;
  const synchronised = watch?.synchronised ?? (() => config.time === 'system' || existsSync(TIMESYNCD_MARK));
  const keeper = await timeKeeper({
    longTerm: await signerFromFile(directory, key, null),
    makeOnlineKey: async () => onlineKey(),
    wall: () => clock.wall(),
    synchronised,
    mark: timeMark(store, config['time-mark'] ?? join(directory, 'time-mark')),
    sha512,
    profiles: config['time-interop'] === 'draft' ? [PROFILES.v1, PROFILES.draft] : [PROFILES.v1],
    refused: (reason) => counts.add('time_refused_total', 1, reason),
  });
  const share = config['time-grease'];
  return {
    ...{ key, synchronised },
    keeper: share === 0 ? keeper : greased(keeper, share, systemRandom, counts),
    stop: () => watch?.stop(),
  };
}

/** A key that lives in this process only and signs with OpenSSL, which is several times faster. */
function onlineKey(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_BYTES_BEFORE_KEY);
  return {
    key: toHex(raw) as PublicKey,
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}
