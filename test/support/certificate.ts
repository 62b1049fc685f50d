import { createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A certificate that vouches for itself, and its key, as PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
  /** By which two certificates are told apart. */
  readonly fingerprint: string;
}

/** A certificate for 127.0.0.1 with a new Ed25519 key (RFC 5280, RFC 8410), good for this century. */
export function selfSigned(): CertifiedKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const name = sequence(set(sequence(oid(COMMON_NAME), der(0x0c, Buffer.from('a relay of a test')))));
  const time = (text: string) => der(0x18, Buffer.from(text));
  const address = der(0x87, Buffer.from([127, 0, 0, 1]));
  const alternative = sequence(oid(SUBJECT_ALT_NAME), der(0x04, sequence(address)));
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    sequence(oid(ED25519)),
    name,
    sequence(time('20200101000000Z'), time('20991231235959Z')),
    name,
    spki,
    der(0xa3, sequence(alternative)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign(null, content, privateKey)]));
  const cert = pem('CERTIFICATE', sequence(content, sequence(oid(ED25519)), signature));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
}

const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];
const ED25519 = [0x2b, 0x65, 0x70];

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return der(0x31, Buffer.concat(parts));
}

function oid(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
