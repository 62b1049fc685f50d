import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../core/errors.ts';
import type { Random, Store, StoreWrite } from '../core/ports.ts';
import { type Hash, isHash } from '../core/units.ts';
import { ALL_REALMS, realmKey, roomRange } from './store-keys.ts';

/** Who may bring a realm to this relay over the wire: anybody, nobody, or whoever has the registration token. */
export const POLICIES = ['open', 'list', 'token'] as const;
export type Policy = (typeof POLICIES)[number];

const Entry = z.strictObject({
  realm: z.custom<Hash>(isHash, 'expected a realm id'),
  name: z.string(),
  /** Seconds since 1970 by the relay's clock. */
  added: z.number(),
  /** SHA-256 of the read token; null where only the challenge lets anybody read. */
  token: z.custom<Hash>(isHash, 'expected a hash').nullable(),
});

/** A realm that this relay serves. */
export type RealmEntry = z.infer<typeof Entry>;

/** The realms that this relay serves. Reading is from memory. */
export interface Realms {
  find(realm: Hash): RealmEntry | undefined;
  all(): readonly RealmEntry[];
  /** Adds or replaces an entry, synced. */
  put(entry: RealmEntry): Promise<void>;
  /** Knows an entry whose write is on disk already. */
  remember(entry: RealmEntry): void;
  /** Removes an entry and all that its room holds. */
  remove(realm: Hash): Promise<void>;
}

/** Reads the registered realms. Throws Fault STORE_CORRUPT and what the store throws. */
export async function openRealms(store: Store): Promise<Realms> {
  const entries = new Map<Hash, RealmEntry>();
  for await (const [key, value] of store.range(ALL_REALMS)) {
    const entry = Entry.safeParse(parseJson(value));
    if (!entry.success) throw new Fault('STORE_CORRUPT', { detail: `expected a realm at ${key}` });
    entries.set(entry.data.realm, entry.data);
  }
  return {
    find: (realm) => entries.get(realm),
    all: () => [...entries.values()],
    async put(entry) {
      await store.batch([entryWrite(entry)]);
      entries.set(entry.realm, entry);
    },
    remember: (entry) => void entries.set(entry.realm, entry),
    async remove(realm) {
      entries.delete(realm);
      await store.batch([{ key: realmKey(realm), value: null }]);
      let keys: string[] = [];
      for await (const [key] of store.range(roomRange(realm))) {
        keys.push(key);
        if (keys.length < REMOVED_AT_ONCE) continue;
        await store.batch(keys.map((each) => ({ key: each, value: null })));
        keys = [];
      }
      await store.batch(keys.map((key) => ({ key, value: null })));
    },
  };
}

/** The write of an entry, to go into the batch that holds its genesis. */
export function entryWrite(entry: RealmEntry): StoreWrite {
  return { key: realmKey(entry.realm), value: new TextEncoder().encode(JSON.stringify(entry)) };
}

const REMOVED_AT_ONCE = 10_000;
const TOKEN_BYTES = 32;

/** A new read token, and the hash of it that is kept. */
export function newToken(random: Random): { readonly token: string; readonly hash: Hash } {
  const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url');
  return { token, hash: tokenHash(token) };
}

/** Whether a token is the one whose hash was kept; takes as long for a near miss as for nonsense. */
export function isToken(token: string, hash: Hash): boolean {
  return sameText(tokenHash(token), hash);
}

/** Whether two secrets are the same, without telling by the time taken how much of them is. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function tokenHash(token: string): Hash {
  return createHash('sha256').update(token).digest('hex') as Hash;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
