import type { Signer } from '../../core/ports.ts';
import type { Roster } from '../../core/state/roster.ts';
import { rosterToValue } from '../../core/state/roster-codec.ts';
import { recoverBytes } from '../../core/verify/carried.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { type Parent, withMember } from './candidates.ts';
import { testSigner } from './keys.ts';
import type { TestRealm } from './realm.ts';

/** The recovery key of every test realm. */
export const RECOVERY_KEY = testSigner('recovery/host-1');

/** Writes a recovery that takes `host-3` out, of generation 1 and version 10 unless told, into the log of `host-1` or of `by`. */
export async function recover(
  realm: TestRealm,
  parent: Parent,
  more: {
    readonly generation?: number;
    readonly version?: number;
    readonly keys?: readonly Signer[];
    readonly by?: string;
  } = {},
): Promise<Parent> {
  const roster: Roster = withMember(parent.roster, 'host-3', null);
  const version = more.version ?? 10;
  const fields = {
    ...{ generation: more.generation ?? 1, version, parent: parent.id, reason: 'fire' },
    roster: rosterToValue(roster) as CborValue,
  };
  const message = recoverBytes(realm.id, fields);
  const keys = more.keys ?? [RECOVERY_KEY];
  const signatures = await Promise.all(
    keys.map(async (signer) => ({ key: signer.key, signature: await signer.sign(message) })),
  );
  const log = realm.logOf(more.by ?? 'host-1');
  const bytes = await realm.append(log, 'recover', { ...fields, signatures });
  return { id: hashOf(bytes), version, roster };
}
