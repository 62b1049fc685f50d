import assert from 'node:assert/strict';
import type { Hash } from '../../core/units.ts';
import { verifyAttestation } from '../../core/verify/attestation.ts';
import { statementBytes } from '../../core/wire/attestation.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { timeAuthority } from '../support/time-authority.ts';

const REALM = 'ab'.repeat(32) as Hash;
const RELAY = timeAuthority('relay');
const [FIRST, SECOND] = [testSigner('ws01'), testSigner('ws02')];
const KNOWN = { realm: REALM, relays: [RELAY.key], hosts: { ws01: [FIRST.key], ws02: [SECOND.key] } };

/** What of a statement that `signer` makes in the name of `host` does not hold. */
async function wrong(host: string, signer = FIRST): Promise<readonly string[]> {
  const { bytes } = await RELAY.token(1_906_545_600);
  const said = { realm: REALM, host, key: signer.key, audience: null, times: [bytes], head: null };
  const made = { ...said, signature: await signer.sign(statementBytes(said)) };
  const { checks } = await verifyAttestation(nodeCrypto, made, KNOWN);
  return checks.flatMap(({ check, ok }) => (ok ? [] : [check]));
}

describe('A statement of the present', () => {
  it('holds under the key of its host', async () => assert.deepEqual(await wrong('ws01'), []));

  it('does not hold in the name of a host whose key another host of the realm signs with', async () =>
    assert.deepEqual(await wrong('ws01', SECOND), ['host']));

  for (const name of ['ws03', 'constructor', '__proto__']) {
    it(`does not hold in the name of ${name}, which is no host`, async () =>
      assert.deepEqual(await wrong(name), ['host']));
  }
});
