import assert from 'node:assert/strict';
import type { webcrypto } from 'node:crypto';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { exportPkcs8, generateIdentity } from '../../core/adapters/identity.ts';
import {
  type LeaseClaims,
  leaseTokenSigner,
  MAX_TOKEN_LENGTH,
  verifyLeaseToken,
} from '../../core/adapters/lease-token.ts';
import { fromHex, type Hash, type PublicKey, seconds } from '../../core/units.ts';

const claims: LeaseClaims = {
  issuer: `${'ab'.repeat(32)}/ws01`,
  user: 'ana',
  lease: 'l-1',
  feature: 'sim.pro',
  tool: 'solver',
  version: 42,
  issuedAt: seconds(1_800_000_000),
  from: seconds(1_800_000_000),
  until: seconds(1_800_003_600),
};

describe('the token of a lease', () => {
  let key: PublicKey;
  let sign: (claims: LeaseClaims) => string;
  let privateKey: webcrypto.CryptoKey;
  before(async () => {
    const identity = await generateIdentity(crypto.subtle);
    key = identity.publicKey;
    privateKey = identity.privateKey;
    sign = leaseTokenSigner(await exportPkcs8(crypto.subtle, identity));
  });

  const joseKey = () =>
    importJWK({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(fromHex(key)).toString('base64url') }, 'EdDSA');

  it('says what was leased', async () =>
    assert.deepEqual(await verifyLeaseToken(sign(claims), key), { ok: true, value: claims }));

  it('is a JWT that a JWT library takes, with the registered claims', async () => {
    const options = { currentDate: new Date(1_800_000_010_000), issuer: claims.issuer, subject: 'ana' };
    const { payload, protectedHeader } = await jwtVerify(sign(claims), await joseKey(), options);
    assert.deepEqual(protectedHeader, { alg: 'EdDSA', typ: 'JWT' });
    assert.deepEqual(
      { ...payload },
      {
        iss: claims.issuer,
        sub: 'ana',
        jti: 'l-1',
        feature: 'sim.pro',
        tool: 'solver',
        version: 42,
        iat: 1_800_000_000,
        nbf: 1_800_000_000,
        exp: 1_800_003_600,
      },
    );
  });

  it('names the newest signed time that the host had, if it had one', async () => {
    const dated = { ...claims, time: { after: 1_799_999_990, token: 'cd'.repeat(32) as Hash } };
    assert.deepEqual(await verifyLeaseToken(sign(dated), key), { ok: true, value: dated });
    const { payload } = await jwtVerify(sign(dated), await joseKey(), {
      currentDate: new Date(1_800_000_010_000),
    });
    assert.deepEqual(payload.time, dated.time);
    const bent = { ...dated.time, token: 'cd' as Hash };
    assert.equal(await reasonOf(sign({ ...claims, time: bent })), 'not-a-lease');
  });

  it('is refused by a JWT library after its end and before its beginning', async () => {
    const token = sign(claims);
    const at = (second: number) => ({ currentDate: new Date(second * 1000) });
    await assert.rejects(jwtVerify(token, await joseKey(), at(1_800_003_600)), { code: 'ERR_JWT_EXPIRED' });
    await assert.rejects(jwtVerify(token, await joseKey(), at(1_799_999_999)), {
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    });
  });

  it('is never valid for longer than the lease, whose times may be fractions', async () => {
    const token = sign({ ...claims, from: seconds(100.2), until: seconds(200.9) });
    const verdict = await verifyLeaseToken(token, key);
    assert.ok(verdict.ok);
    assert.deepEqual([verdict.value.from, verdict.value.until], [101, 200]);
  });

  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const reasonOf = async (token: string) => {
    const verdict = await verifyLeaseToken(token, key);
    return verdict.ok ? 'none' : verdict.reason;
  };

  it('is refused with another payload', async () => {
    const [header, , signature] = sign(claims).split('.');
    assert.equal(await reasonOf(`${header}.${part({ sub: 'mallory' })}.${signature}`), 'bad-signature');
  });

  it('is refused from another host', async () => {
    const other = await generateIdentity(crypto.subtle);
    const theirs = leaseTokenSigner(await exportPkcs8(crypto.subtle, other));
    assert.equal(await reasonOf(await theirs(claims)), 'bad-signature');
  });

  it('is refused when it claims the algorithm none', async () => {
    const [, payload] = sign(claims).split('.');
    assert.equal(await reasonOf(`${part({ alg: 'none' })}.${payload}.`), 'token-malformed');
  });

  it('is refused when it is an HMAC keyed with the public key', async () => {
    const forged = new SignJWT({ sub: 'mallory' }).setProtectedHeader({ alg: 'HS256' });
    assert.equal(await reasonOf(await forged.sign(fromHex(key))), 'token-malformed');
  });

  it('is refused when the host signed something else', async () => {
    const signed = (payload: Record<string, unknown>) =>
      new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey);
    assert.equal(await reasonOf(await signed({ sub: 'ana' })), 'not-a-lease');
  });

  for (const [why, token, reason] of [
    ['nothing', '', 'token-malformed'],
    ['two parts', 'a.b', 'token-malformed'],
    ['no base64', '!.!.!', 'token-malformed'],
    ['over its bound', 'a'.repeat(MAX_TOKEN_LENGTH + 1), 'token-too-long'],
  ] as const) {
    it(`is refused when it is ${why}`, async () => assert.equal(await reasonOf(token), reason));
  }

  it('is refused for a key of no point, without a throw', async () => {
    const verdict = await verifyLeaseToken(sign(claims), `02${'00'.repeat(31)}` as PublicKey);
    assert.equal(verdict.ok, false);
  });
});
