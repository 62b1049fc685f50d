import type { Random } from '../core/ports.ts';
import {
  decodeMessage,
  decodePacket,
  encodePacket,
  encodeTags,
  readUint32,
  TAGS,
  uint32,
} from '../core/wire/roughtime-message.ts';
import type { Counts } from './counts.ts';
import type { TimeKeeper } from './time.ts';

/** What is done to answers now and then: a client must ignore the first and refuse the others. */
export const GREASES = ['undefined-tag', 'other-version', 'invalid-signature', 'missing-tag'] as const;
/** One of them. */
type Grease = (typeof GREASES)[number];

const KNOWN: ReadonlySet<number> = new Set(Object.values(TAGS));
const NEEDED = [TAGS.SIG, TAGS.NONC, TAGS.TYPE, TAGS.PATH, TAGS.SREP, TAGS.CERT, TAGS.INDX] as const;

/**
 * A keeper that spoils a share of its answers, so that a client which is not strict shows before it matters (RFC 10049,
 * Grease). What it spoils is never signed again, so that no spoilt answer verifies with a time that was not signed.
 */
export function greased(keeper: TimeKeeper, share: number, random: Random, counts: Counts): TimeKeeper {
  return {
    ...keeper,
    async answer(requests, head) {
      const answers = await keeper.answer(requests, head);
      return answers.map((answer) => {
        if (answer === null || chance(random) >= share) return answer;
        const kind = GREASES[below(random, GREASES.length)] ?? 'missing-tag';
        counts.add('time_greased_total', 1, kind);
        return spoil(answer, kind, random);
      });
    },
  };
}

/** An answer after one of these was done to it. */
export function spoil(answer: Uint8Array, kind: Grease, random: Random): Uint8Array {
  const message = decodePacket(answer);
  if (!message.ok) return answer;
  const values = new Map(message.value);
  switch (kind) {
    case 'undefined-tag':
      values.set(undefinedTag(random), random.bytes(4 * below(random, 4)));
      break;
    case 'other-version': {
      const version = uint32(otherVersion(random));
      changeSigned(values, { VER: version, VERS: version });
      break;
    }
    case 'invalid-signature': {
      const signature = Uint8Array.from(values.get(TAGS.SIG) ?? []);
      const at = below(random, signature.length);
      signature[at] = ((signature[at] ?? 0) + 1 + below(random, 255)) & 0xff;
      values.set(TAGS.SIG, signature);
      changeSigned(values, { MIDP: random.bytes(8) });
      break;
    }
    case 'missing-tag':
      values.delete(NEEDED[below(random, NEEDED.length)] ?? TAGS.SIG);
      break;
  }
  return encodePacket(encodeTags(values));
}

function changeSigned(
  values: Map<number, Uint8Array>,
  changes: { readonly [Name in 'VER' | 'VERS' | 'MIDP']?: Uint8Array },
): void {
  const signed = decodeMessage(values.get(TAGS.SREP) ?? new Uint8Array(0));
  if (!signed.ok) return;
  const inside = new Map(signed.value);
  for (const [name, value] of Object.entries(changes)) inside.set(TAGS[name as keyof typeof changes], value);
  values.set(TAGS.SREP, encodeTags(inside));
}

function undefinedTag(random: Random): number {
  for (;;) {
    const tag = readUint32(random.bytes(4));
    if (!KNOWN.has(tag)) return tag;
  }
}

/** A number between those of the RFC and those of the drafts, of which neither means anything yet. */
function otherVersion(random: Random): number {
  return 0x4000_0000 + below(random, 0x1000_0000);
}

function chance(random: Random): number {
  return readUint32(random.bytes(4)) / 2 ** 32;
}

function below(random: Random, limit: number): number {
  return Math.floor(chance(random) * limit);
}
