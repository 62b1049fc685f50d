import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, toHex } from '../units.ts';
import { MAX_ROUGHTIME_BYTES } from './bounds.ts';
import {
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  type FieldReason,
  PACKET_HEADER_BYTES,
  type PacketReason,
  pick,
  readUint32,
  readUint64,
  readVersions,
  TAGS,
  type TagMap,
  uint32,
  uint64,
} from './roughtime-message.ts';

/** Hashes in a PATH (RFC 10049, PATH). */
export const MAX_PATH_NODES = 32;
/** Where NONC and PATH stand in a packet of the seven tags: behind both headers, SIG, and NONC and TYPE. */
const NONC_AT = PACKET_HEADER_BYTES + 7 * 8 + 64;
const PATH_AT = NONC_AT + 32 + 4;
/** The radius by which a server says that its own clock is not synchronised: such a time is no evidence. */
export const UNSYNCHRONISED = 0xffff_ffff;

/** The newest certified configuration that a relay knows, in the tag LHCH of SREP: 4 + 4 + 32 bytes. */
export interface ConfigurationHead {
  readonly generation: number;
  readonly version: number;
  readonly digest: Hash;
}

/** The signed statement of time (SREP). */
interface SignedTime {
  readonly version: number;
  readonly radius: number;
  readonly midpoint: bigint;
  /** Versions that the server speaks; signed, so that nobody can talk two ends down to an older one. */
  readonly versions: readonly number[];
  readonly root: Uint8Array;
  readonly head: ConfigurationHead | null;
}

/** What a long-term key hands to an online key (DELE). */
interface Delegation {
  readonly key: Uint8Array;
  readonly from: bigint;
  readonly until: bigint;
}

/** The part of a response that a whole batch shares, and that proves the time to anybody: the gossip form's content. */
export interface SharedTime {
  readonly signature: Uint8Array;
  /** SREP as received: what `signature` signs. */
  readonly srep: Uint8Array;
  /** CERT as received. */
  readonly cert: Uint8Array;
  readonly signed: SignedTime;
  readonly delegation: Delegation;
  /** DELE as received: what `delegationSignature` signs. */
  readonly dele: Uint8Array;
  readonly delegationSignature: Uint8Array;
}

/** A response, with the way from the one request to the root that is signed. */
interface TimeResponse extends SharedTime {
  readonly nonce: Uint8Array;
  readonly path: Uint8Array;
  readonly index: number;
}

/** Why bytes are not a signed time. */
type SharedReason = PacketReason | FieldReason | 'versions';
/** Why bytes are not the gossip form. */
export type GossipReason = SharedReason | 'gossip-tags';
/** Why bytes are not a response. */
export type ResponseReason = SharedReason | 'not-a-response' | 'path-length';

/** Reads a response packet (RFC 10049, Responses); undefined tags are ignored at every level. Total. */
export function decodeResponse(packet: Uint8Array): Result<TimeResponse, ResponseReason> {
  const message = decodePacket(packet);
  if (!message.ok) return message;
  const values = pick(message.value, { NONC: 32, TYPE: 4, PATH: null, INDX: 4 });
  if (!values.ok) return values;
  const { NONC, TYPE, PATH, INDX } = values.value;
  if (readUint32(TYPE) !== 1) return no('not-a-response');
  if (PATH.length % 32 !== 0 || PATH.length > 32 * MAX_PATH_NODES) return no('path-length');
  const shared = readShared(message.value);
  if (!shared.ok) return shared;
  return ok({ ...shared.value, nonce: NONC, path: PATH, index: readUint32(INDX) });
}

/** A response packet from parts that are encoded already. */
export function encodeResponse(
  response: Pick<TimeResponse, 'signature' | 'nonce' | 'path' | 'srep' | 'cert' | 'index'>,
): Uint8Array {
  return encodePacket(
    encodeMessage({
      SIG: response.signature,
      NONC: response.nonce,
      TYPE: uint32(1),
      PATH: response.path,
      SREP: response.srep,
      CERT: response.cert,
      INDX: uint32(response.index),
    }),
  );
}

