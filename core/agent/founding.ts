import type { Random, Signer } from '../ports.ts';
import { rosterOf } from '../state/compile.ts';
import { emptyDraft, setRegistry } from '../state/drafts.ts';
import type { Registry } from '../state/registry.ts';
import { rosterToValue } from '../state/roster-codec.ts';
import type { Hash, LogId, PrincipalId, PublicKey } from '../units.ts';
import { BODIES, type Body, type RecordType } from '../wire/bodies.ts';
import type { CborValue } from '../wire/cbor.ts';
import { hashOf } from '../wire/hash.ts';
import { NO_HASH, prepareRecord } from '../wire/record.ts';
import type { Role } from '../wire/roles.ts';
import type { Shape } from '../wire/shape.ts';
import type { RealmRelay } from './invitation.ts';

const DAY = 86_400;
const NONCE_BYTES = 16;

/** The classes of hosts that a new realm has. A lab's terms reach over 120 days ahead, so that it can be without a link for long. */
const FIRST_CLASSES = {
  office: { term: DAY, ahead: 2, maxOffline: 14 * DAY, clock: 'none' },
  laptop: { term: 7 * DAY, ahead: 3, maxOffline: 14 * DAY, clock: 'rtc' },
  lab: { term: 60 * DAY, ahead: 2, maxOffline: 45 * DAY, clock: 'rtc' },
} as const satisfies Registry['classes'];

/** What a realm starts with. */
export interface Founding {
  readonly name: string;
  /** The founding host: issuer, voter and editor in one. */
  readonly host: { readonly id: PrincipalId; readonly name: string; readonly class: string };
  /** The person who begins, so that somebody may use what the registry will name; not a member without a log. */
  readonly person: { readonly id: PrincipalId; readonly name: string } | null;
  /** Further roles of the founding host. */
  readonly roles: readonly Role[];
  readonly log: LogId;
  readonly relays: readonly RealmRelay[];
  readonly recovery: { readonly keys: readonly PublicKey[]; readonly threshold: number };
}

/** The first records of a realm, in the founder's log: the genesis and the drafts that spell its registry. */
interface FoundingRecords {
  readonly realm: Hash;
  readonly genesis: Uint8Array;
  readonly records: readonly Uint8Array[];
}

/** The registry that a realm starts with; compiling it gives the roster of its genesis. */
export function foundingRegistry(founding: Founding, key: PublicKey): Registry {
  const { host, log, person, recovery } = founding;
  const roles = [...new Set<Role>(['editor', 'issuer', 'voter', ...founding.roles])].sort();
  const signing = founding.relays.flatMap(({ url, key }) => (key === null ? [] : [{ url, key }]));
  return {
    realm: { name: founding.name },
    classes: FIRST_CLASSES,
    software: {},
    features: {},
    blocks: {},
    groups: {},
    people: person === null ? {} : { [person.id]: { name: person.name } },
    hosts: { [host.id]: { name: host.name, class: host.class, roles, logs: { [log]: key } } },
    periods: {},
    reservations: {},
    rules: {},
    vendors: {},
    grants: {},
    policy: { issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle' },
    relays: Object.fromEntries(signing.map((relay, i) => [`relay-${i + 1}`, relay])),
    recovery: { keys: [...recovery.keys].sort(), threshold: recovery.threshold },
  };
}

/** Writes and signs the first records of a realm whose registry is this one, as `foundingRegistry` or an import upon it gives it. */
export async function foundRealm(
  { name, log }: Pick<Founding, 'name' | 'log'>,
  registry: Registry,
  signer: Signer,
  random: Random,
): Promise<FoundingRecords> {
  const roster = rosterToValue(rosterOf(registry)) as CborValue;
  const body = { name, key: signer.key, roster, nonce: random.bytes(NONCE_BYTES) };
  const genesis = await sealed(signer, { realm: NO_HASH, log, seq: 0, prev: NO_HASH }, 'genesis', body);
  const realm = hashOf(genesis);
  const records = [genesis];
  for (const update of setRegistry(emptyDraft(), log, registry)) {
    const prev = hashOf(records.at(-1) ?? genesis);
    const place = { realm, log, seq: records.length, prev };
    records.push(await sealed(signer, place, 'draft', { base: new Map(), update }));
  }
  return { realm, genesis, records };
}

/** Writes and signs one record with a body of its type. */
export async function sealed<T extends RecordType>(
  signer: Signer,
  place: { readonly realm: Hash; readonly log: LogId; readonly seq: number; readonly prev: Hash },
  type: T,
  body: Body<T>,
): Promise<Uint8Array> {
  const shape = BODIES[type] as unknown as Shape<Body<T>>;
  const record = prepareRecord({ ...place, type, body: shape.encode(body) });
  return record.seal(await signer.sign(record.signed));
}
