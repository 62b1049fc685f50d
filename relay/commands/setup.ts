import { existsSync } from 'node:fs';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import type { PublicKey } from '../../core/units.ts';
import { storeDirectory } from '../compose.ts';
import { type Config, type Origin, SECRET_SETTINGS, SETTINGS, type SettingName } from '../config.ts';
import { longTermKey } from '../time-service.ts';
import { type CommandIo, EXIT, type ExitCode, envelope } from './io.ts';
import { carriedOut } from './realm.ts';

/** Makes the data directory, the store and the long-term key of signed time, and says the public key. What is there stays. */
export async function init(
  io: CommandIo,
  config: Config,
  options: { readonly json: boolean; readonly dryRun: boolean },
): Promise<ExitCode> {
  const directory = config['data-dir'];
  const present = existsSync(directory) ? await listIdentities(directory) : [];
  if (options.dryRun) {
    const key = present[0]?.container.publicKey ?? null;
    if (options.json)
      io.out(envelope('RelayInit', { data: { dryRun: true, dataDir: directory, timeKey: key } }));
    else if (key === null) io.out(`would make ${directory} and a key for signed time\n`);
    else io.out(`nothing to do; time key ${key}\n`);
    return EXIT.ok;
  }
  const key = await keyMadeIn(directory, present[0]?.container.publicKey);
  if (options.json)
    io.out(envelope('RelayInit', { data: { dryRun: false, dataDir: directory, timeKey: key } }));
  else io.out(`data directory ${directory}\ntime key ${key}\n`);
  return EXIT.ok;
}

/** Where all is there already nothing is made, so that a relay may run on it. */
async function keyMadeIn(directory: string, present: PublicKey | undefined): Promise<PublicKey> {
  if (present !== undefined && existsSync(storeDirectory(directory))) return present;
  const store = await openLevelStore(storeDirectory(directory));
  try {
    return await longTermKey(directory);
  } finally {
    await store.close();
  }
}

/** Checks settings and data without starting, and says the time key: the settings have been read, so what is left is whether the store opens, or a relay that runs on it answers. */
export async function check(
  io: CommandIo,
  config: Config,
  origins: ReadonlyMap<SettingName, Origin>,
  json: boolean,
): Promise<ExitCode> {
  const directory = config['data-dir'];
  const initialised = existsSync(storeDirectory(directory));
  const listed = initialised ? await carriedOut(config, { do: 'list' }) : null;
  const realms = listed?.ok === true ? listed.realms.length : 0;
  const [identity] = existsSync(directory) ? await listIdentities(directory) : [];
  const timeKey = identity?.container.publicKey ?? null;
  const names = Object.keys(SETTINGS) as SettingName[];
  const settings = names.map((name) => ({ name, value: shown(config, name), origin: origins.get(name) }));
  if (json) io.out(envelope('RelayCheck', { data: { ok: true, initialised, realms, timeKey, settings } }));
  else {
    for (const { name, value, origin } of settings) io.out(`${name}: ${JSON.stringify(value)} (${origin})\n`);
    if (timeKey !== null) io.out(`time key ${timeKey}\n`);
    io.out(
      initialised
        ? `ok, ${realms} ${realms === 1 ? 'realm' : 'realms'}\n`
        : `ok, ${directory} will be made at the first start\n`,
    );
  }
  return EXIT.ok;
}

function shown(config: Config, name: SettingName): unknown {
  const value = config[name];
  if (SECRET_SETTINGS.has(name)) return value === null ? null : '(secret)';
  return typeof value === 'object' && value !== null ? `${value.host}:${value.port}` : value;
}
