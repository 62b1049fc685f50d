import type { LogId } from '../../core/units.ts';
import { newToken } from '../../relay/realms.ts';
import { makeRealm, type TestRealm } from './realm.ts';
import { type Rig, type RigOptions, register, relayRig } from './relay-rig.ts';

/** Two hosts that vote and an issuer. */
export const SIZE = { hosts: 2, issuers: 1, voters: 2 };

/** The body of a record of the type `heads` that tells nothing. */
export const REMARK = { whole: true, next: new Map<LogId, number>() };

/** A relay in memory, a realm of this size that it serves, and the log of the first host. */
export async function served(
  seed: string,
  options: RigOptions = {},
  size = SIZE,
): Promise<{ readonly rig: Rig; readonly realm: TestRealm; readonly log: LogId }> {
  const rig = await relayRig(options);
  const realm = await makeRealm(seed, size);
  await register(rig, realm);
  return { rig, realm, log: realm.logOf('host-1') };
}

/** Gives a realm a read token, as `realm token` does. */
export async function tokenFor(rig: Rig, realm: TestRealm): Promise<string> {
  const { hash, token } = newToken({ bytes: (length) => new Uint8Array(length).fill(3) });
  const entry = rig.realms.find(realm.id);
  if (entry !== undefined) await rig.realms.put({ ...entry, token: hash });
  return token;
}
