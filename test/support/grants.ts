import type { Signer } from '../../core/ports.ts';
import { periodEnd, periodStart } from '../../core/state/period.ts';
import type { Registry } from '../../core/state/registry.ts';
import { seconds } from '../../core/units.ts';
import { decodeGrant, type Grant, prepareGrant, type SealedGrant } from '../../core/wire/grant.ts';
import { testSigner } from './keys.ts';
import { smallRegistry } from './registries.ts';

/** The vendor of the tests' ray tracer, and one of whom nobody has heard. */
export const NORTHLIGHT = testSigner('northlight');
export const STRANGER = testSigner('a stranger');

/** What a test says of a grant; dates as in a registry. */
export interface Granting extends Partial<Omit<Grant, 'from' | 'until' | 'features' | 'overdraft'>> {
  readonly features?: Readonly<Record<string, number>>;
  readonly overdraft?: Readonly<Record<string, number>>;
  readonly from?: string;
  readonly until?: string;
}

/** Five seats of batch tracing and two of the viewer in 2030, unless told. */
export function grantOf({ features, from, overdraft, until, ...rest }: Granting = {}): Grant {
  return {
    ...{ id: 'order-1', product: 'raytracer', realm: null, supersedes: null, note: '', ...rest },
    features: new Map(Object.entries(features ?? { 'ray-batch': 5, 'ray-view': 2 })),
    overdraft: new Map(Object.entries(overdraft ?? {})),
    from: periodStart(from ?? '2030-01-01') ?? seconds(0),
    until: periodEnd(until ?? '2030-12-31') ?? seconds(0),
  };
}

/** A licence code, signed. */
export async function codeOf(granting: Granting = {}, signer: Signer = NORTHLIGHT): Promise<string> {
  const prepared = prepareGrant(grantOf(granting), signer.key);
  if (!prepared.ok) throw new Error(prepared.detail);
  return prepared.value.seal(await signer.sign(prepared.value.signed));
}

/** A licence code as read. */
export async function sealedOf(granting: Granting = {}, signer: Signer = NORTHLIGHT): Promise<SealedGrant> {
  const grant = decodeGrant(await codeOf(granting, signer));
  if (!grant.ok) throw new Error(grant.detail);
  return grant.value;
}

/** A code under a vendor's key that the vendor has not signed. */
export async function forgedCode(granting: Granting = {}): Promise<string> {
  return codeOf(granting, { key: NORTHLIGHT.key, sign: STRANGER.sign });
}

/** The small lab, whose ray tracer Northlight grants, with these licence codes under their own ids. */
export async function grantedRegistry(...grantings: readonly Granting[]): Promise<Registry> {
  const registry = smallRegistry();
  registry.vendors = { northlight: { name: 'Northlight', keys: [NORTHLIGHT.key] } };
  registry.software = { raytracer: { name: 'Ray tracer', grantedBy: 'northlight' } };
  for (const granting of grantings) {
    const { code, id } = await sealedOf(granting);
    registry.grants[id] = { code };
  }
  return registry;
}
