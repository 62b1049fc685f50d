import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { foundingRegistry, foundRealm, sealed } from '../../core/agent/founding.ts';
import type { Signer, Store } from '../../core/ports.ts';
import type { RuntimeOptions } from '../../core/runtime/options.ts';
import { openRuntime, type Runtime } from '../../core/runtime/runtime.ts';
import type { Registry, RegistryImport } from '../../core/state/registry.ts';
import { mergeRegistry } from '../../core/state/registry-merge.ts';
import { type Hash, type LogId, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import { testClock } from '../support/clock.ts';
import { testSigner } from '../support/keys.ts';
import { relayKey, testToken } from '../support/tokens.ts';

/** The moment at which these realms live: noon of a day inside the periods of the example, clear of the ends of terms. */
export const MOMENT = 1_798_804_800;
/** A feature with plenty of seats, beside those of the example. */
export const FEATURE = 'bench';
/** Somebody of the example. */
export const USER = 'mira.solberg';

/** A host of a realm made for a benchmark, before it runs. */
interface BenchMember {
  readonly id: PrincipalId;
  readonly log: LogId;
  readonly signer: Signer;
  /** The invitation's one-time key; null for the founder. */
  readonly once: Signer | null;
  readonly opening: readonly Uint8Array[];
}

/** The example lab as a realm of so many running hosts; the first founded it. */
export interface BenchRealm {
  readonly id: Hash;
  readonly genesis: Uint8Array;
  readonly registry: Registry;
  readonly members: readonly BenchMember[];
}

const EXAMPLE = fileURLToPath(new URL('../../../examples/lab.registry.json', import.meta.url));
const SEATS = 100_000;
const DAY = 86_400;
const FIRST_LOG = 1001;

/** Makes a realm from the example lab whose genesis names these hosts, the first few of them voters. */
export async function benchRealm(hosts: number, voters: number): Promise<BenchRealm> {
  const names = Array.from({ length: hosts }, (_, i) => `bench-${i + 1}`);
  const [first = ''] = names;
  const log = FIRST_LOG as LogId;
  const signer = testSigner(first);
  const founding = {
    ...{ name: 'Example lab', log, person: null, roles: [] },
    host: { id: first as PrincipalId, name: first, class: 'office' },
    relays: [{ url: 'ws://relay.lab.example', key: relayKey(1), token: null }],
    recovery: { keys: [testSigner('recovery').key], threshold: 1 },
  };
  const registry = await registryOf(foundingRegistry(founding, signer.key), names, voters);
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
  const { genesis, realm, records } = await foundRealm(founding, registry, signer, random);
  const opening = [...records];
  const members: BenchMember[] = [{ id: founding.host.id, log, signer, once: null, opening }];
  for (const [i, name] of names.entries()) {
    if (i === 0) continue;
    const member = await invited(realm, name, (FIRST_LOG + i) as LogId);
    const kind = 'host' as const;
    const roles = i < voters ? (['voter'] as const) : [];
    const { log: at, once, id } = member;
    const body = { log: at, key: once.key, kind, id, name, class: 'office', roles, until: MOMENT + DAY };
    const prev = hashOf(opening.at(-1) ?? genesis);
    opening.push(await sealed(signer, { realm, log, seq: opening.length, prev }, 'invite', body));
    members.push(member);
  }
  return { id: realm, genesis, registry, members };
}

async function invited(
  realm: Hash,
  name: string,
  log: LogId,
): Promise<BenchMember & { readonly once: Signer }> {
  const signer = testSigner(name);
  const once = testSigner(`${name}/once`);
  const body = { key: signer.key, proof: await once.sign(joinBytes(realm, log, signer.key)) };
  const join = await sealed(signer, { realm, log, seq: 0, prev: NO_HASH }, 'join', body);
  return { id: name as PrincipalId, log, signer, once, opening: [join] };
}

/** The example lab as an import, with a feature that has plenty of seats. */
export async function labImport(): Promise<RegistryImport> {
  const example = JSON.parse(await readFile(EXAMPLE, 'utf8')) as RegistryImport;
  const [software = ''] = Object.keys(example.software ?? {});
  return {
    ...example,
    features: { ...example.features, [FEATURE]: { name: 'Bench', software, seats: SEATS } },
    periods: { ...example.periods, [FEATURE]: { feature: FEATURE, from: '2020-01-01', until: '2120-01-01' } },
  };
}

async function registryOf(base: Registry, names: readonly string[], voters: number): Promise<Registry> {
  const merged = mergeRegistry(base, await labImport());
  const hosts = names.slice(1).map((name, i) => {
    const logs: Record<LogId, PublicKey> = { [(FIRST_LOG + i + 1) as LogId]: testSigner(name).key };
    return [name, { name, class: 'office', roles: i + 1 < voters ? ['voter' as const] : [], logs }] as const;
  });
  return { ...merged, hosts: { ...merged.hosts, ...Object.fromEntries(hosts) } };
}

/** Runs a host of the realm on a store, knowing the time. */
export async function runHost(
  realm: BenchRealm,
  member: BenchMember,
  store: Store,
  edge: Partial<Pick<RuntimeOptions, 'event' | 'publish'>> = {},
): Promise<Runtime> {
  const clock = testClock(MOMENT);
  let counted = 0;
  const runtime = await openRuntime({
    ...{ store, crypto: nodeCrypto, signer: member.signer, clock, realm: realm.id, log: member.log },
    ...{ opening: member.opening, probe: async () => false },
    counter: {
      read: async () => counted,
      write: async (next) => {
        counted = next;
      },
    },
    ...{ event: () => undefined, publish: () => undefined },
    ...edge,
    fault(error) {
      throw error;
    },
  });
  const token = testToken(relayKey(1), MOMENT);
  await runtime.see({ token, sentAt: seconds(0), receivedAt: seconds(0), boot: clock.boot() });
  return runtime;
}
