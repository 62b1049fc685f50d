import { sha512 } from '../../core/adapters/sha512-node.ts';
import type { Signer } from '../../core/ports.ts';
import { type PublicKey, seconds } from '../../core/units.ts';
import { timeKeeper } from '../../relay/time.ts';
import { testSigner } from './keys.ts';

/** The answer of a relay with this key to a request, at the time given; `name` is whose relay it takes itself for. */
export async function signedTime(
  signer: Signer,
  request: Uint8Array,
  at: number,
  name: PublicKey = signer.key,
): Promise<Uint8Array> {
  const keeper = await timeKeeper({
    longTerm: { ...signer, key: name },
    makeOnlineKey: async () => testSigner('online'),
    wall: () => seconds(at),
    synchronised: () => true,
    mark: { load: async () => null, save: async () => undefined },
    sha512,
  });
  const [answer] = await keeper.answer([request]);
  if (!answer) throw new Error('a relay has not answered');
  return answer;
}
