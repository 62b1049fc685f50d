import assert from 'node:assert/strict';
import { reportVerify } from '../../core/agent/reports/verify.ts';
import { reportVersions } from '../../core/agent/reports/versions.ts';
import type { Crypto } from '../../core/ports.ts';
import type { Hash } from '../../core/units.ts';
import { exchange } from '../support/host-rig.ts';
import { nodeCrypto } from '../support/keys.ts';
import { publishing, rename, twoHosts } from '../support/reported-realm.ts';

describe('the report of a verification', () => {
  it('finds every version of an honest realm good', async () => {
    const { founder, newcomer } = await twoHosts();
    await rename(founder, 'Renamed');
    await exchange(founder, newcomer);
    const { checks } = await reportVerify(newcomer.runtime.model, nodeCrypto);
    assert.deepEqual(
      checks.filter(({ ok }) => !ok),
      [],
    );
    assert.deepEqual([...new Set(checks.map(({ version }) => version))], [1, 2, 3, 4]);
  });

  it('checks every signature anew: with a key that verifies nothing, no issuer and no voter is left', async () => {
    const { runtime } = await publishing();
    const blind: Crypto = { verify: async () => false };
    const { checks } = await reportVerify(runtime.model, blind);
    assert.deepEqual(
      checks.filter(({ ok }) => !ok).map(({ check, version }) => [version, check]),
      [
        [1, 'signature'],
        [2, 'issuers'],
        [2, 'acks'],
      ],
    );
  });

  it('compiles each content anew: drafts that do not spell it are found out', async () => {
    const { runtime } = await publishing();
    const { versions } = runtime.model.state.membership;
    const last = versions.at(-1);
    assert.ok(last !== undefined);
    versions[versions.length - 1] = { ...last, content: 'ee'.repeat(32) as Hash };
    const { checks } = await reportVerify(runtime.model, nodeCrypto);
    assert.deepEqual(
      checks.filter(({ ok }) => !ok).map(({ check }) => check),
      ['content'],
    );
  });
});

describe('the report of versions', () => {
  it('begins with the newest', async () => {
    const { runtime } = await publishing();
    assert.deepEqual(
      reportVersions(runtime.model).map(({ version, message, ackers }) => [version, message, ackers]),
      [
        [2, 'one', ['ws01']],
        [1, 'Optics lab', []],
      ],
    );
  });
});
