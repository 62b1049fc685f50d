import { openingRecords, readRealmFile } from '../agent/realm-file.ts';
import { Fault } from '../errors.ts';
import { diffRegistry } from '../state/registry-diff.ts';
import { fromHex, toHex } from '../units.ts';
import { type CborValue, decodeCbor } from '../wire/cbor.ts';
import { hashOf } from '../wire/hash.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { showChanges } from './draft.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Denied, Refusal } from './refusal.ts';
import { toYaml } from './registry-file.ts';
import { readRegistry } from './registry-reading.ts';

/** `config show`: a version as this host compiled it, with the seats of each host and the keys that sign their leases. */
export async function showConfig(
  io: CommandIo,
  which: { readonly version: number | null },
): Promise<ExitCode> {
  const agent = await io.agent();
  const { bytes, content, hosts, realm, version } = await agent.request('configuration', which);
  const decoded = decodeCbor(fromHex(bytes));
  if (!decoded.ok) throw new Refusal('VERIFICATION_FAILED', `v${version} does not decode: ${decoded.detail}`);
  const { lots, registry } = plain(decoded.value) as { readonly lots: unknown; readonly registry: unknown };
  io.out.show('Configuration', { version, content, realm, hosts, lots, registry }, () => [
    `# v${version}, content ${content}`,
    toYaml({ realm, hosts, lots, registry }).trimEnd(),
  ]);
  return EXIT.success;
}

/** `config show --genesis`: the record that a relay's operator registers, which the founder keeps beside its log. */
export async function showGenesis(io: CommandIo): Promise<ExitCode> {
  const file = await readRealmFile(io.settings.dataDir);
  if (file === null) throw new Fault('NOT_A_MEMBER', { detail: io.settings.dataDir });
  const genesis = openingRecords(file).find((bytes) => hashOf(bytes) === file.realm);
  if (genesis === undefined) {
    throw new Refusal('NOT_FOUND', 'the first record of the realm is with the host that founded it');
  }
  io.out.show('Genesis', { realm: file.realm, genesis: toHex(genesis) }, () => [toHex(genesis)]);
  return EXIT.success;
}

/** `config diff`: what changed from one version to another. */
export async function diffConfig(
  io: CommandIo,
  { from, to }: { readonly from: number; readonly to: number | null },
): Promise<ExitCode> {
  const there = await versions(io);
  const until = to ?? Math.max(...there);
  // Asked of both before either is read: one whose content is not here would hide that the other is not there.
  for (const wanted of [from, until]) {
    if (!there.includes(wanted)) throw new Denied('not-found', `no version ${wanted}`);
  }
  const before = await readRegistry(io, from);
  const after = await readRegistry(io, until);
  showChanges(io, diffRegistry(before, after));
  return EXIT.success;
}

/** `config log`: all certified versions, the newest first. */
export async function logConfig(io: CommandIo): Promise<ExitCode> {
  const agent = await io.agent();
  const versions = [...(await agent.request('versions', {}))].sort((a, b) => b.version - a.version);
  io.out.list('VersionList', versions, () =>
    io.out.table(
      ['VERSION', 'ID', 'BY', 'ACKED BY', 'MESSAGE'],
      versions.map((one) => [
        `v${one.version}`,
        one.id.slice(0, 12),
        one.author ?? '-',
        one.ackers.join(',') || '-',
        one.message || (one.version === 1 ? 'genesis' : '-'),
      ]),
    ),
  );
  return EXIT.success;
}

/** `config verify`: every version again, from the records held; exit code 8 if anything does not hold. */
export async function verifyConfig(io: CommandIo): Promise<ExitCode> {
  const agent = await io.agent();
  io.out.note('Checking signatures, thresholds, acks and content from the genesis on');
  const { checks } = await agent.request('verify', {});
  const failed = checks.filter(({ ok }) => !ok);
  io.out.list('VersionCheckList', checks, () => {
    const lines = checks.map(({ check, detail, ok, version }) => {
      const sign = ok ? io.out.tone('✓', 'green') : io.out.tone('✗', 'red');
      return `${sign} v${version} ${check}${detail === '' ? '' : `: ${detail}`}`;
    });
    const all = counted(checks.length, 'check');
    return [...lines, failed.length === 0 ? `Everything holds: ${all}` : `${failed.length} of ${all} failed`];
  });
  return failed.length === 0 ? EXIT.success : EXIT.verification;
}

async function versions(io: CommandIo): Promise<readonly number[]> {
  const agent = await io.agent();
  return (await agent.request('versions', {})).map(({ version }) => version);
}

/** CBOR as JSON and YAML can say it: bytes in hex, maps as objects. */
function plain(value: CborValue): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, part]) => [String(key), plain(part)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}
