import type { SeededRandom } from './random.ts';

const HEADER = 12;
/** Numbers that parsers trip over. */
const ODD = [0, 1, 2, 3, 4, 5, 32, 33, 0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff];

/** A valid Roughtime packet after one to three things were done to its header, its count of tags, its offsets, its tags or its values. */
export function damagePacket(packet: Uint8Array, random: SeededRandom): Uint8Array {
  let out = Uint8Array.from(packet);
  for (let times = 1 + random.int(3); times > 0; times--) out = random.pick(DAMAGES)(out, random);
  return out;
}

type Damage = (packet: Uint8Array<ArrayBuffer>, random: SeededRandom) => Uint8Array<ArrayBuffer>;

const DAMAGES: readonly Damage[] = [
  // The word ROUGHTIM, the announced length, the count of tags.
  (packet, random) => changed(packet, (view) => view.setUint8(random.int(8), random.int(256))),
  (packet, random) => changed(packet, (view) => view.setUint32(8, oddFor(packet.length, random), true)),
  (packet, random) => changed(packet, (view) => view.setUint32(HEADER, oddFor(tagsIn(packet), random), true)),
  // An offset, a tag; two of either exchanged.
  (packet, random) =>
    changed(packet, (view) =>
      view.setUint32(offsetAt(packet, random), oddFor(packet.length - HEADER, random), true),
    ),
  (packet, random) =>
    changed(packet, (view) => view.setUint32(tagAt(packet, random), oddFor(0x5a5a_5a5a, random), true)),
  (packet, random) => exchanged(packet, offsetAt(packet, random), offsetAt(packet, random)),
  (packet, random) => exchanged(packet, tagAt(packet, random), tagAt(packet, random)),
  // A value, also of undefined tags and padding.
  (packet, random) => changed(packet, (view) => view.setUint8(random.int(packet.length), random.int(256))),
  // Cut or grown, with the announced length as it was or put right.
  (packet, random) => packet.slice(0, random.int(packet.length + 1)),
  (packet, random) => announced(packet.slice(0, Math.max(HEADER, random.int(packet.length + 1)))),
  (packet, random) => grown(packet, random),
  (packet, random) => announced(grown(packet, random)),
  (packet) => announced(packet),
];

function tagsIn(packet: Uint8Array): number {
  return packet.length < HEADER + 4 ? 0 : Math.min(33, viewOf(packet).getUint32(HEADER, true));
}

function offsetAt(packet: Uint8Array, random: SeededRandom): number {
  return HEADER + 4 + 4 * random.int(Math.max(1, tagsIn(packet) - 1));
}

function tagAt(packet: Uint8Array, random: SeededRandom): number {
  const tags = tagsIn(packet);
  return HEADER + 4 * Math.max(1, tags) + 4 * random.int(Math.max(1, tags));
}

/** A number that stands near the true one, or an odd one. */
function oddFor(right: number, random: SeededRandom): number {
  return random.int(2) === 0 ? random.pick(ODD) : (right + random.int(17) - 8) >>> 0;
}

function changed(packet: Uint8Array<ArrayBuffer>, change: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  try {
    change(viewOf(packet));
  } catch (error) {
    // There is no such place in a packet that was cut before.
    if (!(error instanceof RangeError)) throw error;
  }
  return packet;
}

function exchanged(packet: Uint8Array<ArrayBuffer>, a: number, b: number): Uint8Array<ArrayBuffer> {
  return changed(packet, (view) => {
    const [one, other] = [view.getUint32(a, true), view.getUint32(b, true)];
    view.setUint32(a, other, true);
    view.setUint32(b, one, true);
  });
}

function grown(packet: Uint8Array, random: SeededRandom): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(packet.length + random.pick([1, 3, 4, 32, 4096]));
  out.set(packet);
  return out;
}

function announced(packet: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return changed(packet, (view) => view.setUint32(8, packet.length - HEADER, true));
}

function viewOf(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, packet.byteOffset, packet.length);
}
