import { readFile } from 'node:fs/promises';
import { systemClock } from '../../core/adapters/clock-system.ts';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { Fault } from '../../core/errors.ts';
import type { Store } from '../../core/ports.ts';
import { no, ok, type Result } from '../../core/result.ts';
import { type Hash, isHash, seconds } from '../../core/units.ts';
import { decodeRecord } from '../../core/wire/record.ts';
import { storeDirectory } from '../compose.ts';
import type { Config } from '../config.ts';
import { offerOf, takeAll } from '../intake.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { entryWrite, newToken, openRealms, type Realms } from '../realms.ts';
import { emptyRoom } from '../room.ts';
import { emptyStage, finish } from '../stage.ts';
import { type CommandIo, EXIT, type ExitCode, envelope } from './io.ts';

/** How the answer of a command is to look, and whether anything may change. */
export interface RealmOptions {
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** Registers the realm of a genesis record, from a file or standard input (`-`), and shows its read token, once. */
export async function addRealm(
  io: CommandIo,
  config: Config,
  path: string,
  options: RealmOptions,
): Promise<ExitCode> {
  const bytes = path === '-' ? await io.input() : await readGenesis(path);
  return withRealms(config, async (store, realms) => {
    const now = Math.floor(systemClock().wall());
    const begun = await begin(store, bytes, now);
    if (!begun.ok) {
      io.err(`expected a genesis record: ${begun.reason}\n`);
      return EXIT.usage;
    }
    const { realm, name, writes } = begun.value;
    if (realms.find(realm) !== undefined) {
      io.err(`realm ${realm} is here already; \`realm token\` makes a new read token\n`);
      return EXIT.usage;
    }
    const { token, hash } = newToken(systemRandom);
    if (!options.dryRun) await store.batch([...writes, entryWrite({ realm, name, added: now, token: hash })]);
    const shown = options.dryRun ? null : token;
    if (options.json)
      io.out(envelope('RelayRealm', { data: { dryRun: options.dryRun, realm, name, token: shown } }));
    else io.out(options.dryRun ? `would add ${realm} (${name})\n` : `realm ${realm}\nread token ${token}\n`);
    return EXIT.ok;
  });
}

/** Lists the registered realms. */
export async function listRealms(io: CommandIo, config: Config, json: boolean): Promise<ExitCode> {
  return withRealms(config, async (_store, realms) => {
    const items = realms
      .all()
      .map(({ realm, name, added, token }) => ({ realm, name, added, readToken: token !== null }));
    if (json) io.out(envelope('RelayRealmList', { items }));
    else for (const { realm, name } of items) io.out(`${realm}  ${name}\n`);
    return EXIT.ok;
  });
}

/** Makes a new read token for a realm, which replaces the old one, and shows it, once. */
export async function renewToken(
  io: CommandIo,
  config: Config,
  id: string,
  options: RealmOptions,
): Promise<ExitCode> {
  return withRealm(io, config, id, async (realms, realm) => {
    const entry = realms.find(realm);
    const { token, hash } = newToken(systemRandom);
    if (entry !== undefined && !options.dryRun) await realms.put({ ...entry, token: hash });
    const shown = options.dryRun ? null : token;
    if (options.json)
      io.out(envelope('RelayToken', { data: { dryRun: options.dryRun, realm, token: shown } }));
    else io.out(options.dryRun ? `would replace the read token of ${realm}\n` : `read token ${token}\n`);
  });
}

/** Removes a realm and all that this relay holds of it. */
export async function removeRealm(
  io: CommandIo,
  config: Config,
  id: string,
  options: RealmOptions,
): Promise<ExitCode> {
  return withRealm(io, config, id, async (realms, realm) => {
    if (!options.dryRun) await realms.remove(realm);
    if (options.json)
      io.out(envelope('RelayRealm', { data: { dryRun: options.dryRun, realm, removed: !options.dryRun } }));
    else io.out(`${options.dryRun ? 'would remove' : 'removed'} ${realm}\n`);
  });
}

async function begin(
  store: Store,
  bytes: Uint8Array,
  now: number,
): Promise<Result<{ realm: Hash; name: string; writes: Parameters<Store['batch']>[0] }, string>> {
  const record = decodeRecord(bytes);
  if (!record.ok) return record;
  const room = emptyRoom(record.value.hash, record.value.hash);
  const stage = emptyStage(room, store, seconds(now), DEFAULT_LIMITS.quota);
  const offer = offerOf({ log: record.value.log, from: 0, records: [bytes] });
  await takeAll(stage, [offer], nodeCrypto);
  if (offer.verdict.refused !== null) return no(offer.verdict.refused.reason);
  finish(stage);
  return ok({ realm: room.realm, name: room.membership.versions[0]?.message ?? '', writes: stage.writes });
}

async function withRealm(
  io: CommandIo,
  config: Config,
  id: string,
  work: (realms: Realms, realm: Hash) => Promise<void>,
): Promise<ExitCode> {
  return withRealms(config, async (_store, realms) => {
    if (!isHash(id) || realms.find(id) === undefined) {
      io.err(`expected the id of a realm that is here, got ${id}\n`);
      return EXIT.usage;
    }
    await work(realms, id);
    return EXIT.ok;
  });
}

async function withRealms(
  config: Config,
  work: (store: Store, realms: Realms) => Promise<ExitCode>,
): Promise<ExitCode> {
  const store = await openLevelStore(storeDirectory(config['data-dir']));
  try {
    return await work(store, await openRealms(store));
  } finally {
    await store.close();
  }
}

async function readGenesis(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', { detail: path, cause });
  }
}
