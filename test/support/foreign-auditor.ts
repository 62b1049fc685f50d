// A second reading of RFC 10049, for auditing a relay from outside: nothing here comes from core or relay.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';

/** What an answer proves: seconds since 1970, by how much they may be wrong, and for how many others it was signed too. */
interface Audited {
  readonly midpoint: number;
  readonly radius: number;
  readonly pathNodes: number;
}

const hash = (...parts: readonly Uint8Array[]) =>
  createHash('sha512').update(Buffer.concat(parts)).digest().subarray(0, 32);
const tag = (name: string) => Buffer.from(name.padEnd(4, '\0'), 'latin1');
const word = (value: number) => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};

/** A request of version 1: the tags in ascending order, and a message of 1,024 bytes behind the twelve of the packet. */
export function foreignRequest(nonce: Uint8Array, key: Uint8Array): Buffer {
  const values = { VER: word(1), SRV: hash(Buffer.of(0xff), key), NONC: nonce, TYPE: word(0) };
  const used = 8 * 5 + Object.values(values).reduce((sum, value) => sum + value.length, 0);
  const all = { ...values, ZZZZ: Buffer.alloc(1024 - used) };
  const offsets: Buffer[] = [];
  let at = 0;
  for (const value of Object.values(all).slice(0, -1)) {
    at += value.length;
    offsets.push(word(at));
  }
  const message = [word(5), ...offsets, ...Object.keys(all).map(tag), ...Object.values(all)];
  return Buffer.concat([Buffer.from('ROUGHTIM'), word(1024), ...message]);
}

/** Checks an answer to a request under a long-term key, with this spelling of the contexts; throws where anything is amiss. */
export function auditAnswer(
  key: Uint8Array,
  request: Uint8Array,
  packet: Uint8Array,
  name = 'Roughtime',
): Audited {
  const bytes = Buffer.from(packet);
  assert.equal(bytes.toString('latin1', 0, 8), 'ROUGHTIM');
  assert.equal(bytes.readUInt32LE(8), bytes.length - 12);
  const answer = tagsOf(bytes.subarray(12));
  const srep = tagsOf(field(answer, 'SREP'));
  const cert = tagsOf(field(answer, 'CERT'));
  const dele = tagsOf(field(cert, 'DELE'));
  const signed = (by: Uint8Array, purpose: string, value: Buffer, signature: Buffer) =>
    verify(
      null,
      Buffer.concat([Buffer.from(`${name} v1 ${purpose} signature\0`), value]),
      publicKey(by),
      signature,
    );
  assert(signed(key, 'delegation', field(cert, 'DELE'), field(cert, 'SIG')), 'delegation');
  assert(signed(field(dele, 'PUBK'), 'response', field(answer, 'SREP'), field(answer, 'SIG')), 'response');

  assert.deepEqual(field(answer, 'NONC'), field(tagsOf(Buffer.from(request).subarray(12)), 'NONC'));
  assert.equal(field(answer, 'TYPE').readUInt32LE(), 1);
  const path = field(answer, 'PATH');
  let [node, index] = [hash(Buffer.of(0), request), field(answer, 'INDX').readUInt32LE()];
  for (let i = 0; i < path.length; i += 32, index = index >>> 1) {
    const sibling = path.subarray(i, i + 32);
    node = index % 2 === 0 ? hash(Buffer.of(1), node, sibling) : hash(Buffer.of(1), sibling, node);
  }
  assert.deepEqual([node, index], [field(srep, 'ROOT'), 0]);

  const midpoint = field(srep, 'MIDP').readBigUInt64LE();
  assert(
    field(dele, 'MINT').readBigUInt64LE() <= midpoint && midpoint <= field(dele, 'MAXT').readBigUInt64LE(),
  );
  assert.equal(field(srep, 'VER').readUInt32LE(), 1);
  const radius = field(srep, 'RADI').readUInt32LE();
  assert(radius > 0);
  return { midpoint: Number(midpoint), radius, pathNodes: path.length / 32 };
}

function field(fields: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const value = fields.get(name);
  assert(value !== undefined, name);
  return value;
}

/** A message: how many tags, where each value but the first begins, the tags ascending, the values. */
function tagsOf(message: Buffer): ReadonlyMap<string, Buffer> {
  const count = message.readUInt32LE();
  const values = message.subarray(8 * count);
  const found = new Map<string, Buffer>();
  let last = -1;
  for (let i = 0; i < count; i++) {
    const at = i === 0 ? 0 : message.readUInt32LE(4 * i);
    const end = i === count - 1 ? values.length : message.readUInt32LE(4 * (i + 1));
    assert(at % 4 === 0 && at <= end && end <= values.length);
    const number = message.readUInt32LE(4 * (count + i));
    assert(number > last);
    last = number;
    const name = message.toString('latin1', 4 * (count + i), 4 * (count + i) + 4).replace(/\0+$/, '');
    found.set(name, values.subarray(at, end));
  }
  return found;
}

function publicKey(raw: Uint8Array) {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}
