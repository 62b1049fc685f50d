import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { counterFile } from '../adapters/counter-file.ts';
import { nodeCrypto } from '../adapters/crypto-node.ts';
import { createIdentity, forgetIdentity, listIdentities, signerFromFile } from '../adapters/identity-file.ts';
import { systemRandom } from '../adapters/random.ts';
import { openLevelStore } from '../adapters/store-level.ts';
import { isFault } from '../errors.ts';
import type { Signer, Store } from '../ports.ts';
import { no, ok, type Result } from '../result.ts';
import { compile } from '../state/compile.ts';
import { codesOf } from '../state/grants.ts';
import { entryOf, type Registry, type RegistryImport } from '../state/registry.ts';
import { mergeRegistry } from '../state/registry-merge.ts';
import { type Hash, type LogId, type PrincipalId, type PublicKey, type Seconds, toHex } from '../units.ts';
import { signedGrants } from '../verify/grant.ts';
import { joinBytes } from '../verify/join.ts';
import { encodeAppend } from '../wire/append.ts';
import { NO_HASH } from '../wire/record.ts';
import type { Role } from '../wire/roles.ts';
import { dataPaths } from './data-directory.ts';
import { type Founding, foundingRegistry, foundRealm, sealed } from './founding.ts';
import { type InvitationReason, oneTimeSigner, parseInvitation, randomLogId } from './invitation.ts';
import type { JoinRefusal } from './newcomer.ts';
import {
  type KnownRelay,
  type RealmFile,
  readRealmFile,
  removeRealmFile,
  writeRealmFile,
} from './realm-file.ts';
import { makeRecoveryKey, type RecoveryKey } from './recovery-key.ts';

/** Why a data directory is left as it is. */
export type SetupReason =
  | InvitationReason
  | 'already-a-member'
  | 'not-empty'
  | 'other-realm'
  | 'invitation-used'
  | Exclude<JoinRefusal, 'relay-refuses'>
  | 'recovery-threshold'
  | 'invalid-registry'
  | 'not-a-member';

/** What `initRealm` is told. */
export interface InitOptions {
  readonly dataDir: string;
  readonly name: string;
  /** The founding host: issuer, voter and editor in one. Its class is one of FIRST_CLASSES, or of the import. */
  readonly host: Founding['host'];
  readonly person?: { readonly id: PrincipalId; readonly name: string };
  readonly roles?: readonly Role[];
  readonly relays: readonly KnownRelay[];
  /** How many recovery keys to make and how many of them have to sign; one of one unless told. */
  readonly recovery?: { readonly keys: number; readonly threshold: number };
  /** What the registry starts with beside the host itself. */
  readonly registry?: RegistryImport;
  /** Protects the host's key at rest; null keeps it in clear, for a host that starts unattended. */
  readonly passphrase?: string | null;
  /** Puts the recovery keys where they are to be; done before the realm is there, so that there is none whose keys nobody has. */
  keep?(recovery: readonly RecoveryKey[]): Promise<void>;
}

/** A realm that has been founded. The recovery keys are nowhere else: whoever calls shows them once, unless they were kept. */
export interface FoundedRealm {
  readonly file: RealmFile;
  /** The bytes that a relay's operator registers; their hash is the realm's id. */
  readonly genesis: Uint8Array;
  readonly recovery: readonly RecoveryKey[];
}

/** Founds a realm in a data directory that no agent holds. Throws Fault STORE_LOCKED and those of the store. */
export async function initRealm(options: InitOptions): Promise<Result<FoundedRealm, SetupReason>> {
  const { keys, threshold } = options.recovery ?? { keys: 1, threshold: 1 };
  if (!(threshold >= 1 && threshold <= keys)) {
    return no('recovery-threshold', `expected from 1 to ${keys}, came ${threshold}`);
  }
  return settingUp(options.dataDir, async (store) => {
    const refused = await refusal(options.dataDir, store);
    if (refused !== null) return refused;
    const log = randomLogId(systemRandom);
    const recovery = await Promise.all(Array.from({ length: keys }, makeRecoveryKey));
    // Tried with a key that stands for the host's own, so that a refusal leaves nothing behind.
    const grants = new Set(await signedGrants(codesOf(options.registry), nodeCrypto));
    const trial = registryFor(options, grants, log, recovery, threshold, NO_HASH as string as PublicKey);
    if (!trial.ok) return trial;
    const signer = await identityFor(options.dataDir, log, options.passphrase ?? null);
    const registry = registryFor(options, grants, log, recovery, threshold, signer.key);
    if (!registry.ok) return registry;
    const { realm, genesis, records } = await foundRealm(
      { name: options.name, log },
      registry.value,
      signer,
      systemRandom,
    );
    const { host, relays } = options;
    const rest = { once: null, opening: openingOf(log, records) };
    const file = { realm, log, key: signer.key, principal: host.id, relays, ...rest };
    await options.keep?.(recovery);
    // Last: without it the directory belongs to no realm, whatever else is there.
    await writeRealmFile(options.dataDir, file);
    return ok({ file, genesis, recovery });
  });
}

