import assert from 'node:assert/strict';
import { newestOf } from '../../core/state/membership.ts';
import { ack, genesisOf, type Parent, propose, withMember, withPolicy } from '../support/candidates.ts';
import { certify, known, renamed, SIZE, versions } from '../support/electing-realm.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';

describe('a version', () => {
  const rows: readonly [
    why: string,
    build: (realm: TestRealm, first: Parent) => Promise<unknown>,
    expected: readonly number[],
  ][] = [
    [
      'is certified by a quorum of the voters',
      async (realm, first) =>
        certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'))),
      [1, 2],
    ],
    [
      'is not certified by half of them',
      async (realm, first) =>
        certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x')), ['host-1']),
      [1],
    ],
    [
      'is not certified by one voter who acks twice',
      async (realm, first) =>
        certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x')), [
          'host-1',
          'host-1',
        ]),
      [1],
    ],
    [
      'is not certified by acks of those who do not vote',
      async (realm, first) =>
        certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x')), [
          ...['host-1', 'host-4', 'issuer-1', 'issuer-2'],
        ]),
      [1],
    ],
    [
      'is not certified by acks for another candidate of the same version',
      async (realm, first) => {
        const [a, b] = [
          await propose(realm, 'issuer-1', first, renamed(first.roster, 'a')),
          await propose(realm, 'issuer-2', first, renamed(first.roster, 'b')),
        ];
        await ack(realm, 'host-1', 2, a);
        await ack(realm, 'host-2', 2, b);
      },
      [1],
    ],
    [
      'needs an issuer: a host that proposes itself is not heard',
      async (realm, first) =>
        certify(
          realm,
          await propose(realm, 'host-4', first, withMember(first.roster, 'host-4', { roles: ['issuer'] })),
        ),
      [1],
    ],
    [
      'counts an issuer whose signature stands under another author',
      async (realm, first) => {
        const candidate = await certify(
          realm,
          await propose(realm, 'host-4', first, renamed(first.roster, 'x')),
        );
        await realm.append(realm.logOf('issuer-2'), 'sign', { target: candidate.id });
      },
      [1, 2],
    ],
    [
      'does not count one issuer twice towards the threshold',
      async (realm, first) => {
        const two = await certify(
          realm,
          await propose(realm, 'issuer-1', first, withPolicy(first.roster, { issuers: 2 }), {}),
        );
        await realm.append(realm.logOf('issuer-1'), 'sign', { target: two.id });
        await realm.append(realm.logOf('issuer-1'), 'sign', { target: two.id });
      },
      [1],
    ],
    [
      'needs the new threshold too where it raises it',
      async (realm, first) => {
        const two = await certify(
          realm,
          await propose(realm, 'issuer-1', first, withPolicy(first.roster, { issuers: 2 })),
        );
        await realm.append(realm.logOf('issuer-3'), 'sign', { target: two.id });
        const three = await certify(realm, await propose(realm, 'issuer-2', two, renamed(two.roster, 'x')));
        await realm.append(realm.logOf('issuer-1'), 'sign', { target: three.id });
        await certify(realm, await propose(realm, 'issuer-2', three, renamed(three.roster, 'y')));
      },
      [1, 2, 3],
    ],
    [
      'needs a quorum of those whom it makes voters',
      async (realm, first) => {
        const issuers = ['issuer-1', 'issuer-2', 'issuer-3'];
        const roster = issuers.reduce(
          (so, id) => withMember(so, id, { roles: ['editor', 'issuer', 'voter'] }),
          first.roster,
        );
        await certify(realm, await propose(realm, 'issuer-1', first, roster));
      },
      [1],
    ],
    [
      'is certified once the new voters have acked too',
      async (realm, first) => {
        const roster = withMember(first.roster, 'issuer-1', { roles: ['editor', 'issuer', 'voter'] });
        await certify(realm, await propose(realm, 'issuer-1', first, roster), [
          'host-1',
          'host-2',
          'issuer-1',
        ]);
      },
      [1, 2],
    ],
    [
      'may remove the voter that acks it',
      async (realm, first) =>
        certify(realm, await propose(realm, 'issuer-1', first, withMember(first.roster, 'host-1', null)), [
          ...['host-1', 'host-2', 'host-3'],
        ]),
      [1, 2],
    ],
    [
      'is not certified when its roster is not what its change makes of the parent',
      async (realm, first) => {
        const candidate = await propose(
          realm,
          'issuer-1',
          { ...first, roster: renamed(first.roster, 'w') },
          first.roster,
        );
        await certify(realm, candidate);
      },
      [1],
    ],
    [
      'is not certified when it claims another roster than its change makes',
      async (realm, first) => {
        const claimed = renamed(first.roster, 'w');
        await certify(
          realm,
          await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'), { claimed }),
        );
      },
      [1],
    ],
    [
      'is not certified on a parent that is not the newest',
      async (realm, first) => {
        await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'a')));
        await certify(
          realm,
          await propose(realm, 'issuer-2', first, renamed(first.roster, 'b'), { version: 3 }),
          [...['host-1', 'host-2', 'host-3']],
        );
      },
      [1, 2],
    ],
    [
      'does not skip one that could still win',
      async (realm, first) => {
        const acks = [await ack(realm, 'host-1', 2, null)];
        const skip = { version: 3, skips: [acks] };
        await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'), skip));
      },
      [1],
    ],
    [
      'skips one that is proven closed by VOID',
      async (realm, first) => {
        const acks = [await ack(realm, 'host-1', 2, null), await ack(realm, 'host-2', 2, null)];
        const skip = { version: 3, skips: [acks] };
        await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'), skip));
      },
      [1, 3],
    ],
    [
      'does not skip by acks for another version',
      async (realm, first) => {
        const acks = [await ack(realm, 'host-1', 4, null), await ack(realm, 'host-2', 4, null)];
        const skip = { version: 3, skips: [acks] };
        await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'), skip));
      },
      [1],
    ],
    [
      "does not skip by one voter's ack in several copies",
      async (realm, first) => {
        const once = await ack(realm, 'host-1', 2, null);
        const skip = { version: 3, skips: [[once, once, once]] };
        await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'), skip));
      },
      [1],
    ],
  ];
  for (const [why, build, expected] of rows) {
    it(why, async () => {
      const realm = await makeRealm(why, SIZE);
      await build(realm, genesisOf(realm));
      assert.deepEqual(versions(await known(realm)), expected);
      assert.deepEqual(versions(await known(realm, true)), expected, 'in another order');
    });
  }

  it('needs two of three issuers where the parent says so', async () => {
    const realm = await makeRealm('two of three', SIZE);
    const first = genesisOf(realm);
    const second = await propose(realm, 'issuer-1', first, withPolicy(first.roster, { issuers: 2 }));
    await certify(realm, second);
    await realm.append(realm.logOf('issuer-2'), 'sign', { target: second.id });
    const third = await certify(realm, await propose(realm, 'issuer-1', second, renamed(second.roster, 'x')));
    const knows = await known(realm);
    assert.deepEqual(versions(knows), [1, 2]);
    await realm.append(realm.logOf('issuer-3'), 'sign', { target: third.id });
    await knows.arriveAll(realm.runs());
    assert.deepEqual(versions(knows), [1, 2, 3]);
  });

  it('governs from the term after the highest that a quorum of its acks states, and sooner when more prove it', async () => {
    const realm = await makeRealm('terms', SIZE);
    const first = genesisOf(realm);
    const second = await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'));
    await ack(realm, 'host-1', 2, second, { office: 7 });
    await ack(realm, 'host-2', 2, second, { office: 4 });
    const knows = await known(realm);
    assert.equal(newestOf(knows.state.membership).firstTerms.get('office'), 8);
    await ack(realm, 'host-3', 2, second, { office: 5 });
    await knows.arriveAll(realm.runs());
    assert.equal(newestOf(knows.state.membership).firstTerms.get('office'), 6);
    assert.equal(newestOf((await known(realm, true)).state.membership).firstTerms.get('office'), 6);
  });
});
