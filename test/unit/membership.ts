import assert from 'node:assert/strict';
import { endOfLog } from '../../core/state/evidence.ts';
import { newestOf } from '../../core/state/membership.ts';
import type { Roster } from '../../core/state/roster.ts';
import { rosterToValue } from '../../core/state/roster-codec.ts';
import { invitationOf, standingOf, standingSigners } from '../../core/state/standing.ts';
import type { LogId, PrincipalId } from '../../core/units.ts';
import { recoverBytes } from '../../core/verify/carried.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { ack, genesisOf, type Parent, propose, withMember, withPolicy } from '../support/candidates.ts';
import { testSigner } from '../support/keys.ts';
import { type Knowledge, knowledgeOf } from '../support/knowledge.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';

/** Three issuers, three voting hosts and one that does not vote. */
const SIZE = { hosts: 4, issuers: 3, voters: 3 };

async function known(realm: TestRealm, backwards = false): Promise<Knowledge> {
  const knows = knowledgeOf(realm.id);
  await knows.arriveAll(backwards ? [...realm.runs()].reverse() : realm.runs());
  return knows;
}

function versions({ state }: Knowledge): number[] {
  return state.membership.versions.map(({ version }) => version);
}

/** Gives two of the voters' acks to a candidate. */
async function certify(realm: TestRealm, candidate: Parent, voters = ['host-1', 'host-2']): Promise<Parent> {
  for (const voter of voters) await ack(realm, voter, candidate.version, candidate);
  return candidate;
}

const renamed = (roster: Roster, name: string) => withMember(roster, 'host-4', { name });

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

describe('a restriction', () => {
  const end = ({ state }: Knowledge, log: LogId) => {
    const { evidence, forks } = state.membership;
    return endOfLog(evidence, forks, newestOf(state.membership).roster, log);
  };
  const body = (log: LogId, seq: number) => ({ logs: new Map([[log, seq]]), reason: 'lost' });

  async function twoIssuers(seed: string): Promise<{ realm: TestRealm; second: Parent }> {
    const realm = await makeRealm(seed, SIZE);
    const first = genesisOf(realm);
    const second = await propose(realm, 'issuer-1', first, withPolicy(first.roster, { issuers: 2 }));
    await certify(realm, second);
    await realm.append(realm.logOf('issuer-2'), 'sign', { target: second.id });
    return { realm, second };
  }

  it('by too few issuers, or by one of them twice, ends nothing', async () => {
    const { realm } = await twoIssuers('few');
    const log = realm.logOf('host-4');
    const revoke = await realm.append(realm.logOf('issuer-1'), 'revoke', body(log, 1));
    await realm.append(realm.logOf('issuer-1'), 'sign', { target: hashOf(revoke) });
    await realm.append(realm.logOf('host-1'), 'sign', { target: hashOf(revoke) });
    const knows = await known(realm);
    assert.equal(end(knows, log), null);
    await realm.append(realm.logOf('issuer-3'), 'sign', { target: hashOf(revoke) });
    await knows.arriveAll(realm.runs());
    assert.equal(end(knows, log), 1);
  });

  it('by somebody who is no issuer ends nothing', async () => {
    const realm = await makeRealm('no issuer', SIZE);
    const log = realm.logOf('issuer-1');
    await realm.append(realm.logOf('host-1'), 'revoke', body(log, 1));
    assert.equal(end(await known(realm), log), null);
  });

  it('ends a log at the earliest place of several', async () => {
    const realm = await makeRealm('several', SIZE);
    const log = realm.logOf('host-4');
    for (const seq of [5, 2, 9]) await realm.append(realm.logOf('issuer-1'), 'revoke', body(log, seq));
    assert.equal(end(await known(realm), log), 2);
  });

  it("does not take a voter's ack out of the count, for others may not know of it", async () => {
    const realm = await makeRealm('still counts', SIZE);
    const first = genesisOf(realm);
    await realm.append(realm.logOf('issuer-2'), 'revoke', body(realm.logOf('host-1'), 0));
    await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x')));
    assert.deepEqual(versions(await known(realm)), [1, 2]);
  });

  it('takes a revoked issuer out of those whom a voter counts before it acks', async () => {
    const realm = await makeRealm('revoked issuer', SIZE);
    const first = genesisOf(realm);
    const place = realm.run(realm.logOf('issuer-1')).records.length;
    await realm.append(realm.logOf('issuer-2'), 'revoke', body(realm.logOf('issuer-1'), place));
    const candidate = await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'));
    const { membership } = (await known(realm)).state;
    assert.deepEqual([...standingSigners(membership, candidate.id, first.roster)], []);
  });

  it("stops what a revoked issuer's key still invites, and not what it invited before", async () => {
    const realm = await makeRealm('revoked inviter', SIZE);
    const before = await realm.invite('ws-before');
    const place = realm.run(realm.logOf('issuer-1')).records.length;
    await realm.append(realm.logOf('issuer-2'), 'revoke', body(realm.logOf('issuer-1'), place));
    const after = await realm.invite('ws-after');
    const { membership } = (await known(realm)).state;
    assert.equal(invitationOf(membership, before.log)?.body.id, 'ws-before');
    assert.equal(invitationOf(membership, after.log), null);
  });

  it('freezes a log where its two histories part, whichever of several forks is heard first', async () => {
    const realm = await makeRealm('forks', SIZE);
    const log = realm.logOf('host-4');
    for (let i = 0; i < 3; i++) await ack(realm, 'host-4', 5 + i, null);
    const records = realm.run(log).records;
    for (const seq of [3, 1, 2]) {
      const b = await realm.fork(log, seq, 'heads', { whole: true, next: new Map() });
      await realm.append(realm.logOf('host-1'), 'fork-proof', { a: records[seq] as Uint8Array, b });
    }
    assert.equal(end(await known(realm), log), 1);
    assert.deepEqual(standingOf((await known(realm)).state.membership, log, realm.signerOf(log).key), {
      ...{ kind: 'member', member: realm.roster.members.get('host-4' as PrincipalId), end: 1 },
    });
  });
});

