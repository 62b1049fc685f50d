import { readFile } from 'node:fs/promises';
import { systemClock } from '../../core/adapters/clock-system.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { Fault } from '../../core/errors.ts';
import { orderFrom } from '../admin/order-socket.ts';
import { storeDirectory } from '../compose.ts';
import type { Config } from '../config.ts';
import { carryOut, type RealmAnswer, type RealmOrder } from '../operator.ts';
import { openRealms } from '../realms.ts';
import { whyOther, whyUnconfirmed } from './confirmation.ts';
import { type CommandIo, EXIT, type ExitCode, envelope } from './io.ts';

/** How the answer of a command is to look, and whether anything may change. */
interface RealmOptions {
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** Registers the realm of a genesis record, from a file or standard input (`-`), and shows its read token, once. */
export async function addRealm(
  io: CommandIo,
  config: Config,
  path: string,
  { dryRun, json }: RealmOptions,
): Promise<ExitCode> {
  const bytes = path === '-' ? await io.input() : await readGenesis(path);
  const genesis = Buffer.from(bytesOf(bytes)).toString('base64');
  return answered(io, config, { do: 'add', genesis, dryRun }, ({ realms: [added], token }) => {
    const { name, realm } = added ?? { name: '', realm: '' };
    if (json) return envelope('RelayRealm', { data: { dryRun, realm, name, token } });
    return dryRun ? `would add ${realm} (${name})\n` : `realm ${realm}\nread token ${token}\n`;
  });
}

/** Lists the registered realms. */
export async function listRealms(io: CommandIo, config: Config, json: boolean): Promise<ExitCode> {
  return answered(io, config, { do: 'list' }, ({ realms }) =>
    json
      ? envelope('RelayRealmList', { items: realms })
      : realms.map(({ realm, name }) => `${realm}  ${name}\n`).join(''),
  );
}

/** Makes a new read token for a realm, which replaces the old one, and shows it, once. */
export async function renewToken(
  io: CommandIo,
  config: Config,
  realm: string,
  { dryRun, json }: RealmOptions,
): Promise<ExitCode> {
  return answered(io, config, { do: 'token', realm, dryRun }, ({ token }) => {
    if (json) return envelope('RelayToken', { data: { dryRun, realm, token } });
    return dryRun ? `would replace the read token of ${realm}\n` : `read token ${token}\n`;
  });
}

/** Removes a realm and all that this relay holds of it, once somebody has named it to confirm. */
export async function removeRealm(
  io: CommandIo,
  config: Config,
  realm: string,
  { confirm, dryRun, json }: RealmOptions & { readonly confirm: string | undefined },
): Promise<ExitCode> {
  const planned = await carriedOut(config, { do: 'remove', realm, dryRun: true });
  if (planned.ok) {
    const doomed = { realm, name: planned.realms[0]?.name ?? '' };
    const named = confirm === undefined ? null : whyOther(doomed, confirm);
    const why = dryRun ? named : await whyUnconfirmed(io, doomed, confirm);
    if (why !== null) {
      io.err(`${why}\n`);
      return EXIT.usage;
    }
  }
  return answered(io, config, { do: 'remove', realm, dryRun }, () => {
    if (json) return envelope('RelayRealm', { data: { dryRun, realm, removed: !dryRun } });
    return `${dryRun ? 'would remove' : 'removed'} ${realm}\n`;
  });
}

/** Has the relay that runs on the data directory carry an order out, or does so itself where none runs. Throws Fault. */
export async function carriedOut(config: Config, order: RealmOrder): Promise<RealmAnswer> {
  const running = await orderFrom(config['data-dir'], order);
  if (running !== null) return running;
  const store = await openLevelStore(storeDirectory(config['data-dir']));
  try {
    const realms = await openRealms(store);
    const now = () => systemClock().wall();
    return await carryOut({ store, realms, now, emptied: (_realm, work) => work() }, order);
  } finally {
    await store.close();
  }
}

/** How each reason to refuse an order ends a command. */
const ENDINGS = {
  'no-genesis': EXIT.usage,
  taken: EXIT.conflict,
  'unknown-realm': EXIT.notFound,
} as const;

async function answered(
  io: CommandIo,
  config: Config,
  order: RealmOrder,
  words: (answer: RealmAnswer & { readonly ok: true }) => string,
): Promise<ExitCode> {
  const answer = await carriedOut(config, order);
  if (answer.ok) io.out(words(answer));
  else io.err(`${answer.problem}\n`);
  return answer.ok ? EXIT.ok : ENDINGS[answer.reason];
}

const HEX = /^\s*(?:[0-9a-f]{2})+\s*$/i;

/** A record begins with a byte that no hex digit has, so both forms can be told apart. */
function bytesOf(given: Uint8Array): Uint8Array {
  const text = Buffer.from(given).toString('latin1');
  return HEX.test(text) ? Buffer.from(text.trim(), 'hex') : given;
}

async function readGenesis(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', { detail: path, cause });
  }
}
