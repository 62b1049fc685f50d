import { nodeCrypto } from '../adapters/crypto-node.ts';
import { ok } from '../result.ts';
import { fingerprintOf, type ImportedGrant, importGrants } from '../state/grant-import.ts';
import { codesOf, counts, type HeldGrant, heldGrants } from '../state/grants.ts';
import { endText, startText } from '../state/period.ts';
import { removeEntry } from '../state/registry-find.ts';
import type { Hash, Seconds } from '../units.ts';
import { signedGrants } from '../verify/grant.ts';
import { NO_HASH } from '../wire/record.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { codeLines, codesFrom, grantData, grantFrom, grantLines, seatsText } from './grant-words.ts';
import { Denied, Refusal } from './refusal.ts';
import { edit } from './registry.ts';
import { readRegistry } from './registry-reading.ts';

/** What `registry grant import` is told. */
export interface GrantImportOptions {
  readonly dryRun?: boolean;
  readonly trust?: string;
}

/** `registry grant import`: licence codes into the draft, all or none. */
export async function importCodes(
  io: CommandIo,
  options: GrantImportOptions & { readonly words: readonly string[] },
): Promise<ExitCode> {
  if (options.trust !== undefined && !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(options.trust)) {
    throw new Refusal('USAGE', `expected the id of a vendor, came ${options.trust}`);
  }
  const grants = await Promise.all((await codesFrom(io, options.words)).map(grantFrom));
  const by = { ...(await present(io)), trust: options.trust ?? null };
  const superseded = new Map((await heldNow(io)).held.map(({ id, supersededBy }) => [id, supersededBy]));
  let imported: readonly ImportedGrant[] = [];
  return edit(
    io,
    options,
    (registry) => {
      const taken = importGrants(registry, grants, by);
      if (!taken.ok) throw new Denied(`licence-${taken.reason}`, taken.detail);
      imported = taken.value.imported;
      return ok(taken.value.registry);
    },
    () => ({
      data: { grants: imported.map(importedData) },
      text: importedLines(imported, by.now, superseded),
    }),
  );
}

/** `registry grant list`: each licence code of the draft, and whether it counts. */
export async function listGrants(io: CommandIo): Promise<ExitCode> {
  const { held, now } = await heldNow(io);
  const items = held.map((each) => ({ ...heldData(each), state: stateOf(each, now) }));
  io.out.list('GrantList', items, () =>
    held.length === 0
      ? ['No licence codes']
      : io.out.table(
          ['ID', 'VENDOR', 'PRODUCT', 'SEATS', 'FROM', 'UNTIL', 'STATE'],
          held.map((each) => [
            each.id,
            each.vendor ?? '-',
            each.grant?.product ?? '-',
            each.grant === null ? '-' : seatsText(each.grant.features),
            each.grant === null ? '-' : startText(each.grant.from),
            each.grant === null ? '-' : endText(each.grant.until),
            stateWords(each, now),
          ]),
        ),
  );
  return EXIT.success;
}

/** `registry grant show`: all that one says, and its code in lines to compare. */
export async function showGrant(io: CommandIo, { id }: { readonly id: string }): Promise<ExitCode> {
  const { held, now } = await heldNow(io);
  const found = held.find((each) => each.id === id);
  if (found === undefined) {
    throw new Refusal('NOT_FOUND', `there is no ${id} in grants`, 'leasehold registry grant list shows them');
  }
  io.out.show('Grant', { ...heldData(found), state: stateOf(found, now) }, () => [
    ...(found.grant === null ? [] : grantLines(found.grant)),
    `Vendor       ${found.vendor ?? '-'}`,
    `State        ${stateWords(found, now)}`,
    ...(found.grant === null ? [] : ['', ...codeLines(found.grant.code)]),
  ]);
  return EXIT.success;
}

/** `registry grant remove`: a licence code out of the draft. */
export async function removeGrant(
  io: CommandIo,
  options: { readonly id: string; readonly dryRun?: boolean },
): Promise<ExitCode> {
  return edit(io, options, (registry) => removeEntry(registry, `grants/${options.id}`));
}

/** This realm, and the present as signed time has it, or else the wall clock: nothing here is leased by it. */
async function present(io: CommandIo): Promise<{ readonly realm: Hash; readonly now: Seconds }> {
  const { realm, time } = await (await io.agent()).request('status', {});
  return { realm: (realm?.id ?? NO_HASH) as Hash, now: (time.lower ?? time.wall) as Seconds };
}

async function heldNow(
  io: CommandIo,
): Promise<{ readonly held: readonly HeldGrant[]; readonly now: Seconds }> {
  const registry = await readRegistry(io, undefined);
  const { now, realm } = await present(io);
  const signed = new Set(await signedGrants(codesOf(registry), nodeCrypto));
  return { held: heldGrants(registry, { realm, signed }), now };
}

type State =
  | NonNullable<HeldGrant['flaw']>['reason']
  | 'superseded'
  | 'expired'
  | 'not-yet-valid'
  | 'in-force';

function stateOf(held: HeldGrant, now: Seconds): State {
  if (held.flaw !== null) return held.flaw.reason;
  if (!counts(held) || held.grant === null) return 'superseded';
  if (held.grant.until <= now) return 'expired';
  return held.grant.from > now ? 'not-yet-valid' : 'in-force';
}

function stateWords(held: HeldGrant, now: Seconds): string {
  if (held.flaw !== null) return held.flaw.message;
  if (held.supersededBy !== null) return `superseded by ${held.supersededBy}`;
  return stateOf(held, now).replaceAll('-', ' ');
}

function heldData({ flaw, grant, id, supersededBy, vendor }: HeldGrant) {
  return { ...(grant === null ? {} : grantData(grant)), id, vendor, supersededBy, flaw };
}

function importedData({ grant, outcome, trusted, vendor }: ImportedGrant) {
  return { ...grantData(grant), vendor, outcome, trusted, fingerprint: fingerprintOf(grant.key) };
}

function importedLines(
  imported: readonly ImportedGrant[],
  now: Seconds,
  superseded: ReadonlyMap<string, string | null>,
): readonly string[] {
  const thereWords = (id: string) => {
    const by = superseded.get(id) ?? null;
    return by === null ? ', there already' : `, there already, and counts no more: superseded by ${by}`;
  };
  return imported.flatMap(({ grant, outcome, trusted, vendor }) => [
    `${grant.id} of ${vendor}: ${seatsText(grant.features)} of ${grant.product}, ${startText(grant.from)} to ${endText(grant.until)}${outcome === 'unchanged' ? thereWords(grant.id) : ''}`,
    ...(grant.from > now ? [`  not yet valid: nothing of it counts before ${startText(grant.from)}`] : []),
    ...(grant.supersedes === null ? [] : [`  in place of ${grant.supersedes}, which counts no more`]),
    ...(trusted
      ? [`  its key is believed as ${vendor}'s from now on, fingerprint ${fingerprintOf(grant.key)}`]
      : []),
  ]);
}
