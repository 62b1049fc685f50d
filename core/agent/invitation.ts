import { peculiarSubtle } from '../adapters/crypto-peculiar.ts';
import { ED25519, signerOf } from '../adapters/crypto-webcrypto.ts';
import { exportPkcs8, generateIdentity } from '../adapters/identity.ts';
import type { Command } from '../engine/input.ts';
import type { Random, Signer } from '../ports.ts';
import type { Result } from '../result.ts';
import {
  type Hash,
  isLogId,
  isPrincipalId,
  type LogId,
  type PrincipalId,
  type PublicKey,
  type Seconds,
  toHex,
} from '../units.ts';
import { ROLES, type Role } from '../wire/roles.ts';
import {
  bytes,
  checked,
  fields,
  hash,
  integer,
  list,
  logId,
  nullable,
  publicKey,
  text,
  word,
} from '../wire/shape.ts';
import { formatLine, type Line, type LineReason, parseLine } from './text-line.ts';

/** A relay as a newcomer needs to know it: where it is, whose time it signs, and the token that lets one read. */
export interface RealmRelay {
  readonly url: string;
  readonly key: PublicKey | null;
  readonly token: string | null;
}

/** What an issuer hands to a newcomer. `seed` is the private half of the one-time key: whoever has it may join. */
export interface Invitation {
  readonly realm: Hash;
  /** The realm's name, to show to whoever is about to join. */
  readonly realmName: string;
  readonly log: LogId;
  readonly seed: Uint8Array;
  readonly key: PublicKey;
  readonly kind: 'host' | 'person';
  readonly id: PrincipalId;
  readonly name: string;
  readonly class: string | null;
  readonly roles: readonly Role[];
  readonly until: Seconds;
  readonly relays: readonly RealmRelay[];
}

/** Why a text is not an invitation. */
export type InvitationReason = LineReason;

const MAX_RELAYS = 16;
const MAX_URL = 2048;
const MAX_TOKEN = 1024;
const MAX_NAME = 256;
const MAX_ID = 64;

const relay = fields({
  url: text(MAX_URL),
  key: nullable(publicKey),
  token: nullable(text(MAX_TOKEN)),
});

const INVITATION: Line<Invitation> = {
  word: 'leasehold-invite',
  shape: fields({
    realm: hash,
    realmName: text(MAX_NAME),
    log: logId,
    seed: bytes({ length: 32 }),
    key: publicKey,
    kind: word(['host', 'person']),
    id: checked(text(MAX_ID), isPrincipalId, 'a principal id'),
    name: text(MAX_NAME),
    class: nullable(text(MAX_ID)),
    roles: list(word(ROLES), ROLES.length),
    until: checked(integer(), (value): value is Seconds => typeof value === 'number', 'whole seconds'),
    relays: list(relay, MAX_RELAYS),
  }),
};

/** The invitation as one line: `leasehold-invite:1:…`. It holds a secret, and is to be passed on like one. */
export function formatInvitation(invitation: Invitation): string {
  return formatLine(INVITATION, invitation);
}

/** The invitation in a text. Total. */
export function parseInvitation(line: string): Result<Invitation, InvitationReason> {
  return parseLine(INVITATION, line);
}

/** Makes a one-time key and a random log id for somebody: the invitation to hand over, and the command that has an issuer record it. */
export async function makeInvitation(
  random: Random,
  who: Omit<Invitation, 'log' | 'seed' | 'key'>,
): Promise<{ readonly invitation: Invitation; readonly command: Extract<Command, { do: 'invite' }> }> {
  const subtle = await peculiarSubtle();
  const identity = await generateIdentity(subtle);
  const pkcs8 = await exportPkcs8(subtle, identity);
  const seed = pkcs8.slice(pkcs8.length - 32);
  const { kind, id, name, class: hostClass, roles, until } = who;
  const log = randomLogId(random);
  const key = identity.publicKey;
  return {
    invitation: { ...who, log, seed, key },
    command: { do: 'invite', log, key, kind, id, name, class: hostClass, roles, until },
  };
}

/** The signer of an invitation's one-time key. */
export async function oneTimeSigner({ seed }: Pick<Invitation, 'seed'>): Promise<Signer> {
  const subtle = await peculiarSubtle();
  const privateKey = await subtle.importKey('pkcs8', pkcs8Of(seed), ED25519, true, ['sign']);
  const { x } = await subtle.exportKey('jwk', privateKey);
  const publicKey = toHex(new Uint8Array(Buffer.from(x ?? '', 'base64url'))) as PublicKey;
  return signerOf(subtle, { publicKey, privateKey });
}

/** A log id that nobody can foresee; that it is free is for the compiler to find out. */
export function randomLogId(random: Random): LogId {
  for (;;) {
    const drawn = random.bytes(4);
    const id = new DataView(drawn.buffer, drawn.byteOffset, 4).getUint32(0);
    if (isLogId(id)) return id;
  }
}

/** PKCS #8 of an Ed25519 seed (RFC 8410, section 7). */
function pkcs8Of(seed: Uint8Array): Uint8Array {
  return Uint8Array.from([...PKCS8_HEAD, ...seed]);
}

const PKCS8_HEAD = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
