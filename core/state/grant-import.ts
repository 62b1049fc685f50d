import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, type PublicKey, type Seconds } from '../units.ts';
import type { GrantReason, SealedGrant } from '../wire/grant.ts';
import { hashOf } from '../wire/hash.ts';
import { type GrantMisfit, heirOf, misfitOf, vendorOf } from './grants.ts';
import { endText } from './period.ts';
import { entryOf, type Registry } from './registry.ts';

/** Why a licence code is not taken. The README lists them; a test compares the lists. */
export type LicenceReason = GrantReason | 'bad-signature' | GrantMisfit | ImportReason;

/** Why one that is signed and fits is not taken all the same. */
type ImportReason = 'expired' | 'superseded' | 'id-taken';

/** What importing is told. */
interface ImportBy {
  readonly realm: Hash;
  /** The present, as well as it is known. */
  readonly now: Seconds;
  /** The vendor whose key this is from now on, if it is nobody's; null to believe only keys that are there. */
  readonly trust: string | null;
}

/** What became of one code. */
export interface ImportedGrant {
  readonly grant: SealedGrant;
  readonly vendor: string;
  readonly outcome: 'added' | 'unchanged';
  /** Whether its key is believed from now on. */
  readonly trusted: boolean;
}

/**
 * The registry with licence codes in it, whose signatures have been verified, or why one of them is not taken. The
 * software that they are for is from now on granted by their vendor. Twice comes to the same as once.
 */
export function importGrants(
  registry: Registry,
  grants: readonly SealedGrant[],
  by: ImportBy,
): Result<{ readonly registry: Registry; readonly imported: readonly ImportedGrant[] }, LicenceReason> {
  let next = registry;
  const imported: ImportedGrant[] = [];
  for (const grant of grants) {
    const taken = importOne(next, grant, by);
    if (!taken.ok) return taken;
    next = taken.value.registry;
    imported.push(taken.value.imported);
  }
  return ok({ registry: next, imported });
}

/** What to compare a vendor's key by, over the telephone: half of the SHA-256 of its bytes, in groups. */
export function fingerprintOf(key: PublicKey): string {
  return hashOf(fromHex(key))
    .slice(0, 32)
    .replaceAll(/.{4}(?=.)/g, '$& ');
}

function importOne(
  registry: Registry,
  grant: SealedGrant,
  { now, realm, trust }: ImportBy,
): Result<{ readonly registry: Registry; readonly imported: ImportedGrant }, LicenceReason> {
  const owner = vendorOf(registry, grant.key);
  if (trust !== null && owner !== null && owner !== trust) {
    return no('other-vendor', `its key is ${owner}'s, not ${trust}'s`);
  }
  const trusting = owner === null && trust !== null ? withKey(registry, trust, grant.key) : registry;
  const misfit = misfitOf(trusting, grant, realm);
  if (misfit !== null) {
    const about = misfit.reason === 'unknown-vendor' ? `, fingerprint ${fingerprintOf(grant.key)}` : '';
    return no(misfit.reason, `${misfit.message}${about}`);
  }
  const vendor = owner ?? trust ?? '';
  const held = entryOf(registry.grants, grant.id);
  if (held !== undefined && held.code !== grant.code) {
    return no('id-taken', `another code calls itself ${grant.id}; one of the two has to go`);
  }
  const imported = { grant, vendor, trusted: owner === null } as const;
  if (held === undefined) {
    const refused = refusedNow(trusting, grant, vendor, now);
    if (refused !== null) return refused;
  }
  const outcome = held === undefined ? 'added' : 'unchanged';
  return ok({ registry: withGrant(trusting, grant, vendor), imported: { ...imported, outcome } });
}

function refusedNow(
  registry: Registry,
  grant: SealedGrant,
  vendor: string,
  now: Seconds,
): Extract<Result<never, ImportReason>, { ok: false }> | null {
  if (grant.until <= now) return no('expired', `it ended with ${endText(grant.until)}`);
  const heir = heirOf(registry, grant.id, vendor);
  return heir === null ? null : no('superseded', `${heir} stands in its place`);
}

function withKey(registry: Registry, vendor: string, key: string): Registry {
  const { keys = [], name = vendor, ...rest } = entryOf(registry.vendors, vendor) ?? {};
  const entry = { ...rest, name, keys: [...keys, key].sort() };
  return { ...registry, vendors: { ...registry.vendors, [vendor]: entry } };
}

function withGrant(registry: Registry, { code, id, product }: SealedGrant, vendor: string): Registry {
  const software = entryOf(registry.software, product);
  const marked =
    software === undefined || software.grantedBy !== undefined
      ? registry.software
      : { ...registry.software, [product]: { ...software, grantedBy: vendor } };
  const grants = { ...registry.grants, [id]: entryOf(registry.grants, id) ?? { code } };
  return { ...registry, software: marked, grants };
}
