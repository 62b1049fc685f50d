import assert from 'node:assert/strict';
import type { NewRecord } from '../../core/engine/effect.ts';
import { knownFrom } from '../../core/runtime/arrivals.ts';
import { sealRecords } from '../../core/runtime/own-log.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import type { RigHost } from './host-rig.ts';
import { nodeCrypto } from './keys.ts';

/** A record at the end of a host's log, that its engine has not asked for. */
export async function signedBy(
  { log, runtime, signer }: RigHost,
  record: NewRecord,
): Promise<VerifiedRecord> {
  const { ledger, membership } = runtime.model.state;
  const known = knownFrom(ledger, membership);
  const [group] = await sealRecords([record], log, known, { crypto: nodeCrypto, signer });
  const sealed = group?.at(-1);
  assert(sealed !== undefined);
  return sealed;
}
