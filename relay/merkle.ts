const NODE = 32;

/** The tree over one batch of requests (RFC 10049, The Merkle Tree). */
interface Tree {
  readonly root: Uint8Array;
  /** Bytes of every path; the batch is filled up to a power of two, so that all paths have one length. */
  readonly pathBytes: number;
  /** Writes the siblings from a leaf up to the root. */
  path(leaf: number, out: Uint8Array, at: number): void;
}

/** Grows the tree over at least one request packet. Places without a request hold zeros, which no request hashes to. */
export function growTree(requests: readonly Uint8Array[], sha512: (bytes: Uint8Array) => Uint8Array): Tree {
  let width = 1;
  let depth = 0;
  while (width < requests.length) {
    width *= 2;
    depth++;
  }
  const nodes = new Uint8Array((2 * width - 1) * NODE);
  hashLeaves(requests, sha512, nodes);

  const input = new Uint8Array(1 + 2 * NODE);
  input[0] = 0x01;
  let from = 0;
  let to = width * NODE;
  for (; to < nodes.length; from += 2 * NODE, to += NODE) {
    input.set(nodes.subarray(from, from + 2 * NODE), 1);
    nodes.set(sha512(input).subarray(0, NODE), to);
  }

  return {
    root: nodes.slice(-NODE),
    pathBytes: depth * NODE,
    path(leaf, out, at) {
      let start = 0;
      let index = leaf;
      for (let level = width, to = at; level > 1; level /= 2, to += NODE) {
        const sibling = (start + (index ^ 1)) * NODE;
        out.set(nodes.subarray(sibling, sibling + NODE), to);
        start += level;
        index >>= 1;
      }
    },
  };
}

function hashLeaves(
  requests: readonly Uint8Array[],
  sha512: (bytes: Uint8Array) => Uint8Array,
  nodes: Uint8Array,
): void {
  const input = new Uint8Array(1 + requests.reduce((most, request) => Math.max(most, request.length), 0));
  requests.forEach((request, i) => {
    input.set(request, 1);
    nodes.set(sha512(input.subarray(0, 1 + request.length)).subarray(0, NODE), i * NODE);
  });
}
