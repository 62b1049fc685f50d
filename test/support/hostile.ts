import type { LogId } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import { putVaruint } from '../../core/wire/varint.ts';
import { testSigner } from './keys.ts';
import { encodeBody, makeRealm, type Newcomer, type TestRealm } from './realm.ts';
import { RIG_NOW } from './relay-rig.ts';

/** A realm that everybody holds as it is now, and what an attacker needs to build on it. */
export interface Scene {
  readonly realm: TestRealm;
  /** A log of a member in good standing, its next seq and its last record. */
  readonly log: LogId;
  readonly next: number;
  readonly last: Uint8Array;
  /** A log that the issuer ended at its seq 2. */
  readonly ended: LogId;
  /** A log that has two histories at seq 1, and the second. */
  readonly forked: LogId;
  readonly second: Uint8Array;
  /** Who was invited and has not joined; whose invitation is over; whom no issuer invited; who has joined and no more. */
  readonly newcomer: Newcomer;
  readonly late: Newcomer;
  readonly friend: Newcomer;
  readonly joined: Newcomer;
  /** Another realm, of which this one knows nothing. */
  readonly other: TestRealm;
}

const LONG_AGO = 1_700_000_000;
const REMARK = { whole: true, next: new Map<LogId, number>() };

/** The body of a record that says nothing. */
export const NOTHING_SAID = encodeBody('heads', REMARK);

/** Makes the scene as a function of the seed. */
export async function hostileScene(seed: string): Promise<Scene> {
  const realm = await makeRealm(seed, { hosts: 4, issuers: 1, voters: 1 });
  const [log, ended, forked] = [realm.logOf('host-1'), realm.logOf('host-3'), realm.logOf('host-4')];
  for (const each of [log, log, log, ended, forked, forked]) await realm.append(each, 'heads', REMARK);
  const issuer = realm.logOf('issuer-1');
  await realm.append(issuer, 'revoke', { logs: new Map([[ended, 2]]), reason: 'sold' });
  const second = await realm.fork(forked, 1, 'heads', { ...REMARK, whole: false });
  const newcomer = await realm.invite('host-7');
  const late = await realm.invite('host-8', LONG_AGO);
  const joined = await realm.invite('host-9');
  await realm.join(joined);
  const friend: Newcomer = {
    ...newcomer,
    log: realm.logOf('friend'),
    oneTime: testSigner(`${seed}/friend/once`),
  };
  await realm.append(log, 'invite', {
    ...{ log: friend.log, key: friend.oneTime.key, kind: 'host', id: newcomer.id, name: 'friend' },
    ...{ class: 'office', roles: [], until: RIG_NOW + 1000 },
  });
  const { records } = realm.run(log);
  return {
    ...{ realm, log, next: records.length, last: records.at(-1) as Uint8Array, ended, forked, second },
    ...{
      newcomer,
      late,
      friend,
      joined,
      other: await makeRealm(`${seed} elsewhere`, { hosts: 4, issuers: 1, voters: 1 }),
    },
  };
}

/** What a record says that is sealed at any place, by any key. */
interface Forgery {
  readonly log?: LogId;
  readonly seq?: number;
  readonly after?: Uint8Array | null;
  readonly realm?: TestRealm;
  readonly type?: string;
  readonly body?: CborValue;
  readonly signer?: { sign(message: Uint8Array): Promise<Uint8Array> };
}

/** The next record of the scene's log, or what a forger makes of it. */
export async function forged(scene: Scene, forgery: Forgery = {}): Promise<Uint8Array> {
  const { log = scene.log, seq = scene.next, after = scene.last, realm = scene.realm } = forgery;
  const { body = NOTHING_SAID, type = 'heads' } = forgery;
  const prev = after === null ? NO_HASH : hashOf(after);
  const record = prepareRecord({ realm: realm.id, log, seq, prev, type, body });
  const signer = forgery.signer ?? scene.realm.signerOf(scene.log);
  return record.seal(await signer.sign(record.signed));
}

/** The first record of a log, under whatever proof. */
export async function joining(
  scene: Scene,
  { log, oneTime, signer }: Newcomer,
  realm: TestRealm = scene.realm,
): Promise<Run> {
  const proof = await oneTime.sign(joinBytes(realm.id, log, signer.key));
  const body = encodeBody('join', { key: signer.key, proof });
  return {
    log,
    from: 0,
    records: [await forged(scene, { log, seq: 0, after: null, type: 'join', body, signer })],
  };
}

/** The bytes of a record whose header and payload are as given, signed by nobody. */
export function enveloped(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(0xd2, ...encodeCbor([header, new Map(), payload, new Uint8Array(64)]));
}

/** One record with one bit of its signature wrong. */
export function spoiled(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

/** Bytes one after another; numbers as Yjs writes them. */
export function spelled(...parts: readonly (number | Uint8Array)[]): Uint8Array {
  const bytes = parts.map((part) => {
    if (typeof part !== 'number') return part;
    const out = new Uint8Array(9);
    return out.subarray(0, putVaruint(out, 0, part));
  });
  return new Uint8Array(Buffer.concat(bytes));
}

/** The update of one run at the end of the scene's log. */
export function following({ log, next }: Scene, ...records: readonly Uint8Array[]): Uint8Array {
  return encodeAppend([{ log, from: next, records }]);
}
