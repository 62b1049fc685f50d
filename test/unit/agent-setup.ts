import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { counterFile } from '../../core/adapters/counter-file.ts';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { formatInvitation, makeInvitation } from '../../core/agent/invitation.ts';
import { readRealmFile, removeRealmFile } from '../../core/agent/realm-file.ts';
import { initRealm, joinRealm, leaveRealm } from '../../core/agent/realm-setup.ts';
import { isFault } from '../../core/errors.ts';
import { emptyLedger, knownTo } from '../../core/ledger/ledger.ts';
import { compile, rosterOf } from '../../core/state/compile.ts';
import { foldDraft, toRegistry } from '../../core/state/drafts.ts';
import { parseRegistry } from '../../core/state/registry.ts';
import { rosterFromValue, rosterHash } from '../../core/state/roster-codec.ts';
import { type Hash, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { verifyRun } from '../../core/verify/run.ts';
import { parseAppend } from '../../core/wire/append.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { withTempDir } from '../support/temp-dir.ts';

const FOUNDER = { id: 'ws01' as PrincipalId, name: 'Workstation 1', class: 'office' } as const;
const RELAYS = [
  { url: 'ws://127.0.0.1:1/v1/sync', key: 'cd'.repeat(32) as PublicKey, token: 't', register: null },
] as const;
const NOW = seconds(1_800_000_000);
const DAY = 86_400;

describe('founding a realm', () => {
  it('writes a genesis and drafts that verify, and that compile to the roster of the genesis', () =>
    withTempDir(async (dir) => {
      const { file, genesis } = await founded(dir);
      const records = await verifiedOpening(file.realm, file.opening);
      const [first, ...drafts] = records;
      assert.equal(file.realm, hashOf(genesis));
      assert.equal(first?.type === 'genesis' && first.proven, true);
      assert.ok(drafts.length > 0);
      const edits = drafts.map((record) => {
        assert.equal(record.type, 'draft');
        return { log: file.log, ...(record as Extract<VerifiedRecord, { type: 'draft' }>).body };
      });
      const { draft, refused } = foldDraft(edits);
      assert.deepEqual(refused, []);
      const registry = parseRegistry(toRegistry(draft));
      assert.ok(registry.ok);
      const roster = rosterFromValue(first?.type === 'genesis' ? first.body.roster : null);
      assert.ok(roster.ok);
      assert.equal(rosterHash(rosterOf(registry.value)), rosterHash(roster.value));
      const compiled = compile({
        registry: registry.value,
        realm: file.realm,
        version: 2,
        parent: file.realm,
        parentRoster: roster.value,
        keyOf: () => file.key,
      });
      assert.equal(compiled.ok ? 'ok' : compiled.detail, 'ok');
    }));

  it("lets a lab's terms reach at least 120 days ahead", () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const [genesis] = await verifiedOpening(file.realm, file.opening);
      const roster = rosterFromValue(genesis?.type === 'genesis' ? genesis.body.roster : null);
      const lab = roster.ok ? roster.value.policy.classes.get('lab') : undefined;
      assert.ok(lab !== undefined && lab.term * lab.ahead >= 120 * DAY && lab.maxOffline <= 45 * DAY);
    }));

  it('gives the recovery keys back and keeps none of their secrets', () =>
    withTempDir(async (dir) => {
      const made = await initRealm({ ...initOptions(dir), recovery: { keys: 3, threshold: 2 } });
      assert.ok(made.ok);
      const { file, recovery } = made.value;
      const [genesis] = await verifiedOpening(file.realm, file.opening);
      const roster = rosterFromValue(genesis?.type === 'genesis' ? genesis.body.roster : null);
      assert.deepEqual(roster.ok && roster.value.policy.recovery, {
        keys: recovery.map(({ key }) => key).sort(),
        threshold: 2,
      });
      assert.deepEqual(
        (await listIdentities(dir)).map(({ container }) => container.publicKey),
        [file.key],
      );
    }));

  it('refuses a threshold that its recovery keys can never reach', () =>
    withTempDir(async (dir) => {
      const made = await initRealm({ ...initOptions(dir), recovery: { keys: 1, threshold: 2 } });
      assert.equal(made.ok ? 'ok' : made.reason, 'recovery-threshold');
      assert.equal(await readRealmFile(dir), null);
    }));

  it('starts with the registry of an import, and refuses one that does not compile', () =>
    withTempDir(async (dir) => {
      const software = { cad: { name: 'CAD' } };
      const features = { draw: { name: 'Drawing', software: 'cad', seats: 2 } };
      const wrong = await initRealm({ ...initOptions(dir), registry: { features } });
      assert.deepEqual(wrong, {
        ok: false,
        reason: 'invalid-registry',
        detail: wrong.ok ? '' : wrong.detail,
      });
      assert.deepEqual(await listIdentities(dir), []);
      const made = await initRealm({ ...initOptions(dir), registry: { software, features } });
      assert.equal(made.ok, true);
    }));

  it('refuses a directory that belongs to a realm, and leaves it as it is', () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const again = await initRealm(initOptions(dir));
      assert.equal(again.ok ? 'ok' : again.reason, 'already-a-member');
      assert.deepEqual(await readRealmFile(dir), file);
    }));

  it('refuses a store that holds something though there is no realm file', () =>
    withTempDir(async (dir) => {
      const store = await openLevelStore(dataPaths(dir).store);
      await store.batch([{ key: 'lease/1', value: Uint8Array.of(1) }]);
      await store.close();
      const made = await initRealm(initOptions(dir));
      assert.equal(made.ok ? 'ok' : made.reason, 'not-empty');
    }));

  it('does not touch a directory whose store another holds', () =>
    withTempDir(async (dir) => {
      const store = await openLevelStore(dataPaths(dir).store);
      await assert.rejects(initRealm(initOptions(dir)), (error) => isFault(error, 'STORE_LOCKED'));
      await store.close();
    }));
});

