import { deepEqual, equal } from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { chained } from '../support/chains.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';
import {
  enterAs,
  type FakePeer,
  fakePeer,
  noticesTo,
  type Rig,
  relayRig,
  requestFor,
  updateFrame,
} from '../support/relay-rig.ts';
import { served } from '../support/relay-world.ts';

const SIZE = { hosts: 2, issuers: 1, voters: 1 };
async function world(seed: string): Promise<{ rig: Rig; realm: TestRealm; log: LogId; peer: FakePeer }> {
  const { rig, realm, log } = await served(seed, {}, SIZE);
  return { rig, realm, log, peer: await enterAs(rig, realm, log) };
}

describe('an update whose end is not signed', () => {
  const cases: readonly [why: string, count: number, good: (i: number) => boolean, next: number][] = [
    ['three bad ones behind a good one', 10, (i) => i < 7, 8],
    ['four bad ones behind a good one', 10, (i) => i < 6, 7],
    ['five bad ones behind one good', 6, (i) => i < 1, 2],
    ['a hundred bad ones behind twenty good', 120, (i) => i < 20, 21],
    ['nothing signed at all', 120, () => false, 1],
    ['bad ones that a good one follows', 120, (i) => i === 119, 121],
  ];
  for (const [why, count, good, next] of cases) {
    it(`is taken up to seq ${next - 1} with ${why}`, async () => {
      const { rig, realm, log, peer } = await world(why);
      const records = await chained(realm, log, count, good);
      rig.relay.receive(peer, updateFrame({ log, from: 1, records }));
      await rig.relay.idle();
      equal(rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next, next);
      const refused = next === count + 1 ? 0 : 1;
      equal(rig.count('message_rejected_total', 'bad-signature'), refused);
      deepEqual(
        noticesTo(peer)
          .filter(({ code }) => code === 'refused-record')
          .map((notice) => 'seq' in notice && notice.seq),
        refused === 1 ? [next] : [],
      );
      equal(peer.closed, null);
    });
  }

  it('costs nobody the records that the author signs afterwards for the same places', async () => {
    const { rig, realm, log, peer } = await world('afterwards');
    const spoiled = await chained(realm, log, 40, (i) => i < 10);
    rig.relay.receive(peer, updateFrame({ log, from: 1, records: spoiled }));
    await rig.relay.idle();
    const whole = await chained(realm, log, 40, () => true);
    rig.relay.receive(peer, updateFrame({ log, from: 1, records: whole }));
    await rig.relay.idle();
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next, 41);
    equal(rig.relay.halls.get(realm.id)?.room.forks.size, 0);
  });

  it('begins a realm with its genesis, and gives the rest another turn', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('beginning', SIZE);
    const log = realm.logOf('issuer-1');
    const { records } = realm.run(log);
    const spoiled = [...records, ...(await chained(realm, log, 9, () => false))];
    const founder = fakePeer();
    rig.relay.connect(founder, requestFor(realm.id));
    for (const next of [1, records.length]) {
      rig.relay.receive(founder, updateFrame({ log, from: 0, records: spoiled }));
      await rig.relay.idle();
      equal(rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next, next);
    }
  });
});
