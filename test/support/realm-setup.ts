import assert from 'node:assert/strict';
import { join } from 'node:path';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { makeInvitation } from '../../core/agent/invitation.ts';
import { initRealm } from '../../core/agent/realm-setup.ts';
import { emptyLedger, knownTo } from '../../core/ledger/ledger.ts';
import { type Hash, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { verifyRun } from '../../core/verify/run.ts';
import { parseAppend } from '../../core/wire/append.ts';

/** The host that founds. */
export const FOUNDER = { id: 'ws01' as PrincipalId, name: 'Workstation 1', class: 'office' } as const;

/** The relays of the realm, which nobody calls here. */
export const RELAYS = [
  { url: 'ws://127.0.0.1:1/v1/sync', key: 'cd'.repeat(32) as PublicKey, token: 't', register: null },
] as const;

/** The time of whoever joins. */
export const NOW = seconds(1_800_000_000);

/** A day in seconds. */
export const DAY = 86_400;

/** How a realm is founded in a directory. */
export function initOptions(dataDir: string) {
  return { dataDir, name: 'Optics lab', host: FOUNDER, relays: RELAYS };
}

/** How the line of an invitation is taken up in a directory. */
export function joinOptions(dataDir: string, invitation: string) {
  return { dataDir, stateDir: join(dataDir, 'state'), invitation, now: NOW };
}

/** What founding a realm in a directory left there. */
export async function founded(dataDir: string) {
  const made = await initRealm(initOptions(dataDir));
  assert.ok(made.ok);
  return made.value;
}

/** An invitation as host `ws02`, and the realm that it is to. */
export async function invite(but: { readonly until?: ReturnType<typeof seconds> } = {}) {
  return makeInvitation(systemRandom, {
    realm: 'ab'.repeat(32) as Hash,
    realmName: 'Optics lab',
    kind: 'host',
    id: 'ws02' as PrincipalId,
    name: 'Workstation 2',
    class: 'laptop',
    roles: [],
    until: but.until ?? seconds(NOW + DAY),
    relays: RELAYS,
  });
}

/** The records of an opening, each of them verified. */
export async function verifiedOpening(
  realm: Hash,
  opening: string,
  invitations: readonly PublicKey[] = [],
): Promise<readonly VerifiedRecord[]> {
  const runs = parseAppend(new Uint8Array(Buffer.from(opening, 'base64')));
  assert.ok(runs.ok && runs.value[0] !== undefined);
  const known = knownTo(emptyLedger(realm), {
    named: () => undefined,
    invitations: () => invitations,
    frozenAt: () => undefined,
    awaits: () => false,
  });
  const verdict = await verifyRun(runs.value[0], known, nodeCrypto);
  assert.equal(verdict.refused, null);
  return verdict.taken;
}
