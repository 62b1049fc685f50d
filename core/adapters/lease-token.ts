import { createPrivateKey, sign } from 'node:crypto';
import { base64url, compactVerify, errors, importJWK } from 'jose';
import { z } from 'zod';
import { no, ok, type Result } from '../result.ts';
import { fromHex, isHash, type PublicKey, type Seconds, seconds } from '../units.ts';
import type { TimeReference } from '../wire/time-reference.ts';

/**
 * RFC 9864 prefers the name `Ed25519`; `EdDSA` (RFC 8037) is what jsonwebtoken for Rust, golang-jwt, PyJWT, Nimbus and
 * jose before version 6 know, and a tool checks a lease with the library that it has.
 */
const ALGORITHM = 'EdDSA';

/** Characters of a token; a longer one is refused before anything is decoded. */
export const MAX_TOKEN_LENGTH = 4096;

/** What the host says of a lease. All times are signed time, whole seconds in the token. */
export interface LeaseClaims {
  /** `iss`: the realm's id and the host, `<realm>/<host>`. */
  readonly issuer: string;
  /** `sub`: the user. */
  readonly user: string;
  /** `jti`: the lease. */
  readonly lease: string;
  readonly feature: string;
  readonly tool: string;
  /** The version of the configuration that the host had applied. */
  readonly version: number;
  /** `iat`: when it was given. */
  readonly issuedAt: Seconds;
  /** `nbf`: when it begins. */
  readonly from: Seconds;
  /** `exp`: when it ends. */
  readonly until: Seconds;
  /** `time`: the newest signed time that the host had; absent without one. */
  readonly time?: TimeReference;
}

/** Why a token is not a lease. */
export type LeaseTokenReason = 'token-too-long' | 'token-malformed' | 'bad-signature' | 'not-a-lease';

/**
 * Signs leases as JWTs with the host's key, given as PKCS #8. At once and in this thread: OpenSSL takes 40 µs. The way to
 * another thread and back costs nearly as much again, so that on two cores a busy agent gives no more leases by it.
 */
export function leaseTokenSigner(pkcs8: Uint8Array): (claims: LeaseClaims) => string {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const header = base64url.encode(JSON.stringify({ alg: ALGORITHM, typ: 'JWT' }));
  return (claims) => {
    const {
      issuer: iss,
      user: sub,
      lease: jti,
      feature,
      tool,
      version,
      issuedAt,
      from,
      until,
      time,
    } = claims;
    // Rounded inwards, so that no token is valid for longer than its lease.
    const times = { iat: Math.floor(issuedAt), nbf: Math.ceil(from), exp: Math.floor(until) };
    const payload = Buffer.from(JSON.stringify({ iss, sub, jti, feature, tool, version, ...times, time }));
    const signed = `${header}.${payload.toString('base64url')}`;
    return `${signed}.${sign(null, Buffer.from(signed, 'latin1'), key).toString('base64url')}`;
  };
}

const Claims = z.object({
  iss: z.string(),
  sub: z.string(),
  jti: z.string(),
  feature: z.string(),
  tool: z.string(),
  version: z.int().min(0),
  iat: z.int(),
  nbf: z.int(),
  exp: z.int(),
  time: z.object({ after: z.int(), token: z.string().refine(isHash) }).optional(),
});

/** What a lease token says, if this host signed it. Whether it has ended is for the caller, who knows signed time. */
export async function verifyLeaseToken(
  token: string,
  key: PublicKey,
): Promise<Result<LeaseClaims, LeaseTokenReason>> {
  if (token.length > MAX_TOKEN_LENGTH) return no('token-too-long', `${token.length} characters`);
  let payload: Uint8Array;
  try {
    // Naming the algorithm stops `none`, and an HMAC keyed with the public key.
    ({ payload } = await compactVerify(token, await publicKeyOf(key), { algorithms: [ALGORITHM] }));
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) return no('bad-signature', `${key} is no key`);
    const forged = error instanceof errors.JWSSignatureVerificationFailed;
    return no(forged ? 'bad-signature' : 'token-malformed', error.message);
  }
  const claims = Claims.safeParse(jsonOf(payload));
  if (!claims.success) return no('not-a-lease', z.prettifyError(claims.error));
  const { iss, sub, jti, feature, tool, version, iat, nbf, exp, time } = claims.data;
  return ok({
    issuer: iss,
    user: sub,
    lease: jti,
    feature,
    tool,
    version,
    issuedAt: seconds(iat),
    from: seconds(nbf),
    until: seconds(exp),
    ...(time === undefined ? {} : { time }),
  });
}

function publicKeyOf(key: PublicKey) {
  const x = base64url.encode(fromHex(key));
  return importJWK({ kty: 'OKP', crv: 'Ed25519', x }, ALGORITHM);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
