import { z } from 'zod';
import { nodeCrypto } from '../core/adapters/crypto-node.ts';
import { systemRandom } from '../core/adapters/random.ts';
import type { Store, StoreWrite } from '../core/ports.ts';
import { no, ok, type Result } from '../core/result.ts';
import { type Hash, isHash, seconds } from '../core/units.ts';
import { decodeRecord } from '../core/wire/record.ts';
import { offerOf, takeAll } from './intake.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { entryWrite, newToken, type Realms } from './realms.ts';
import { emptyRoom } from './room.ts';
import { emptyStage, finish } from './stage.ts';

/** What an operator wants of the realms; `dryRun` says what would change, and changes nothing. */
export const RealmOrder = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('list') }),
  z.strictObject({ do: z.literal('add'), genesis: z.base64(), dryRun: z.boolean() }),
  z.strictObject({ do: z.literal('token'), realm: z.string(), dryRun: z.boolean() }),
  z.strictObject({ do: z.literal('remove'), realm: z.string(), dryRun: z.boolean() }),
]);
export type RealmOrder = z.infer<typeof RealmOrder>;

const Shown = z.strictObject({
  realm: z.string(),
  name: z.string(),
  added: z.number(),
  readToken: z.boolean(),
});

/** The realms that an order concerns, with a new read token where one was made; or a sentence about what is wrong with it. */
export const RealmAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), realms: z.array(Shown), token: z.string().nullable() }),
  z.strictObject({
    ok: z.literal(false),
    reason: z.enum(['no-genesis', 'taken', 'unknown-realm']),
    problem: z.string(),
  }),
]);
export type RealmAnswer = z.infer<typeof RealmAnswer>;

/** Where orders are carried out. */
interface OrderPlace {
  readonly store: Store;
  readonly realms: Realms;
  /** Seconds since 1970. */
  now(): number;
  /** Does a work on a realm while nobody is in its room. */
  emptied<T>(realm: Hash, work: () => Promise<T>): Promise<T>;
}

/** Carries an order out; one at a time. Throws what the store throws. */
export async function carryOut(place: OrderPlace, order: RealmOrder): Promise<RealmAnswer> {
  switch (order.do) {
    case 'list':
      return { ok: true, realms: place.realms.all().map(shown), token: null };
    case 'add':
      return add(place, new Uint8Array(Buffer.from(order.genesis, 'base64')), order.dryRun);
    case 'token':
    case 'remove':
      return change(place, order);
  }
}

async function add(place: OrderPlace, genesis: Uint8Array, dryRun: boolean): Promise<RealmAnswer> {
  const { realms, store } = place;
  const now = Math.floor(place.now());
  const begun = await begin(store, genesis, now);
  if (!begun.ok) {
    return { ok: false, reason: 'no-genesis', problem: `expected a genesis record: ${begun.reason}` };
  }
  const { realm, name, writes } = begun.value;
  const { token, hash } = newToken(systemRandom);
  const entry = { realm, name, added: now, token: hash };
  const taken = {
    ok: false,
    reason: 'taken',
    problem: `realm ${realm} is here already; \`realm token\` makes a new read token`,
  } as const;
  if (realms.find(realm) !== undefined) return taken;
  if (dryRun) return { ok: true, realms: [shown(entry)], token: null };
  return place.emptied(realm, async () => {
    // Where anybody may bring a realm, somebody may have brought this one meanwhile.
    if (realms.find(realm) !== undefined) return taken;
    await store.batch([...writes, entryWrite(entry)]);
    realms.remember(entry);
    return { ok: true, realms: [shown(entry)], token };
  });
}

async function change(
  { emptied, realms }: OrderPlace,
  { do: what, dryRun, realm }: RealmOrder & { readonly do: 'token' | 'remove' },
): Promise<RealmAnswer> {
  const entry = isHash(realm) ? realms.find(realm) : undefined;
  if (entry === undefined) {
    const problem = `expected the id of a realm that is here, got ${realm}`;
    return { ok: false, reason: 'unknown-realm', problem };
  }
  if (dryRun) return { ok: true, realms: [shown(entry)], token: null };
  return emptied(entry.realm, async () => {
    const { token, hash } = newToken(systemRandom);
    if (what === 'token') await realms.put({ ...entry, token: hash });
    else await realms.remove(entry.realm);
    return { ok: true, realms: [shown(entry)], token: what === 'token' ? token : null };
  });
}

async function begin(
  store: Store,
  bytes: Uint8Array,
  now: number,
): Promise<Result<{ realm: Hash; name: string; writes: readonly StoreWrite[] }, string>> {
  const record = decodeRecord(bytes);
  if (!record.ok) return record;
  const room = emptyRoom(record.value.hash, record.value.hash);
  const stage = emptyStage(room, store, seconds(now), DEFAULT_LIMITS.quota);
  const offer = offerOf({ log: record.value.log, from: 0, records: [bytes] });
  await takeAll(stage, [offer], nodeCrypto);
  if (offer.verdict.refused !== null) return no(offer.verdict.refused.reason);
  finish(stage);
  return ok({ realm: room.realm, name: room.membership.versions[0]?.message ?? '', writes: stage.writes });
}

function shown({ realm, name, added, token }: ReturnType<Realms['all']>[number]) {
  return { realm, name, added, readToken: token !== null };
}
