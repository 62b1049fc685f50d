import assert from 'node:assert/strict';
import { newestOf } from '../../core/state/membership.ts';
import type { PrincipalId } from '../../core/units.ts';
import { genesisOf, propose, withPolicy } from '../support/candidates.ts';
import { certify, known, renamed, SIZE, versions } from '../support/electing-realm.ts';
import { testSigner } from '../support/keys.ts';
import { knowledgeOf } from '../support/knowledge.ts';
import { makeRealm } from '../support/realm.ts';
import { RECOVERY_KEY, recover } from '../support/recovery.ts';

describe('a recovery', () => {
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
    const two = { keys: [RECOVERY_KEY.key, OTHER.key], threshold: 2 };
    for (const [keys, newest] of [
      [[RECOVERY_KEY], 2],
      [[RECOVERY_KEY, RECOVERY_KEY], 2],
      [[RECOVERY_KEY, testSigner('a stranger')], 2],
      [[OTHER, RECOVERY_KEY], 10],
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

  it('that is none has none after it', async () => {
    for (const generation of [0, 1]) {
      const realm = await makeRealm(`not above ${generation}`, SIZE);
      const first = genesisOf(realm);
      const second = generation === 0 ? first : await recover(realm, first);
      const none = await recover(realm, second, { generation, version: 20 });
      await recover(realm, none, { generation: generation + 1, version: 30 });
      assert.deepEqual(versions(await known(realm)), generation === 0 ? [1] : [1, 10]);
    }
  });

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

  it('wins over another of its generation for all alike, in whatever order they are heard', async () => {
    const realm = await makeRealm('a tie', SIZE);
    const first = genesisOf(realm);
    const ends = [
      await recover(realm, first, { version: 10, by: 'host-1' }),
      await recover(realm, first, { version: 20, by: 'host-2' }),
    ];
    const won = async (backwards: boolean) => newestOf((await known(realm, backwards)).state.membership).id;
    const lowest = ends.map(({ id }) => id).sort()[0];
    assert.deepEqual([await won(false), await won(true)], [lowest, lowest]);
  });
});
