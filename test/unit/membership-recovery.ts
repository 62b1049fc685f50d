import assert from 'node:assert/strict';
import { newestOf } from '../../core/state/membership.ts';
import type { Roster } from '../../core/state/roster.ts';
import { rosterToValue } from '../../core/state/roster-codec.ts';
import type { PrincipalId } from '../../core/units.ts';
import { recoverBytes } from '../../core/verify/carried.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { genesisOf, type Parent, propose, withMember, withPolicy } from '../support/candidates.ts';
import { certify, known, renamed, SIZE, versions } from '../support/electing-realm.ts';
import { testSigner } from '../support/keys.ts';
import { knowledgeOf } from '../support/knowledge.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';

describe('a recovery', () => {
  const KEY = testSigner('recovery/host-1');

  async function recover(
    realm: TestRealm,
    parent: Parent,
    more: { generation?: number; version?: number; keys?: (typeof KEY)[]; roster?: Roster } = {},
  ): Promise<Parent> {
    const roster = more.roster ?? withMember(parent.roster, 'host-3', null);
    const [generation, version, keys] = [more.generation ?? 1, more.version ?? 10, more.keys ?? [KEY]];
    const fields = {
      generation,
      version,
      parent: parent.id,
      roster: rosterToValue(roster) as CborValue,
      reason: 'fire',
    };
    const message = recoverBytes(realm.id, fields);
    const signatures = await Promise.all(
      keys.map(async (key) => ({ key: key.key, signature: await key.sign(message) })),
    );
    const body = { ...fields, signatures };
    const bytes = await realm.append(realm.logOf('host-1'), 'recover', body);
    return { id: hashOf(bytes), version, roster };
  }

  it('by a recovery key starts a generation on the version that it names', async () => {
    const realm = await makeRealm('recover', SIZE);
    const second = await certify(
      realm,
      await propose(realm, 'issuer-1', genesisOf(realm), renamed(realm.roster, 'x')),
    );
    await recover(realm, second);
    const { membership } = (await known(realm)).state;
    assert.deepEqual(
      membership.versions.map(({ generation, version }) => [version, generation]),
      [
        [1, 0],
        [2, 0],
        [10, 1],
      ],
    );
    assert.equal(newestOf(membership).roster.members.has('host-3' as PrincipalId), false);
  });

  it('needs as many recovery keys as the version says, each once', async () => {
    const OTHER = testSigner('recovery/other');
    const two = { keys: [KEY.key, OTHER.key], threshold: 2 };
    for (const [keys, newest] of [
      [[KEY], 2],
      [[KEY, KEY], 2],
      [[KEY, testSigner('a stranger')], 2],
      [[OTHER, KEY], 10],
    ] as const) {
      const realm = await makeRealm('two recovery keys', SIZE);
      const first = genesisOf(realm);
      const roster = withPolicy(first.roster, { recovery: two });
      const second = await certify(realm, await propose(realm, 'issuer-1', first, roster));
      await recover(realm, second, { keys: [...keys] });
      assert.equal(newestOf((await known(realm)).state.membership).version, newest);
    }
  });

  it('overrules what was certified after that version', async () => {
    const realm = await makeRealm('overrule', SIZE);
    const first = genesisOf(realm);
    await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x')));
    await recover(realm, first);
    assert.deepEqual(versions(await known(realm)), [1, 10]);
  });

  it('is followed by versions of its own', async () => {
    const realm = await makeRealm('after recovery', SIZE);
    const recovered = await recover(realm, genesisOf(realm));
    await certify(realm, await propose(realm, 'issuer-1', recovered, renamed(recovered.roster, 'x')));
    assert.deepEqual(versions(await known(realm)), [1, 10, 11]);
  });

  const refused: readonly [why: string, more: Parameters<typeof recover>[2]][] = [
    ['signed by another key', { keys: [testSigner('mallory')] }],
    ['for the generation that is there already', { generation: 0 }],
    ['for a version that is not after its parent', { version: 1 }],
  ];
  for (const [why, more] of refused) {
    it(`${why} is none`, async () => {
      const realm = await makeRealm(why, SIZE);
      await recover(realm, genesisOf(realm), more);
      assert.deepEqual(versions(await known(realm)), [1]);
    });
  }

  it('needs one signature even where a genesis asks for none', async () => {
    const realm = await makeRealm('no keys', SIZE);
    const first = genesisOf(realm);
    const policy = { recovery: { keys: [], threshold: 0 } };
    const second = await certify(
      realm,
      await propose(realm, 'issuer-1', first, withPolicy(first.roster, policy)),
    );
    await recover(realm, second, { keys: [testSigner('mallory')] });
    assert.deepEqual(versions(await known(realm)), [1, 2]);
  });

  it('of a higher generation wins over another, in whatever order they are heard', async () => {
    const realm = await makeRealm('two recoveries', SIZE);
    const first = genesisOf(realm);
    const second = await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x')));
    const third = await certify(realm, await propose(realm, 'issuer-1', second, renamed(first.roster, 'y')));
    await recover(realm, third, { generation: 2, version: 20 });
    await recover(realm, second, { generation: 1, version: 10 });
    for (const backwards of [false, true]) {
      assert.deepEqual(versions(await known(realm, backwards)), [1, 2, 3, 20]);
    }
    const knows = knowledgeOf(realm.id);
    const host = realm.run(realm.logOf('host-1'));
    await knows.arriveAll(realm.runs().filter(({ log }) => log !== host.log));
    await knows.arriveAll(realm.runs());
    assert.deepEqual(versions(knows), [1, 2, 3, 20]);
  });
});
