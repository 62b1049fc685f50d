import type { Hash, LogId } from '../../core/units.ts';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import { damageBytes, damageStructs } from '../support/damage.ts';
import { testSigner } from '../support/keys.ts';
import type { SeededRandom } from '../support/random.ts';
import { sealOne } from './realm.ts';
import type { SimRelay } from './relay.ts';

/** What a relay does to its clients for a while. */
export interface Conduct {
  /** Logs that a host does not get, by the host's name. */
  readonly withheld: ReadonlyMap<string, ReadonlySet<LogId>>;
  /** What the relay claims to have; null for the truth. */
  readonly asOf: ReadonlyMap<LogId, number> | null;
  /** Share of frames to which an old one is added. */
  readonly replays: number;
  /** Share of frames to which something of the relay's own making is added. */
  readonly inventions: number;
}

/** A relay that does what it is for. */
export const HONEST: Conduct = { withheld: new Map(), asOf: null, replays: 0, inventions: 0 };

const attacker = testSigner('nobody');

/** A relay's bad day. */
export function hostileConduct(relay: SimRelay, hosts: readonly string[], random: SeededRandom): Conduct {
  const logs = [...relay.logs.keys()];
  const some = () => new Set(logs.filter(() => random.int(3) === 0));
  const withheld = hosts.filter(() => random.int(2) === 0).map((host) => [host, some()] as const);
  const past = [...relay.heads()].map(([log, next]) => [log, Math.max(0, next - random.int(6))] as const);
  return {
    withheld: new Map(random.int(2) === 0 ? withheld : []),
    asOf: random.int(3) === 0 ? new Map(past) : null,
    replays: random.int(2) === 0 ? 0.3 : 0,
    inventions: random.int(2) === 0 ? 0.3 : 0,
  };
}

/** Bytes that a relay makes up: damaged, truncated, of a form that the profile forbids, or in an author's name. */
export async function invention(relay: SimRelay, realm: Hash, random: SeededRandom): Promise<Uint8Array> {
  const run = someRun(relay, random);
  const bytes = encodeAppend([run]);
  switch (random.int(5)) {
    case 0:
      return damageBytes(bytes, encodeAppend([someRun(relay, random)]), random);
    case 1:
      return damageStructs([run], random);
    case 2:
      return bytes.slice(0, random.int(bytes.length));
    case 3:
      return encodeAppend([{ ...run, records: [...run.records, random.bytes(40)] }]);
    default:
      return forgery(relay, realm, random);
  }
}

// Everything is right but the key: the place, the chain, the form.
async function forgery(relay: SimRelay, realm: Hash, random: SeededRandom): Promise<Uint8Array> {
  const [log, records] = random.pick([...relay.logs]);
  const last = records.at(-1);
  const prev = last === undefined ? NO_HASH : hashOf(last);
  const place = { realm, log, seq: records.length, prev };
  const body = { version: 2 + random.int(6), candidate: null, terms: new Map() };
  const record = await sealOne(attacker, place, 'ack', body);
  return encodeAppend([{ log, from: records.length, records: [record] }]);
}

function someRun(relay: SimRelay, random: SeededRandom): Run {
  const [log, records] = random.pick([...relay.logs]);
  const from = random.int(records.length);
  return { log, from, records: records.slice(from, from + 1 + random.int(4)) };
}
