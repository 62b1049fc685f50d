import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { counterFile } from '../../core/adapters/counter-file.ts';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { formatInvitation } from '../../core/agent/invitation.ts';
import { removeRealmFile } from '../../core/agent/realm-file.ts';
import { initRealm, joinRealm, leaveRealm } from '../../core/agent/realm-setup.ts';
import { seconds } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import {
  FOUNDER,
  founded,
  invite,
  joinOptions,
  NOW,
  RELAYS,
  verifiedOpening,
} from '../support/realm-setup.ts';
import { withTempDir } from '../support/temp-dir.ts';

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
