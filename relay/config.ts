import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { POLICIES } from './realms.ts';
import { TIME_SOURCES } from './time-service.ts';

/** Where a setting's value came from. */
export type Origin = 'flag' | 'env' | 'file' | 'default';

const BYTES = /^([0-9]+) ?(KiB|MiB|GiB)?$/;
const UNITS = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

const text = z.coerce.string().min(1);
const optionalText = text.nullable();
const count = z.coerce.number().int().min(1);
const span = z.coerce.number().min(0);
const bytes = z
  .union([z.number().int().min(1), z.string().regex(BYTES, 'expected bytes, such as 64MiB')])
  .transform(readBytes);
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:]*):[0-9]{1,5}$/, 'expected HOST:PORT or :PORT')
  .transform(readAddress);
const offOrAddress = z.union([z.literal('off'), address]);

/** Every setting: its form, its value when nobody says anything, and a sentence. The names are those of flags, of file keys, and, in capitals after LEASEHOLD_RELAY_, of the environment. */
export const SETTINGS = {
  listen: [address, ':8470', 'where peers connect, as HOST:PORT'],
  'admin-listen': [offOrAddress, '127.0.0.1:8471', 'where operators connect, or off'],
  'data-dir': [text, '/var/lib/leasehold-relay', 'directory of the store and the keys'],
  policy: [z.enum(POLICIES), 'list', 'who may bring a realm: open, list or token'],
  'register-token': [optionalText, null, 'what brings a realm where the policy is token'],
  'tls-cert': [optionalText, null, 'certificate chain (PEM)'],
  'tls-key': [optionalText, null, 'key of the certificate (PEM)'],
  time: [
    z.enum(TIME_SOURCES),
    'system',
    'what vouches for the clock: system (the operator), timedatectl, timesyncd or off',
  ],
  'time-mark': [
    optionalText,
    null,
    'file of the highest signed time (default: time-mark in the data directory)',
  ],
  'time-udp': [
    offOrAddress,
    'off',
    'where Roughtime is answered over UDP, or off; :5319 where time is served alone',
  ],
  'time-tcp': [
    offOrAddress,
    'off',
    'where Roughtime is answered over TCP, or off; :5319 where time is served alone',
  ],
  'time-rate': [count, 100, 'requests for time a second from one address outside any room'],
  'time-interop': [
    z.enum(['off', 'draft']),
    'off',
    'draft: also answer tools that speak the drafts before RFC 10049, in their dialect',
  ],
  'time-grease': [
    z.coerce.number().min(0).max(1),
    0,
    'share of answers that are spoilt so that clients which are not strict show, such as 0.01',
  ],
  'max-peers': [count, 2000, 'connections in all'],
  'max-peers-per-address': [count, 256, 'connections from one address'],
  'max-message-bytes': [bytes, '1MiB', 'longest frame from a peer'],
  'max-queue-bytes': [bytes, '8MiB', 'what may wait for a slow reader'],
  'rate-limit': [count, 500, 'frames a second from one connection'],
  'hello-timeout': [span, 10, 'seconds in which a peer has to say who it is'],
  'quota-records': [count, 200_000, 'records that one log may write in a day'],
  'quota-bytes': [bytes, '256MiB', 'bytes that one log may write in a day'],
  'shutdown-timeout': [span, 25, 'seconds that connections may take to end'],
  'log-level': [z.enum(['debug', 'info', 'warn', 'error', 'silent']), 'info', 'what is logged'],
} as const satisfies Readonly<Record<string, readonly [z.ZodType, unknown, string]>>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** A relay's settings, checked. */
export type Config = { readonly [N in SettingName]: z.output<(typeof SETTINGS)[N][0]> };

/** Settings that must not be shown. */
export const SECRET_SETTINGS: ReadonlySet<SettingName> = new Set<SettingName>(['register-token']);

/** The settings with where each came from, or sentences about what is wrong with them. */
export type ConfigVerdict =
  | { readonly ok: true; readonly config: Config; readonly origins: ReadonlyMap<SettingName, Origin> }
  | { readonly ok: false; readonly problems: readonly string[] };

const ENV_PREFIX = 'LEASEHOLD_RELAY_';
const NAMES = Object.keys(SETTINGS) as SettingName[];

/** The name of a setting in the environment. */
export function envName(name: SettingName): string {
  return ENV_PREFIX + name.toUpperCase().replaceAll('-', '_');
}

/** Puts settings together: a flag beats the environment, which beats the file (YAML or JSON), which beats the default. */
export function readConfig(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  file: string | null,
): ConfigVerdict {
  const fromFile = file === null ? {} : readFile(file);
  if (typeof fromFile === 'string') return { ok: false, problems: [fromFile] };
  const problems = Object.keys(fromFile)
    .filter((name) => !Object.hasOwn(SETTINGS, name))
    .map((name) => `${name}: no such setting, in ${file}`);
  const values = new Map<SettingName, unknown>();
  const origins = new Map<SettingName, Origin>();
  for (const name of NAMES) {
    const [origin, value] = pick(name, flags, env, fromFile);
    const parsed = (SETTINGS[name][0] as z.ZodType).safeParse(value);
    origins.set(name, origin);
    if (parsed.success) values.set(name, parsed.data);
    else problems.push(`${name}: ${parsed.error.issues[0]?.message ?? 'wrong'} (from ${origin})`);
  }
  const config = Object.fromEntries(values) as Config;
  if (problems.length === 0) problems.push(...contradictions(config));
  return problems.length === 0 ? { ok: true, config, origins } : { ok: false, problems };
}

function pick(
  name: SettingName,
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, unknown>>,
): readonly [Origin, unknown] {
  if (flags[name] !== undefined) return ['flag', flags[name]];
  const fromEnv = env[envName(name)];
  if (fromEnv !== undefined) return ['env', fromEnv];
  if (Object.hasOwn(file, name)) return ['file', file[name]];
  return ['default', SETTINGS[name][1]];
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if ((config['tls-cert'] === null) !== (config['tls-key'] === null)) {
    problems.push('tls-cert and tls-key: expected both or neither');
  }
  if (config.policy === 'token' && config['register-token'] === null) {
    problems.push('register-token: expected one where the policy is token');
  }
  if (config.time === 'off' && (config['time-udp'] !== 'off' || config['time-tcp'] !== 'off')) {
    problems.push('time-udp and time-tcp: expected off where time is off');
  }
  return problems;
}

function readFile(path: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = parse(readFileSync(path, 'utf8'));
    if (value === null) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    return `${path}: expected a map of settings`;
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : 'cannot be read'}`;
  }
}

function readBytes(value: string | number): number {
  const [, digits = '', unit] = BYTES.exec(String(value)) ?? [];
  return Number(digits) * (unit === undefined ? 1 : UNITS[unit as keyof typeof UNITS]);
}

function readAddress(value: string): { readonly host: string; readonly port: number } {
  const at = value.lastIndexOf(':');
  return { host: value.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(value.slice(at + 1)) };
}
