import type { Hash } from '../units.ts';
import { decodeGrant, type SealedGrant } from '../wire/grant.ts';
import { NO_HASH } from '../wire/record.ts';
import { entryOf, type Registry } from './registry.ts';

/** Why a grant does not fit a registry and its realm. */
export type GrantMisfit =
  | 'unknown-vendor'
  | 'other-vendor'
  | 'other-realm'
  | 'unknown-product'
  | 'unknown-feature';

/** Why a licence code counts for nothing in a registry. */
type GrantFlaw = GrantMisfit | 'unreadable' | 'bad-signature' | 'other-id';

/** A reason and a sentence. */
interface Flaw<Reason extends string> {
  readonly reason: Reason;
  readonly message: string;
}

/** A licence code as it stands in a registry. */
export interface HeldGrant {
  readonly id: string;
  /** Null for a code that cannot be read. */
  readonly grant: SealedGrant | null;
  /** The vendor whose key signed it. */
  readonly vendor: string | null;
  readonly flaw: Flaw<GrantFlaw> | null;
  /** The id of the grant that stands in its place; it counts no more then. */
  readonly supersededBy: string | null;
}

/** What licence codes are held against. */
export interface GrantsBy {
  /** NO_HASH where there is no realm yet: no code is another realm's then. */
  readonly realm: Hash;
  /** Codes whose signatures have been verified. */
  readonly signed: ReadonlySet<string>;
}

/** The licence codes in what may be a registry or some sections of one, as texts. Nothing about it is assumed. */
export function codesOf(sections: unknown): readonly string[] {
  const grants: unknown = (sections as { grants?: unknown } | null | undefined)?.grants;
  if (typeof grants !== 'object' || grants === null) return [];
  return Object.values(grants).flatMap((entry: { code?: unknown } | null) =>
    typeof entry?.code === 'string' ? [entry.code] : [],
  );
}

/** The vendor to whom a key belongs, by id; null for nobody's. */
export function vendorOf(registry: Registry, key: string): string | null {
  const owners = Object.keys(registry.vendors).filter((id) => registry.vendors[id]?.keys.includes(key));
  return owners.sort()[0] ?? null;
}

/** The licence codes of a registry: what each says, whether it counts, and if not, why. Deterministic. */
export function heldGrants(registry: Registry, by: GrantsBy): readonly HeldGrant[] {
  const held = Object.entries(registry.grants)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, entry]) => {
      const read = readEntry(entry);
      const grant = read.ok ? read.value : null;
      const vendor = grant === null ? null : vendorOf(registry, grant.key);
      const unreadable = read.ok
        ? null
        : ({ reason: 'unreadable', message: read.detail ?? read.reason } as const);
      const flaw = grant === null ? unreadable : flawOf(registry, id, grant, entry.code, by);
      return { id, grant, vendor, flaw };
    });
  const sound = held.filter(({ flaw }) => flaw === null);
  return held.map((each) => {
    const heir = sound.find(
      ({ grant, vendor }) => vendor === each.vendor && grant !== null && grant.supersedes === each.id,
    );
    return { ...each, supersededBy: heir?.id ?? null };
  });
}

/** Whether a licence code counts, at the instants for which it is given. */
export function counts({ flaw, grant, supersededBy }: HeldGrant): boolean {
  return grant !== null && flaw === null && supersededBy === null;
}

/** Why a grant does not fit a registry and its realm; null where it does. Signatures and time are another matter. */
export function misfitOf(registry: Registry, grant: SealedGrant, realm: Hash): Flaw<GrantMisfit> | null {
  const vendor = vendorOf(registry, grant.key);
  if (vendor === null) {
    // The attack: whoever can draft would grant themselves seats under a key of their own.
    return { reason: 'unknown-vendor', message: `signed by ${grant.key}, a key of no vendor here` };
  }
  if (grant.realm !== null && realm !== NO_HASH && grant.realm !== realm) {
    return { reason: 'other-realm', message: `it is for the realm ${grant.realm}, this is ${realm}` };
  }
  const software = entryOf(registry.software, grant.product);
  if (software === undefined) {
    return { reason: 'unknown-product', message: `there is no ${grant.product} in software` };
  }
  if (software.grantedBy !== undefined && software.grantedBy !== vendor) {
    const message = `${vendor} signed it, seats of ${grant.product} are granted by ${software.grantedBy}`;
    return { reason: 'other-vendor', message };
  }
  for (const feature of [...grant.features.keys()].sort()) {
    const known = entryOf(registry.features, feature);
    if (known === undefined) {
      return { reason: 'unknown-feature', message: `there is no ${feature} in features` };
    }
    if (known.software !== grant.product) {
      const message = `${feature} belongs to ${known.software}, the code is for ${grant.product}`;
      return { reason: 'unknown-feature', message };
    }
  }
  return null;
}

/** The id of a licence code of the vendor that stands in place of the one with this id; null if none does. */
export function heirOf(registry: Registry, id: string, vendor: string): string | null {
  const heir = Object.entries(registry.grants)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .find(([, entry]) => {
      const grant = readEntry(entry);
      return grant.ok && grant.value.supersedes === id && vendorOf(registry, grant.value.key) === vendor;
    });
  return heir?.[0] ?? null;
}

function flawOf(
  registry: Registry,
  id: string,
  grant: SealedGrant,
  code: string,
  { realm, signed }: GrantsBy,
): Flaw<GrantFlaw> | null {
  if (!signed.has(code)) {
    return { reason: 'bad-signature', message: 'its signature is not of the key that it names' };
  }
  // The attack: one code under two ids would count twice.
  if (grant.id !== id) return { reason: 'other-id', message: `the code calls itself ${grant.id}` };
  return misfitOf(registry, grant, realm);
}

type Read = ReturnType<typeof decodeGrant>;
type Entry = Registry['grants'][string];

const read = new WeakMap<Entry, Read>();

// Versions share their entries, and every host of a realm reads all of each.
function readEntry(entry: Entry): Read {
  const known = read.get(entry);
  if (known !== undefined) return known;
  const grant = decodeGrant(entry.code);
  read.set(entry, grant);
  return grant;
}