/** Writes the responses of one batch, all with paths of one length, by filling in one template; `path` writes its nodes to `out` from `at` on. */
export function responseWriter(
  shared: Pick<SharedTime, 'signature' | 'srep' | 'cert'>,
  pathBytes: number,
): (nonce: Uint8Array, index: number, path: (out: Uint8Array, at: number) => void) => Uint8Array {
  const template = encodeResponse({
    ...shared,
    nonce: new Uint8Array(32),
    path: new Uint8Array(pathBytes),
    index: 0,
  });
  return (nonce, index, path) => {
    const out = template.slice();
    out.set(nonce, NONC_AT);
    path(out, PATH_AT);
    new DataView(out.buffer).setUint32(out.length - 4, index, true);
    return out;
  };
}

/** Reads the gossip form: a message of exactly SIG, SREP and CERT, so that one token has one form. Total. */
export function decodeGossip(bytes: Uint8Array): Result<SharedTime, GossipReason> {
  if (bytes.length > MAX_ROUGHTIME_BYTES) return no('packet-too-long', `${bytes.length} bytes`);
  const message = decodeMessage(bytes);
  if (!message.ok) return message;
  if (message.value.size !== 3) return no('gossip-tags');
  return readShared(message.value);
}

/** The gossip form: 332 bytes when SREP has no tags beyond the RFC's and names one version. */
export function encodeGossip(shared: Pick<SharedTime, 'signature' | 'srep' | 'cert'>): Uint8Array {
  return encodeMessage({ SIG: shared.signature, SREP: shared.srep, CERT: shared.cert });
}

/** SREP: the bytes that an online key signs. */
export function encodeSignedTime(signed: SignedTime): Uint8Array {
  return encodeMessage({
    VER: uint32(signed.version),
    RADI: uint32(signed.radius),
    MIDP: uint64(signed.midpoint),
    VERS: uint32(...signed.versions),
    ROOT: signed.root,
    ...(signed.head === null ? {} : { LHCH: encodeHead(signed.head) }),
  });
}

/** DELE: the bytes that a long-term key signs. */
export function encodeDelegation(delegation: Delegation): Uint8Array {
  return encodeMessage({
    PUBK: delegation.key,
    MINT: uint64(delegation.from),
    MAXT: uint64(delegation.until),
  });
}

/** CERT: a delegation and the long-term key's signature of it. */
export function encodeCertificate(dele: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeMessage({ DELE: dele, SIG: signature });
}

function readShared(message: TagMap): Result<SharedTime, SharedReason> {
  const values = pick(message, { SIG: 64, SREP: null, CERT: null });
  if (!values.ok) return values;
  const signed = readSignedTime(values.value.SREP);
  if (!signed.ok) return signed;
  const cert = decodeMessage(values.value.CERT);
  if (!cert.ok) return cert;
  const parts = pick(cert.value, { DELE: null, SIG: 64 });
  if (!parts.ok) return parts;
  const dele = decodeMessage(parts.value.DELE);
  if (!dele.ok) return dele;
  const delegation = pick(dele.value, { PUBK: 32, MINT: 8, MAXT: 8 });
  if (!delegation.ok) return delegation;
  return ok({
    signature: values.value.SIG,
    srep: values.value.SREP,
    cert: values.value.CERT,
    signed: signed.value,
    delegation: {
      key: delegation.value.PUBK,
      from: readUint64(delegation.value.MINT),
      until: readUint64(delegation.value.MAXT),
    },
    dele: parts.value.DELE,
    delegationSignature: parts.value.SIG,
  });
}

function readSignedTime(srep: Uint8Array): Result<SignedTime, SharedReason> {
  const message = decodeMessage(srep);
  if (!message.ok) return message;
  const values = pick(message.value, { VER: 4, RADI: 4, MIDP: 8, VERS: null, ROOT: 32 });
  if (!values.ok) return values;
  const version = readUint32(values.value.VER);
  const versions = readVersions(values.value.VERS);
  if (versions === null || !versions.includes(version)) return no('versions');
  return ok({
    version,
    radius: readUint32(values.value.RADI),
    midpoint: readUint64(values.value.MIDP),
    versions,
    root: values.value.ROOT,
    head: readHead(message.value.get(TAGS.LHCH)),
  });
}

function encodeHead(head: ConfigurationHead): Uint8Array {
  const out = new Uint8Array(40);
  out.set(uint32(head.generation, head.version));
  out.set(fromHex(head.digest), 8);
  return out;
}

/** Another length is somebody else's tag of that name: undefined to us, so ignored. */
function readHead(value: Uint8Array | undefined): ConfigurationHead | null {
  if (value === undefined || value.length !== 40) return null;
  return {
    generation: readUint32(value),
    version: readUint32(value, 4),
    digest: toHex(value.subarray(8)) as Hash,
  };
}
