import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { Run } from '../../core/wire/append.ts';
import type { SeededRandom } from './random.ts';

/** Bytes damaged in one of the ways that wires and attackers have. */
export function damageBytes(bytes: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.int(bytes.length);
  const length = 1 + random.int(12);
  switch (random.int(8)) {
    case 0:
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << random.int(8)) : byte));
    case 1:
      return bytes.map((byte, i) => (i >= at && i < at + length ? random.int(256) : byte));
    case 2:
      return bytes.slice(0, at);
    case 3:
      return join(bytes.slice(0, at), random.bytes(length), bytes.slice(at));
    case 4:
      return join(bytes.slice(0, at), bytes.slice(at + length));
    case 5:
      return join(bytes.slice(0, at + length), bytes.slice(at));
    case 6:
      return join(bytes.slice(0, at), other.slice(random.int(other.length)));
    default:
      return padVarint(bytes, at);
  }
}

/** A varint spelled with one byte more, which readers that are not strict take for the same number. */
function padVarint(bytes: Uint8Array, at: number): Uint8Array {
  return join(bytes.slice(0, at), Uint8Array.of((bytes[at] ?? 0) | 0x80, 0), bytes.slice(at + 1));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

interface Author {
  client: number;
  clock: number;
  structs: (Y.Item | Y.GC | Y.Skip)[];
}

interface Shape {
  readonly authors: Author[];
  deletions: [client: number, clock: number, length: number][];
}

/** An update that Yjs' own encoders write from the runs after its structs were moved, replaced or added to. */
export function damageStructs(runs: readonly Run[], random: SeededRandom): Uint8Array {
  const shape: Shape = { authors: runs.map(authorOf).sort((a, b) => b.client - a.client), deletions: [] };
  const author = random.pick(shape.authors);
  random.pick(DAMAGES)(shape, author, random);
  return writeShape(shape);
}

function authorOf(run: Run): Author {
  return {
    client: run.log,
    clock: run.from,
    structs: [
      itemOf(
        run.log,
        run.from,
        run.records.map((r) => [r]),
      ),
    ],
  };
}

interface Odd {
  readonly origin?: Y.ID | null;
  readonly rightOrigin?: Y.ID;
  readonly name?: string;
  readonly key?: string;
  readonly content?: Y.Item['content'];
}

function itemOf(client: number, clock: number, values: readonly unknown[], odd: Odd = {}): Y.Item {
  const before = clock > 0 ? Y.createID(client, clock - 1) : null;
  const origin = odd.origin === undefined ? before : odd.origin;
  // `Item.write` takes a root's name in place of the type, as `Y.mergeUpdates` has it; the types do not say so.
  const parent = (odd.name ?? String(client)) as unknown as Y.AbstractType<unknown>;
  const content = odd.content ?? new Y.ContentAny([...values]);
  return new Y.Item(
    Y.createID(client, clock),
    null,
    origin,
    null,
    odd.rightOrigin ?? null,
    parent,
    odd.key ?? null,
    content,
  );
}

type Damage = (shape: Shape, author: Author, random: SeededRandom) => void;

const replaceWith =
  (make: (author: Author, random: SeededRandom) => Y.Item | Y.GC | Y.Skip): Damage =>
  (_shape, author, random) => {
    author.structs = [make(author, random)];
  };

const idNear = (author: Author, random: SeededRandom): Y.ID =>
  Y.createID(author.client + random.int(2), Math.max(0, author.clock - 2 + random.int(4)));

const DAMAGES: readonly Damage[] = [
  () => undefined,
  (shape) => shape.authors.reverse(),
  (shape, author) => shape.authors.push({ ...author }),
  (shape, author) => shape.authors.push({ ...author, clock: author.clock + 1 }),
  (_, author) => author.structs.reverse(),
  (_, author) => {
    author.structs = [];
  },
  (_, author, random) => author.structs.unshift(new Y.GC(Y.createID(author.client, 0), 1 + random.int(5))),
  (_, author, random) => author.structs.push(new Y.GC(Y.createID(author.client, 0), 1 + random.int(5))),
  (_, author, random) => author.structs.unshift(new Y.Skip(Y.createID(author.client, 0), 1 + random.int(5))),
  (_, author, random) => author.structs.push(new Y.Skip(Y.createID(author.client, 0), 1 + random.int(5))),
  (_, author) => author.structs.push(...author.structs),
  (_, author) => author.structs.push(itemOf(author.client, author.clock + 1, [[Uint8Array.of(1)]])),
  (_, author, random) => {
    author.clock += random.int(3) - 1;
  },
  (_, author, random) => {
    author.client += random.int(3) - 1;
  },
  (shape, author, random) => shape.deletions.push([author.client, random.int(5), 1 + random.int(5)]),
  replaceWith((author, random) => new Y.GC(Y.createID(author.client, 0), 1 + random.int(5))),
  replaceWith((author, random) => new Y.Skip(Y.createID(author.client, 0), 1 + random.int(5))),
  replaceWith((author, random) =>
    itemOf(author.client, author.clock, [[random.bytes(3)]], { origin: idNear(author, random) }),
  ),
  replaceWith((author) => itemOf(author.client, author.clock, [[Uint8Array.of(1)]], { origin: null })),
  replaceWith((author, random) =>
    itemOf(author.client, author.clock, [[random.bytes(3)]], { rightOrigin: idNear(author, random) }),
  ),
  replaceWith((author) => itemOf(author.client, author.clock, [[Uint8Array.of(1)]], { key: 'k' })),
  replaceWith((author, random) =>
    itemOf(author.client, author.clock, [[random.bytes(3)]], { name: `0${author.client + random.int(2)}` }),
  ),
  replaceWith((author, random) => itemOf(author.client, author.clock, [oddValue(random)])),
  replaceWith((author, random) => itemOf(author.client, author.clock, [], { content: oddContent(random) })),
];

function oddValue(random: SeededRandom): unknown {
  const bytes = random.bytes(random.int(4));
  return random.pick<unknown>([
    [],
    [bytes, bytes],
    bytes,
    [[bytes]],
    { a: bytes },
    ['x'],
    null,
    7,
    'x',
    true,
  ]);
}

function oddContent(random: SeededRandom): Y.Item['content'] {
  return random.pick<() => Y.Item['content']>([
    () => new Y.ContentAny([]),
    () => new Y.ContentBinary(random.bytes(3)),
    () => new Y.ContentDeleted(1 + random.int(3)),
    () => new Y.ContentString('x'),
    () => new Y.ContentEmbed({ x: 1 }),
    () => new Y.ContentFormat('b', true),
    () => new Y.ContentType(new Y.Array()),
    () => new Y.ContentDoc(new Y.Doc({ guid: 'g' })),
  ])();
}

function writeShape(shape: Shape): Uint8Array {
  const encoder = new Y.UpdateEncoderV1();
  const out = encoder.restEncoder;
  encoding.writeVarUint(out, shape.authors.length);
  for (const author of shape.authors) {
    encoding.writeVarUint(out, author.structs.length);
    encoding.writeVarUint(out, author.client);
    encoding.writeVarUint(out, Math.max(0, author.clock));
    for (const struct of author.structs) struct.write(encoder, 0);
  }
  encoding.writeVarUint(out, shape.deletions.length);
  for (const [client, clock, length] of shape.deletions) {
    encoding.writeVarUint(out, client);
    encoding.writeVarUint(out, 1);
    encoding.writeVarUint(out, clock);
    encoding.writeVarUint(out, length);
  }
  return encoder.toUint8Array();
}
