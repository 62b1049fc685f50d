import type { Signer } from '../../core/ports.ts';
import { rosterOf } from '../../core/state/compile.ts';
import { emptyDraft, setRegistry } from '../../core/state/drafts.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Role } from '../../core/state/roster.ts';
import { rosterToValue } from '../../core/state/roster-codec.ts';
import type { Hash, LogId, PrincipalId } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import { BODIES, type Body, type RecordType } from '../../core/wire/bodies.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import type { Shape } from '../../core/wire/shape.ts';
import { testSigner } from '../support/keys.ts';
import { type RememberedCrypto, rememberedCrypto } from '../support/remembered-crypto.ts';

const FAR = 4_102_444_800;

/** Somebody with one device: a host with a class, or a person's. */
export interface Device {
  readonly id: PrincipalId;
  readonly log: LogId;
  readonly class: string | null;
  readonly roles: readonly Role[];
}

/** A realm as it is when the run begins: everybody has joined, the first draft says what the genesis' roster says. */
export interface SimRealm {
  readonly id: Hash;
  readonly devices: readonly Device[];
  readonly records: ReadonlyMap<LogId, readonly Uint8Array[]>;
}

/** Real checks of real signatures, each made once for all hosts and runs. */
export const simCrypto: RememberedCrypto = rememberedCrypto();

const signers = new Map<string, Signer>();

/** The key of a log; the same in all runs, since making keys is slow. */
export function signerOfLog(log: LogId | string): Signer {
  const name = `log ${log}`;
  const known = signers.get(name);
  if (known !== undefined) return known;
  const { key, sign } = testSigner(name);
  const signer: Signer = {
    key,
    sign: async (message) => {
      const signature = await sign(message);
      simCrypto.made(key, message, signature);
      return signature;
    },
  };
  signers.set(name, signer);
  return signer;
}

/** The one-time key of the invitation to a log. */
export function onceOfLog(log: LogId): Signer {
  return signerOfLog(`${log} once`);
}

/** Seals one record. */
export async function sealOne<T extends RecordType>(
  signer: Signer,
  place: { readonly realm: Hash; readonly log: LogId; readonly seq: number; readonly prev: Hash },
  type: T,
  body: Body<T>,
): Promise<Uint8Array> {
  const shape = BODIES[type] as unknown as Shape<Body<T>>;
  const record = prepareRecord({ ...place, type, body: shape.encode(body) });
  return record.seal(await signer.sign(record.signed));
}

/** The first record of an invited log. */
export async function joinRecord(realm: Hash, log: LogId): Promise<Uint8Array> {
  const { key } = signerOfLog(log);
  const proof = await onceOfLog(log).sign(joinBytes(realm, log, key));
  return sealOne(signerOfLog(log), { realm, log, seq: 0, prev: NO_HASH }, 'join', { key, proof });
}

/** Founds a realm: the first device's log holds the genesis, the drafts and an invitation for each other device. */
export async function foundSimRealm(registry: Registry, devices: readonly Device[]): Promise<SimRealm> {
  const [founder, ...others] = devices;
  if (founder === undefined) throw new RangeError('expected at least one device');
  const { log } = founder;
  const signer = signerOfLog(log);
  const roster = rosterToValue(rosterOf(registry)) as CborValue;
  const nonce = new Uint8Array(16);
  const body = { name: registry.realm.name, key: signer.key, roster, nonce };
  const genesis = await sealOne(signer, { realm: NO_HASH, log, seq: 0, prev: NO_HASH }, 'genesis', body);
  const realm = hashOf(genesis);
  const own = [genesis];
  const put = async <T extends RecordType>(type: T, content: Body<T>): Promise<void> => {
    const place = { realm, log, seq: own.length, prev: hashOf(own.at(-1) ?? genesis) };
    own.push(await sealOne(signer, place, type, content));
  };
  for (const update of setRegistry(emptyDraft(), log, registry)) {
    await put('draft', { base: new Map(), update });
  }
  const records = new Map<LogId, readonly Uint8Array[]>([[log, own]]);
  for (const device of others) {
    const { class: hostClass, id, roles } = device;
    const kind = hostClass === null ? 'person' : 'host';
    const invited = { log: device.log, key: onceOfLog(device.log).key, until: FAR };
    await put('invite', { ...invited, kind, id, name: id, class: hostClass, roles: [...roles] });
    records.set(device.log, [await joinRecord(realm, device.log)]);
  }
  return { id: realm, devices, records };
}
