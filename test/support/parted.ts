import type { StoreImage } from '../../core/adapters/store-memory.ts';
import type { Crypto } from '../../core/ports.ts';
import type { LogId } from '../../core/units.ts';
import type { Run } from '../../core/wire/append.ts';
import { certify } from './certified.ts';
import { testClock } from './clock.ts';
import { lookOn, type Onlooker } from './onlooker.ts';
import { makeRealm, type TestRealm } from './realm.ts';
import { RIG_NOW } from './relay-rig.ts';

/** A realm whose only voter's log has two histories: in the one it certifies version 2, in the other it does not. */
export interface PartedRealm {
  readonly realm: TestRealm;
  readonly voter: LogId;
  /** Where the voter's histories part. */
  readonly at: number;
  /** The voter's log up to there, its history with the ack from there, and the first record of the other one. */
  readonly before: Run;
  readonly acking: Run;
  readonly silent: Run;
  /** The logs of all others. */
  readonly others: readonly Run[];
}

const REMARK = { whole: true, next: new Map<LogId, number>() };

/** Makes the realm as a function of the seed. */
export async function partedRealm(seed: string): Promise<PartedRealm> {
  const realm = await makeRealm(seed, { hosts: 3, issuers: 1, voters: 1 });
  const voter = realm.logOf('host-1');
  const newcomer = await realm.invite('host-9');
  await realm.join(newcomer);
  const before = realm.run(voter);
  const at = before.records.length;
  await realm.append(voter, 'heads', REMARK);
  const second = await realm.fork(voter, at, 'heads', { ...REMARK, whole: false });
  await certify(realm, {
    ...{ id: newcomer.id, kind: 'host', name: 'host-9', class: 'office', roles: [] },
    logs: [{ log: newcomer.log, key: newcomer.signer.key }],
  });
  const others = realm.runs().filter(({ log }) => log !== voter);
  const acking = realm.run(voter, at);
  return { realm, voter, at, before, acking, silent: { log: voter, from: at, records: [second] }, others };
}

/** A host of such a realm. */
export interface PartedHost extends Onlooker {
  /** The numbers of the versions that it knows to be certified. */
  versions(): readonly number[];
}

/** The host of `host-2`, which knows its own log, or what a disk holds. */
export async function partedHost(
  { realm }: PartedRealm,
  image?: StoreImage,
  crypto?: Crypto,
): Promise<PartedHost> {
  const log = realm.logOf('host-2');
  const host = await lookOn({
    ...{ log, image, realm: realm.id, signer: realm.signerOf(log), clock: testClock(RIG_NOW) },
    ...{ opening: realm.run(log).records, ...(crypto === undefined ? {} : { crypto }) },
  });
  const versions = () => host.runtime.model.state.membership.versions.map(({ version }) => version);
  return { ...host, versions };
}
