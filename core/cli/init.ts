import type { FirstClass } from '../agent/founding.ts';
import type { RealmRelay } from '../agent/invitation.ts';
import { type FoundedRealm, initRealm } from '../agent/realm-setup.ts';
import { formatRecoveryKey } from '../agent/recovery-key.ts';
import { isPrincipalId, type PrincipalId, type PublicKey, toHex } from '../units.ts';
import { wakeAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { secretFrom } from './prompt.ts';
import { Denied, Refusal } from './refusal.ts';

/** What `init` is told. */
export interface InitOptions {
  readonly host: string;
  readonly hostName?: string;
  readonly class: FirstClass;
  readonly relayKey?: PublicKey;
  readonly relayTokenFile?: string;
  readonly recoveryKeys: number;
  readonly recoveryThreshold: number;
  readonly recoveryFile?: string;
  readonly dryRun?: boolean;
}

/** `init`: founds a realm with this host as its only member. The recovery keys are shown once, or go to a file. */
export async function init(
  io: CommandIo,
  options: InitOptions & { readonly name: string },
): Promise<ExitCode> {
  const { name } = options;
  const host = {
    id: principalId(options.host),
    name: options.hostName ?? options.host,
    class: options.class,
  };
  const relays = await relaysFrom(io, options);
  const recovery = { keys: options.recoveryKeys, threshold: options.recoveryThreshold };
  if (options.dryRun === true) {
    const plan = { name, host, relays: relays.map(({ url, key }) => ({ url, key })), recovery };
    io.out.show('RealmPlan', plan, () => [
      `Would found the realm ${name} in ${io.settings.dataDir}`,
      `Would sign its first version as ${host.id} (${host.class}): issuer, voter and editor`,
      `Would make ${recovery.keys} recovery keys, of which ${recovery.threshold} must sign`,
    ]);
    return EXIT.success;
  }
  await reserveRecoveryFile(io, options.recoveryFile);
  const founded = await initRealm({ dataDir: io.settings.dataDir, name, host, relays, recovery });
  if (!founded.ok) throw new Denied(founded.reason, founded.detail);
  await show(io, options, founded.value);
  advise(io, relays);
  await wakeAgent(io);
  return EXIT.success;
}

/** A principal's id as typed. Ends the command where it has not the form of one. */
export function principalId(text: string): PrincipalId {
  if (isPrincipalId(text)) return text;
  throw new Refusal('USAGE', `expected 1 to 64 of a-z, 0-9, dot, dash and underscore as an id, came ${text}`);
}

async function relaysFrom(io: CommandIo, options: InitOptions): Promise<readonly RealmRelay[]> {
  const url = io.settings.relay;
  if (url === null) {
    if (options.relayKey === undefined && options.relayTokenFile === undefined) return [];
    throw new Refusal('USAGE', 'expected the address of the relay with its key', 'add --relay wss://…');
  }
  if (!/^wss?:\/\//.test(url))
    throw new Refusal('USAGE', `expected ws:// or wss:// as the relay, came ${url}`);
  return [
    { url, key: options.relayKey ?? null, token: (await secretFrom(io, options.relayTokenFile)) ?? null },
  ];
}

/** The keys exist nowhere else, so a place that cannot take them is found out before they are made. */
async function reserveRecoveryFile(io: CommandIo, path: string | undefined): Promise<void> {
  if (path === '-') return;
  if (path === undefined) {
    if (io.stdout.isTTY && !io.out.json) return;
    const hint = 'add --recovery-file FILE, or --recovery-file - for standard output';
    throw new Refusal('USAGE', 'recovery keys are shown once, and nobody is looking', hint);
  }
  if (await io.files.exists(path)) throw new Refusal('CONFLICT', `${path} is there already`);
  await io.files.write(path, '', { secret: true });
}

async function show(
  io: CommandIo,
  options: InitOptions,
  { file, genesis, recovery }: FoundedRealm,
): Promise<void> {
  const { recoveryFile: path, recoveryThreshold: threshold } = options;
  const lines = recovery.map(formatRecoveryKey);
  const inFile = path !== undefined && path !== '-';
  if (inFile) await io.files.write(path, `${lines.join('\n')}\n`, { secret: true });
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
      ? `  ${lines.length} recovery keys are in ${path}: move them apart, off this machine`
      : `  Recovery keys, shown this once; ${threshold} of them can overrule everything. Keep them apart:`,
    ...(inFile ? [] : lines),
  ]);
}

function advise(io: CommandIo, relays: readonly RealmRelay[]): void {
  if (relays.length === 0)
    io.out.warn('No relay: nothing is shared, and nothing can be leased without signed time');
  else if (relays.every(({ key }) => key === null)) {
    io.out.warn('No key of the relay: its time is not believed, and nothing can be leased; see --relay-key');
  }
  io.out.note('Next: leasehold registry add software/…, then leasehold config publish -m "…"');
}
