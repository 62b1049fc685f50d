import { dirname } from 'node:path';
import { type KnownRelay, readRealmFile } from '../agent/realm-file.ts';
import { type FoundedRealm, type InitOptions as Founding, initRealm } from '../agent/realm-setup.ts';
import { formatRecoveryKey } from '../agent/recovery-key.ts';
import { isPrincipalId, type PublicKey, seconds, toHex } from '../units.ts';
import { wakeAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { anyRoom } from './doctor-facts.ts';
import { keyWords } from './doctor-relays.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { mustTakeAgent } from './join.ts';
import type { Knock } from './knock.ts';
import { userOf } from './lease-request.ts';
import { mustHaveRoom, mustTakeFiles } from './output-file.ts';
import { principalId, roleFrom } from './principal-words.ts';
import { keyPassphrase, secretFrom } from './prompt.ts';
import { Denied, Refusal } from './refusal.ts';
import { importFrom } from './registry-file.ts';

/** Seconds for a relay to answer. */
const KNOCK = seconds(5);

/** What `init` is told. */
export interface InitOptions {
  readonly host: string;
  readonly hostName?: string;
  readonly class: string;
  readonly person?: string;
  readonly personName?: string;
  readonly role?: readonly string[];
  readonly import?: string;
  readonly relayKey?: PublicKey;
  readonly relayTokenFile?: string;
  readonly registerTokenFile?: string;
  readonly recoveryKeys: number;
  readonly recoveryThreshold: number;
  readonly recoveryFile?: string;
  readonly genesisFile?: string;
  readonly passphraseFile?: string;
  readonly dryRun?: boolean;
}

/** `init`: founds a realm with this host as its only member. The recovery keys are shown once, or go to a file. */
export async function init(
  io: CommandIo,
  options: InitOptions & { readonly name: string },
): Promise<ExitCode> {
  const wanted = await founding(io, options);
  await mustTakeAgent(io);
  const { genesisFile } = options;
  if (genesisFile !== undefined && (await io.files.exists(genesisFile))) {
    throw new Refusal('CONFLICT', `${genesisFile} is there already`);
  }
  if (genesisFile !== undefined) await mustHaveRoom(io, genesisFile);
  const recoveryFile = await recoveryPlace(io, options.recoveryFile);
  if (options.dryRun === true) {
    const files = [genesisFile, recoveryFile].filter((file) => typeof file === 'string');
    for (const place of [wanted.dataDir, ...files.map((file) => dirname(file))])
      await mustTakeFiles(io, place);
    showPlan(io, wanted);
    return EXIT.success;
  }
  const doors = await knockedAt(io, wanted.relays);
  // The keys exist nowhere else, so a file that cannot take them is found out before they are made.
  if (recoveryFile !== null) await io.files.write(recoveryFile, '', { secret: true });
  const founded = await foundOrRelease(io, wanted, recoveryFile);
  show(io, options, founded, recoveryFile);
  if (genesisFile !== undefined) {
    await io.files.write(genesisFile, `${toHex(founded.genesis)}\n`, { secret: false });
    io.out.note(`The realm's first record is in ${genesisFile}, for the operator of a relay`);
  }
  advise(io, wanted.relays, doors, genesisFile);
  await wakeAgent(io);
  return EXIT.success;
}

async function founding(io: CommandIo, options: InitOptions & { readonly name: string }): Promise<Founding> {
  const person = personFrom(io, options);
  const registry = options.import === undefined ? null : await importFrom(io, options.import);
  const passphrase = await keyPassphrase(io, options.passphraseFile);
  return {
    dataDir: io.settings.dataDir,
    name: options.name,
    host: { id: principalId(options.host), name: options.hostName ?? options.host, class: options.class },
    ...(person === null ? {} : { person }),
    roles: (options.role ?? []).map(roleFrom),
    relays: await relaysFrom(io, options),
    recovery: { keys: options.recoveryKeys, threshold: options.recoveryThreshold },
    ...(registry === null ? {} : { registry }),
    passphrase,
  };
}

/** Whoever begins is in the registry from the start, so that somebody may use what it will name. */
function personFrom(
  io: CommandIo,
  { person, personName }: InitOptions,
): NonNullable<Founding['person']> | null {
  if (person !== undefined) return { id: principalId(person), name: personName ?? person };
  const login = userOf(io, undefined).toLowerCase();
  return isPrincipalId(login) ? { id: login, name: personName ?? login } : null;
}

async function relaysFrom(io: CommandIo, options: InitOptions): Promise<readonly KnownRelay[]> {
  const url = io.settings.relay;
  const { registerTokenFile, relayKey, relayTokenFile } = options;
  if (url === null) {
    if ([registerTokenFile, relayKey, relayTokenFile].every((given) => given === undefined)) return [];
    throw new Refusal('USAGE', 'expected the address of the relay as well', 'add --relay wss://…');
  }
  if (!/^wss?:\/\//.test(url)) {
    throw new Refusal('USAGE', `expected ws:// or wss:// as the relay, came ${url}`);
  }
  const token = (await secretFrom(io, relayTokenFile)) ?? null;
  const register = (await secretFrom(io, registerTokenFile)) ?? null;
  return [{ url, key: relayKey ?? null, token, register }];
}

function showPlan(io: CommandIo, wanted: Founding): void {
  const { host, name, person = null, recovery, relays, roles } = wanted;
  const plan = { name, host, person, roles, relays: relays.map(({ key, url }) => ({ url, key })), recovery };
  io.out.show('RealmPlan', plan, () => [
    `Would found the realm ${name} in ${io.settings.dataDir}`,
    `Would sign its first version as ${host.id} (${host.class}): issuer, voter and editor`,
    ...(person === null ? [] : [`Would put ${person.id} into the registry`]),
    `Would make ${counted(recovery?.keys ?? 0, 'recovery key')}, of which ${recovery?.threshold} must sign`,
  ]);
}

/** Where the recovery keys go; null for standard output. Ends the command where that could not be. */
async function recoveryPlace(io: CommandIo, path: string | undefined): Promise<string | null> {
  if (path === '-') return null;
  if (path === undefined) {
    if (io.stdout.isTTY && !io.out.json) return null;
    const hint = 'add --recovery-file FILE, or --recovery-file - for standard output';
    throw new Refusal('USAGE', 'recovery keys are shown once, and nobody is looking', hint);
  }
  // One without a key is what an attempt left that was interrupted before it founded anything.
  if ((await io.files.exists(path)) && !(await io.files.isEmpty(path))) {
    const hint = 'name another file; remove that one only if its realm was never founded';
    throw new Refusal(
      'CONFLICT',
      `${path} is there already, and may hold the recovery keys of a realm`,
      hint,
    );
  }
  await mustHaveRoom(io, path);
  return path;
}

function keepIn(io: CommandIo, path: string): NonNullable<Founding['keep']> {
  return (recovery) =>
    io.files.write(path, `${recovery.map(formatRecoveryKey).join('\n')}\n`, { secret: true });
}

/** An empty file would be in the way of the next attempt. */
async function foundOrRelease(
  io: CommandIo,
  wanted: Founding,
  reserved: string | null,
): Promise<FoundedRealm> {
  try {
    const founded = await initRealm(reserved === null ? wanted : { ...wanted, keep: keepIn(io, reserved) });
    if (founded.ok) return founded.value;
    throw new Denied(founded.reason, founded.detail);
  } catch (error) {
    // A realm that was founded all the same needs its keys, whatever failed after that.
    const isFounded = (await readRealmFile(wanted.dataDir)) !== null;
    if (reserved !== null && !isFounded) await io.files.remove(reserved);
    throw error;
  }
}

function show(
  io: CommandIo,
  { recoveryThreshold: threshold }: InitOptions,
  { file, genesis, recovery }: FoundedRealm,
  path: string | null,
): void {
  const lines = recovery.map(formatRecoveryKey);
  const inFile = path !== null;
  const data = {
    realm: file.realm,
    host: file.principal,
    log: file.log,
    genesis: toHex(genesis),
    recovery: { threshold, keys: inFile ? [] : lines, file: inFile ? path : null },
  };
  io.out.show('Realm', data, () => [
    `${io.out.tone('✓', 'green')} Founded ${file.realm}`,
    `  Host ${file.principal}, log ${file.log}, in ${io.settings.dataDir}`,
    inFile
      ? `  ${counted(lines.length, 'recovery key')} in ${path}: keep them apart, off this machine`
      : `  Recovery keys, shown this once; ${threshold} of them can overrule everything. Keep them apart:`,
    ...(inFile ? [] : lines),
  ]);
}

/** What answers at the relays. Ends the command at one that signs under another key: the genesis would hold it for good. */
async function knockedAt(
  io: CommandIo,
  relays: readonly KnownRelay[],
): Promise<readonly { readonly url: string; readonly found: Knock }[]> {
  return Promise.all(
    relays.map(async (relay) => {
      const found = await io.knock({ ...relay, token: null, room: anyRoom(io) }, KNOCK);
      if (found.kind !== 'other-key') return { url: relay.url, found };
      throw new Refusal(
        'VERIFICATION_FAILED',
        `${relay.url} ${keyWords(found.key)}, not under ${relay.key}`,
        'ask its operator for the key; leasehold-relay init prints it',
      );
    }),
  );
}

function advise(
  io: CommandIo,
  relays: readonly KnownRelay[],
  doors: Awaited<ReturnType<typeof knockedAt>>,
  genesisFile: string | undefined,
): void {
  for (const { found, url } of doors) {
    if (found.kind === 'silent')
      io.out.warn(`${url} cannot be reached (${found.why}): nobody hears of this realm yet`);
    if (found.kind === 'refuses') {
      io.out.warn(`${url} does not take realms unasked (${found.why})`);
      if (genesisFile === undefined)
        io.out.note('For its operator: leasehold config show --genesis > genesis');
      io.out.note(`Have its operator add this one: leasehold-relay realm add ${genesisFile ?? 'genesis'}`);
    }
  }
  if (relays.length === 0) {
    io.out.warn('No relay: nothing is shared, and nothing can be leased without signed time');
  } else if (relays.every(({ key }) => key === null)) {
    io.out.warn('No key of the relay: its time is not believed, and nothing can be leased; see --relay-key');
  }
  io.out.note('Next: leasehold registry add software/…, then leasehold config publish -m "…"');
}
