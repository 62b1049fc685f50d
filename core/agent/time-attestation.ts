import { newestVersion } from '../engine/model.ts';
import type { Signer } from '../ports.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { encodeAttestation, statementBytes } from '../wire/attestation.ts';
import { MAX_TIMES } from '../wire/bounds.ts';

/** A host's signed statement of the present, as a file: the newest time of each relay and the newest version; null where no relay has signed a time. */
export async function attestation(
  runtime: Pick<Runtime, 'model' | 'times'>,
  signer: Signer,
  host: string,
  audience: string | null,
): Promise<string | null> {
  const times = runtime.times().slice(0, MAX_TIMES);
  if (times.length === 0) return null;
  const newest = newestVersion(runtime.model);
  const head = newest && { generation: newest.generation, version: newest.version, digest: newest.id };
  const { realm } = runtime.model.state.membership;
  const statement = { realm, host, key: signer.key, audience, times, head };
  return encodeAttestation({ ...statement, signature: await signer.sign(statementBytes(statement)) });
}