describe('an invitation', () => {
  it('by a member who is no issuer invites nobody', async () => {
    const realm = await makeRealm('no right', SIZE);
    const log = 4711 as LogId;
    await realm.append(realm.logOf('host-1'), 'invite', {
      ...{ log, key: testSigner('once').key, kind: 'host', id: 'crony' as PrincipalId, name: 'Crony' },
      ...{ class: 'office', roles: ['issuer'], until: 4e9 },
    });
    assert.equal(invitationOf((await known(realm)).state.membership, log), null);
  });

  it('to a log id that another reserves too admits nobody', async () => {
    const realm = await makeRealm('reserved twice', SIZE);
    const { log } = await realm.invite('ws-9');
    assert.equal(standingOf((await known(realm)).state.membership, log, null).kind, 'invited');
    await realm.append(realm.logOf('issuer-2'), 'invite', {
      ...{ log, key: testSigner('once').key, kind: 'host', id: 'other' as PrincipalId, name: 'Other' },
      ...{ class: 'office', roles: [], until: 4e9 },
    });
    assert.equal(standingOf((await known(realm)).state.membership, log, null).kind, 'unknown');
  });
});

describe('a recovery', () => {
  const KEY = testSigner('recovery/host-1');

  async function recover(
    realm: TestRealm,
    parent: Parent,
    more: { generation?: number; version?: number; key?: typeof KEY; roster?: Roster } = {},
  ): Promise<Parent> {
    const roster = more.roster ?? withMember(parent.roster, 'host-3', null);
    const [generation, version, key] = [more.generation ?? 1, more.version ?? 10, more.key ?? KEY];
    const fields = {
      generation,
      version,
      parent: parent.id,
      roster: rosterToValue(roster) as CborValue,
      reason: 'fire',
    };
    const signature = await key.sign(recoverBytes(realm.id, fields));
    const body = { ...fields, signatures: [{ key: key.key, signature }] };
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
    ['signed by another key', { key: testSigner('mallory') }],
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
    await recover(realm, second, { key: testSigner('mallory') });
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
