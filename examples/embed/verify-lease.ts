import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { errors, importJWK, type JWTPayload, jwtVerify } from 'jose';

/** What `leasehold config show --json` says under `data`, as far as a token needs it. */
interface Trusted {
  readonly realm: string;
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

/** What a token of this host says, checked offline at this moment of signed time; throws an error of jose. */
async function verifyLease(token: string, trusted: Trusted, host: string, now: Date): Promise<JWTPayload> {
  const options = {
    // Stops `none`, and an HMAC keyed with the public key.
    algorithms: ['EdDSA'],
    issuer: `${trusted.realm}/${host}`,
    requiredClaims: ['sub', 'jti', 'feature', 'nbf', 'exp'],
    currentDate: now,
  };
  let refused: unknown = new errors.JWSSignatureVerificationFailed();
  for (const key of trusted.hosts[host] ?? []) {
    const x = Buffer.from(key, 'hex').toString('base64url');
    try {
      const { payload } = await jwtVerify(
        token,
        await importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA'),
        options,
      );
      return payload;
    } catch (error) {
      refused = error;
      // A host that has changed its key has more than one.
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw refused;
}

const [host = '', configFile = '', timeFile = ''] = process.argv.slice(2);
const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')).data;
const { upper } = await read(timeFile);
try {
  if (typeof upper !== 'number') throw new Error('no relay has signed the time recently enough');
  // The later end of the interval in which the present lies: a lease is over as soon as it may be.
  const now = new Date(1000 * Math.ceil(upper));
  const { exp, feature, jti, sub } = await verifyLease(
    (await text(process.stdin)).trim(),
    await read(configFile),
    host,
    now,
  );
  console.log(`Lease ${jti} of ${feature} for ${sub} until ${new Date(1000 * (exp ?? 0)).toISOString()}`);
} catch (error) {
  console.error(error instanceof errors.JOSEError ? `${error.code}: ${error.message}` : String(error));
  process.exitCode = 1;
}