function registryFor(
  options: InitOptions,
  grants: ReadonlySet<string>,
  log: LogId,
  recovery: readonly RecoveryKey[],
  threshold: number,
  key: PublicKey,
): Result<Registry, 'invalid-registry'> {
  const { host, name, relays } = options;
  const founding = foundingRegistry(
    {
      ...{ name, host, log, relays },
      ...{ person: options.person ?? null, roles: options.roles ?? [] },
      recovery: { keys: recovery.map((each) => each.key), threshold },
    },
    key,
  );
  const registry = options.registry === undefined ? founding : withFounder(founding, options);
  const [version, parent] = [1, NO_HASH];
  const compiled = compile({
    ...{ registry, realm: NO_HASH, version, parent, parentRoster: null },
    ...{ keyOf: () => key, grants },
  });
  return compiled.ok ? ok(compiled.value.registry) : no('invalid-registry', compiled.detail);
}

/** The founding registry with what is imported, whose people may leave out who founds: that one belongs to the realm all the same. */
function withFounder(founding: Registry, { person, registry = {} }: InitOptions): Registry {
  const merged = mergeRegistry(founding, registry);
  const founder = person === undefined ? undefined : entryOf(founding.people, person.id);
  if (person === undefined || founder === undefined || entryOf(merged.people, person.id)) return merged;
  return { ...merged, people: { ...merged.people, [person.id]: founder } };
}

/** What `joinRealm` is told; `now` is the wall clock, good enough to refuse an invitation that is long past. */
export interface JoinOptions {
  readonly dataDir: string;
  /** Where the counters of own logs lie, beside the data directory. */
  readonly stateDir: string;
  readonly invitation: string;
  readonly now: Seconds;
  readonly passphrase?: string | null;
}

/**
 * Takes an invitation up: makes the host's key and its first record, which the one-time key signs too.
 * Whether the invitation still stands is known to the realm only, and shows in the agent's status.
 * Throws Fault STORE_LOCKED and those of the store.
 */
export async function joinRealm(options: JoinOptions): Promise<Result<RealmFile, SetupReason>> {
  const parsed = parseInvitation(options.invitation);
  if (!parsed.ok) return parsed;
  const invitation = parsed.value;
  const { realm, log, relays } = invitation;
  return settingUp(options.dataDir, async (store) => {
    const refused = await refusal(options.dataDir, store, realm);
    if (refused !== null) return refused;
    // A log that this host has written to, and whose records it no longer has, must not begin again: that would be a fork.
    if ((await counterFile(options.stateDir, realm).read(log)) > 0) return no('invitation-used');
    if (invitation.until < options.now) return no('invitation-expired');
    const signer = await identityFor(options.dataDir, log, options.passphrase ?? null);
    const { key } = signer;
    const once = await oneTimeSigner(invitation);
    const body = { key, proof: await once.sign(joinBytes(realm, log, key)) };
    const first = await sealed(signer, { realm, log, seq: 0, prev: NO_HASH }, 'join', body);
    const known = relays.map((relay) => ({ ...relay, register: null }));
    const rest = { once: toHex(invitation.seed), opening: openingOf(log, [first]) };
    const file = { realm, log, key, principal: invitation.id, relays: known, ...rest };
    await writeRealmFile(options.dataDir, file);
    return ok(file);
  });
}

