import { fromHex, type Hash, type LogId, type PublicKey } from '../units.ts';
import { encodeCbor } from '../wire/cbor.ts';

/** What an invitation's one-time key signs: this newcomer's key for this log of this realm, and nothing else. */
export function joinBytes(realm: Hash, log: LogId, key: PublicKey): Uint8Array {
  return encodeCbor(['leasehold/join/1', fromHex(realm), log, fromHex(key)]);
}