describe('joining a realm', () => {
  it("writes a join that the newcomer's key and the one-time key have signed", () =>
    withTempDir(async (dir) => {
      const { invitation } = await invite();
      const joined = await joinRealm(joinOptions(dir, formatInvitation(invitation)));
      assert.ok(joined.ok);
      const { realm, log, key, principal } = joined.value;
      assert.deepEqual(
        { realm, log, principal },
        { realm: invitation.realm, log: invitation.log, principal: 'ws02' },
      );
      const [join] = await verifiedOpening(realm, joined.value.opening, [invitation.key]);
      assert.ok(join?.type === 'join');
      const { proof } = join.body;
      assert.equal(await nodeCrypto.verify(invitation.key, joinBytes(realm, log, key), proof), true);
    }));

  it('takes up an interrupted attempt with the same key and the same bytes', () =>
    withTempDir(async (dir) => {
      const line = formatInvitation((await invite()).invitation);
      const first = await joinRealm(joinOptions(dir, line));
      const identities = await listIdentities(dir);
      await removeRealmFile(dir);
      const second = await joinRealm(joinOptions(dir, line));
      assert.deepEqual(second, first);
      assert.deepEqual(await listIdentities(dir), identities);
    }));

  const refusals = [
    [
      'an invitation that has run out',
      'invitation-expired',
      async (dir: string) => {
        const { invitation } = await invite({ until: seconds(NOW - 1) });
        return joinRealm(joinOptions(dir, formatInvitation(invitation)));
      },
    ],
    [
      'an invitation to another realm',
      'other-realm',
      async (dir: string) => {
        await founded(dir);
        return joinRealm(joinOptions(dir, formatInvitation((await invite()).invitation)));
      },
    ],
    [
      'an invitation to the realm that it is in',
      'already-a-member',
      async (dir: string) => {
        const line = formatInvitation((await invite()).invitation);
        await joinRealm(joinOptions(dir, line));
        return joinRealm(joinOptions(dir, line));
      },
    ],
    [
      'the log that it had before it left, which would be a fork',
      'invitation-used',
      async (dir: string) => {
        const { invitation } = await invite();
        const line = formatInvitation(invitation);
        await joinRealm(joinOptions(dir, line));
        await counterFile(join(dir, 'state'), invitation.realm).raise(invitation.log, 3);
        await leaveRealm(dir);
        return joinRealm(joinOptions(dir, line));
      },
    ],
    ['a text that is no invitation', 'other-text', (dir: string) => joinRealm(joinOptions(dir, 'no'))],
  ] as const;
  for (const [why, reason, attempt] of refusals) {
    it(`refuses ${why} as ${reason}`, () =>
      withTempDir(async (dir) => {
        const verdict = await attempt(dir);
        assert.equal(verdict.ok ? 'ok' : verdict.reason, reason);
      }));
  }
});

describe('a refusal', () => {
  const attempts = [
    [
      'an invitation that has run out',
      async (dir: string) => {
        const { invitation } = await invite({ until: seconds(NOW - 1) });
        return joinRealm(joinOptions(dir, formatInvitation(invitation)));
      },
    ],
    [
      'a registry that does not compile',
      (dir: string) =>
        initRealm({ dataDir: dir, name: 'Lab', host: { ...FOUNDER, class: 'no-such' }, relays: RELAYS }),
    ],
  ] as const;
  for (const [why, attempt] of attempts) {
    it(`of ${why} makes no data directory, and nothing in one that is there`, () =>
      withTempDir(async (dir) => {
        assert.equal((await attempt(join(dir, 'new'))).ok, false);
        assert.deepEqual(await readdir(dir), []);
        assert.equal((await attempt(dir)).ok, false);
        assert.deepEqual(await readdir(dir), []);
      }));
  }
});

describe('leaving a realm', () => {
  it('takes away records and key, so that the directory can join anew under a new log', () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const store = await openLevelStore(dataPaths(dir).store);
      await store.batch([{ key: 'lease/1', value: Uint8Array.of(1) }]);
      await store.close();
      assert.deepEqual(await leaveRealm(dir), { ok: true, value: file });
      assert.deepEqual(await listIdentities(dir), []);
      const joined = await joinRealm(joinOptions(dir, formatInvitation((await invite()).invitation)));
      assert.equal(joined.ok, true);
    }));

  it('says so where there is none', () =>
    withTempDir(async (dir) => {
      const left = await leaveRealm(dir);
      assert.equal(left.ok ? 'ok' : left.reason, 'not-a-member');
    }));

  it('does not touch a directory whose agent runs', () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const store = await openLevelStore(dataPaths(dir).store);
      await assert.rejects(leaveRealm(dir), (error) => isFault(error, 'STORE_LOCKED'));
      await store.close();
      assert.deepEqual(await readRealmFile(dir), file);
    }));
});

function initOptions(dataDir: string) {
  return { dataDir, name: 'Optics lab', host: FOUNDER, relays: RELAYS };
}

function joinOptions(dataDir: string, invitation: string) {
  return { dataDir, stateDir: join(dataDir, 'state'), invitation, now: NOW };
}

async function founded(dataDir: string) {
  const made = await initRealm(initOptions(dataDir));
  assert.ok(made.ok);
  return made.value;
}

async function invite(but: { readonly until?: ReturnType<typeof seconds> } = {}) {
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

async function verifiedOpening(
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
  });
  const verdict = await verifyRun(runs.value[0], known, nodeCrypto);
  assert.equal(verdict.refused, null);
  return verdict.taken;
}
