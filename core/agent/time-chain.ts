import { sha512 } from '../adapters/sha512-node.ts';
import type { Crypto, Random, Store } from '../ports.ts';
import type { PublicKey } from '../units.ts';
import { chainedNonce, contradicts, verifyReport } from '../verify/malfeasance.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyResponse } from '../verify/time.ts';
import { decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { type Exchange, RAND_BYTES } from '../wire/malfeasance.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { NONCE_BYTES } from '../wire/roughtime-request.ts';
import { bytes, decodeShape, fields, list, nullable, publicKey } from '../wire/shape.ts';

/** The key under which the chain stands in the store. */
const CHAIN_KEY = 'time-chain';

/** What a question is made of so that its place in the chain can be shown later. */
interface Chained {
  readonly nonce: Uint8Array;
  /** Null in a question that follows from no answer. */
  readonly link: { readonly rand: Uint8Array; readonly after: Heard } | null;
}

/** An answer with the question that it answers, which may be the end of an earlier link. */
interface Heard {
  readonly exchange: Exchange;
  readonly token: TimeToken;
}

/** One agent's chain of questions to all its relays: who contradicts an answer that was given before is found out by it. */
export interface TimeChain {
  /** The nonce of the next question. */
  next(): Promise<Chained>;
  /** Takes an answer that verified; resolves when it is on the disk. Throws the faults of the store. */
  answered(chained: Chained, request: Uint8Array, response: Uint8Array, token: TimeToken): Promise<void>;
  /** Whether a relay's last answer disagrees with another's and its next one, asked now, would prove it. */
  disputes(relay: PublicKey): boolean;
  /** The exchanges that prove that a relay lies; null if nothing is proven. */
  proof(): readonly Exchange[] | null;
  /** Drops what relays said that are no longer believed. */
  believe(relays: ReadonlySet<PublicKey>): void;
}

const MAX_RELAYS = 256;
const MAX_PACKET = 4096;

const exchangeShape = fields({
  relay: publicKey,
  rand: nullable(bytes({ length: RAND_BYTES })),
  request: bytes({ max: MAX_PACKET }),
  response: bytes({ max: MAX_PACKET }),
});
const chainShape = fields({
  latest: list(exchangeShape, MAX_RELAYS),
  proof: nullable(list(exchangeShape, 2)),
});

/** The chain as stored; what of it does not verify any more is dropped. */
export async function loadTimeChain(
  store: Pick<Store, 'get' | 'batch'>,
  ports: { readonly crypto: Crypto; readonly random: Random },
): Promise<TimeChain> {
  const { random } = ports;
  const { latest, proof: kept } = await readChain(await store.get(CHAIN_KEY), ports.crypto);
  /** Of each relay its last answer. The next question follows from the one of the latest time: whoever denies that contradicts it. */
  const heard = new Map(latest.map((each) => [each.exchange.relay, each]));
  const open = new Set<PublicKey>();
  let proof = kept;

  function newest(): Heard | null {
    let found: Heard | null = null;
    for (const each of heard.values()) if (found === null || lowest(each) > lowest(found)) found = each;
    return found;
  }

  async function save(): Promise<void> {
    const latest = [...heard.values()].map(({ exchange }) => exchange);
    const value = encodeCbor(chainShape.encode({ latest, proof: proof === null ? null : [...proof] }));
    await store.batch([{ key: CHAIN_KEY, value }]);
  }

  return {
    async next() {
      const after = newest();
      if (after === null) return { nonce: random.bytes(NONCE_BYTES), link: null };
      const rand = random.bytes(RAND_BYTES);
      return { nonce: await chainedNonce(sha512, after.exchange.response, rand), link: { rand, after } };
    },
    async answered({ link }, request, response, token) {
      const { relay } = token;
      const exchange = { relay, rand: link?.rand ?? null, request, response };
      const said = { exchange, token };
      open.delete(relay);
      if (link !== null && contradicts(link.after.token, token)) proof = [link.after.exchange, exchange];
      else if ([...heard.values()].some((other) => contradicts(other.token, token))) open.add(relay);
      heard.set(relay, said);
      await save();
    },
    disputes: (relay) => open.has(relay),
    proof: () => proof,
    believe(relays) {
      for (const relay of heard.keys()) if (!relays.has(relay)) heard.delete(relay);
    },
  };
}

function lowest({ token }: Heard): number {
  return token.midpoint - token.radius;
}

async function readChain(stored: Uint8Array | undefined, crypto: Crypto) {
  const nothing = { latest: [], proof: null };
  const decoded = stored === undefined ? null : decodeCbor(stored);
  const chain = decoded?.ok ? decodeShape(chainShape, decoded.value) : null;
  if (!chain?.ok) return nothing;
  const latest: Heard[] = [];
  for (const exchange of chain.value.latest) {
    const trust = { key: exchange.relay, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
    const verdict = await verifyResponse({ crypto, sha512 }, exchange.response, exchange.request, trust);
    if (verdict.ok) latest.push({ exchange, token: verdict.value });
  }
  const { proof } = chain.value;
  const proves = proof !== null && (await verifyReport({ crypto, sha512 }, proof)).proves;
  return { latest, proof: proves ? proof : null };
}
