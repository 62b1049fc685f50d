import { sealed } from '../../core/agent/founding.ts';
import type { Signer } from '../../core/ports.ts';
import type { LogId } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import type { RigHost } from './host-rig.ts';
import { testSigner } from './keys.ts';

/** The update by which somebody joins with an invitation of this host's realm, and does no more. */
export async function foreignJoin(inviter: RigHost, log: LogId, once: Signer): Promise<Uint8Array> {
  const { realm } = inviter.runtime.model.state.ledger;
  const signer = testSigner(`joining ${log}`);
  const proof = await once.sign(joinBytes(realm, log, signer.key));
  const record = await sealed(signer, { realm, log, seq: 0, prev: NO_HASH }, 'join', {
    key: signer.key,
    proof,
  });
  return encodeAppend([{ log, from: 0, records: [record] }]);
}