/** Makes the data directory one of no realm: records, leases and the key go, what the realm knows stays. Throws Fault STORE_LOCKED. */
export async function leaveRealm(dataDir: string): Promise<Result<RealmFile, SetupReason>> {
  const file = await readRealmFile(dataDir);
  if (file === null) return no('not-a-member', `${dataDir} belongs to no realm`);
  const paths = dataPaths(dataDir);
  // Held until the records are gone, so that no agent starts on half of them.
  await underLock(dataDir, async () => {
    await rm(paths.schedule, { force: true });
    await rm(paths.presence, { force: true });
  });
  await rm(paths.store, { recursive: true, force: true });
  const keys = await listIdentities(dataDir);
  if (keys.every(({ log }) => log === file.log)) await rm(paths.identity, { force: true });
  // Last: a crash before leaves a directory that can be left again, and whose agent refuses to sign (rule R7).
  await removeRealmFile(dataDir);
  return ok(file);
}

/** What `undoJoin` needs to know of the data directory from before; null where there was none. */
export async function filesIn(dataDir: string): Promise<ReadonlySet<string> | null> {
  return readdir(dataDir).then(
    (names) => new Set(names),
    () => null,
  );
}

/**
 * Makes a data directory what it was before `joinRealm`: no relay has taken the join, so nobody will miss its key.
 * The agent has stopped. Throws Fault STORE_LOCKED.
 */
export async function undoJoin(
  dataDir: string,
  file: RealmFile,
  before: ReadonlySet<string> | null,
): Promise<void> {
  await leaveRealm(dataDir);
  await forgetIdentity(dataDir, file.key);
  const { agent, identity, log, presence, schedule, spawning, store } = dataPaths(dataDir);
  const made = [agent, identity, log, presence, schedule, spawning, store];
  for (const path of made) {
    if (before?.has(basename(path)) !== true) await rm(path, { recursive: true, force: true });
  }
  // What somebody else has put there meanwhile keeps it.
  if (before === null) await rmdir(dataDir).catch(() => undefined);
}

/** Does the work under the lock of the directory; where it refuses or fails, nothing of it is left behind, the lock's own files neither. */
async function settingUp<T>(
  dataDir: string,
  work: (store: Store) => Promise<Result<T, SetupReason>>,
): Promise<Result<T, SetupReason>> {
  const before = await filesIn(dataDir);
  try {
    const done = await underLock(dataDir, work);
    if (!done.ok) await tidyUp(dataDir, before);
    return done;
  } catch (error) {
    // A store that another process holds is its own, and a realm that is there all the same needs what it has.
    const isOurs =
      !isFault(error, 'STORE_LOCKED') && (await readRealmFile(dataDir).catch(() => true)) === null;
    // What hindered the work may hinder this, too, and is the better reason.
    if (isOurs) await tidyUp(dataDir, before).catch(() => undefined);
    throw error;
  }
}

async function tidyUp(dataDir: string, before: ReadonlySet<string> | null): Promise<void> {
  const { identity, store } = dataPaths(dataDir);
  for (const path of [store, identity]) {
    if (before?.has(basename(path)) !== true) await rm(path, { recursive: true, force: true });
  }
  if (before === null) await rmdir(dataDir).catch(() => undefined);
}

async function underLock<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openLevelStore(dataPaths(dataDir).store);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function refusal(
  dataDir: string,
  store: Store,
  realm?: Hash,
): Promise<Result<never, SetupReason> | null> {
  const held = await readRealmFile(dataDir);
  if (held !== null) {
    if (realm !== undefined && held.realm !== realm) return no('other-realm', `it belongs to ${held.realm}`);
    return no('already-a-member', `it belongs to ${held.realm} as ${held.principal}`);
  }
  for await (const [key] of store.range({ from: '', to: '~' })) {
    return no('not-empty', `the store holds ${key}, and there is no realm file`);
  }
  return null;
}

/** The key for a log: the one that an interrupted attempt left, or a new one. */
async function identityFor(dataDir: string, log: LogId, passphrase: string | null): Promise<Signer> {
  const left = (await listIdentities(dataDir)).find((entry) => entry.log === log);
  const { container } = left ?? (await createIdentity(dataDir, { passphrase, log }));
  return signerFromFile(dataDir, container.publicKey, passphrase);
}

function openingOf(log: LogId, records: readonly Uint8Array[]): string {
  return Buffer.from(encodeAppend([{ log, from: 0, records }])).toString('base64');
}
