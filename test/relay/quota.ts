import { deepEqual, equal } from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { MAX_RECORDS_OF_INVITED } from '../../core/wire/bounds.ts';
import { decodeHead, encodeHead, type Head } from '../../relay/head.ts';
import { DEFAULT_LIMITS } from '../../relay/limits.ts';
import type { Quota } from '../../relay/quota.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';
import {
  enterAs,
  type FakePeer,
  noticesTo,
  RIG_NOW,
  type Rig,
  register,
  relayRig,
  updateFrame,
} from '../support/relay-rig.ts';
import { REMARK, SIZE } from '../support/relay-world.ts';

const DAY = 86_400;

interface World {
  readonly rig: Rig;
  readonly realm: TestRealm;
  readonly log: LogId;
  readonly peer: FakePeer;
}

/** A realm with five records ahead of what the relay holds of `host-1`, which has one. */
async function world(seed: string, quota: (realm: TestRealm, log: LogId) => Partial<Quota>): Promise<World> {
  const realm = await makeRealm(seed, SIZE);
  const log = realm.logOf('host-1');
  const join = realm.runs();
  for (let i = 0; i < 5; i++) await realm.append(log, 'heads', REMARK);
  const rig = await relayRig({ limits: { quota: { ...DEFAULT_LIMITS.quota, ...quota(realm, log) } } });
  await register(rig, { ...realm, runs: () => join });
  return { rig, realm, log, peer: await enterAs(rig, realm, log) };
}

const bytesOf = (realm: TestRealm, log: LogId, count: number) =>
  realm
    .run(log)
    .records.slice(0, count)
    .reduce((sum, record) => sum + record.length, 0);

async function offer({ peer, realm, rig }: World, log: LogId, from = 1): Promise<number> {
  rig.relay.receive(peer, updateFrame(realm.run(log, from)));
  await rig.relay.idle();
  return rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next ?? 0;
}

describe('what one log may write in a day', () => {
  it('is so many bytes, to the last one', async () => {
    const exact = await world('bytes', (realm, log) => ({ bytes: bytesOf(realm, log, 4) }));
    equal(await offer(exact, exact.log), 4);
    const short = await world('bytes', (realm, log) => ({ bytes: bytesOf(realm, log, 4) - 1 }));
    equal(await offer(short, short.log), 3);
    deepEqual(
      noticesTo(short.peer).map(({ code }) => code),
      ['quota', 'confirmed'],
    );
  });

  it('is so many records, to the last one', async () => {
    const exact = await world('records', () => ({ records: 6 }));
    equal(await offer(exact, exact.log), 6);
    equal(exact.rig.count('message_rejected_total', 'quota'), 0);
    const short = await world('records', () => ({ records: 5 }));
    equal(await offer(short, short.log), 5);
    equal(short.rig.count('message_rejected_total', 'quota'), 1);
  });

  it('is its own: what one log has used up, another has not', async () => {
    const shared = await world('own', () => ({ records: 3 }));
    const other = shared.realm.logOf('host-2');
    for (let i = 0; i < 2; i++) await shared.realm.append(other, 'heads', REMARK);
    equal(await offer(shared, shared.log), 3);
    equal(await offer(shared, other), 3);
  });

  for (const [when, later, next] of [
    ['on the same day', 60, 4],
    ['on the next day', DAY, 6],
  ] as const) {
    it(`is ${later === DAY ? 'new' : 'used up as before'} after a restart ${when}`, async () => {
      const quota = { records: 4, bytes: 1_000_000 };
      const before = await world(`restart ${when}`, () => quota);
      equal(await offer(before, before.log), 4);
      const rig = await relayRig({ image: before.rig.disk(), limits: { quota } });
      rig.clock.advance(later);
      const peer = await enterAs(rig, before.realm, before.log);
      equal(await offer({ ...before, rig, peer }, before.log, 4), next);
    });
  }

  it('stands on the disk with the end of the log', () => {
    const usage = { day: 20_833, records: 4_000_000_000, bytes: 2 ** 48 - 1 };
    const head = { next: 7, hash: 'ab'.repeat(32), key: 'cd'.repeat(32), parts: 3, usage } as Head;
    deepEqual(decodeHead(encodeHead(head)), head);
    equal(decodeHead(encodeHead(head).subarray(1)), null);
  });
});

describe('what an invited log may hold', () => {
  const invited = async (seed: string, until?: number) => {
    const it = await world(seed, () => ({}));
    const newcomer = await it.realm.invite('host-9', until);
    await it.realm.join(newcomer);
    await offer(it, it.realm.logOf('issuer-1'));
    return { ...it, newcomer };
  };

  it('is its bound of records, in one update as in two', async () => {
    const it = await invited('bound');
    for (let i = 1; i < MAX_RECORDS_OF_INVITED; i++) await it.realm.append(it.newcomer.log, 'heads', REMARK);
    equal(await offer(it, it.newcomer.log, 0), MAX_RECORDS_OF_INVITED);
    equal(it.rig.count('message_rejected_total', 'records-of-invited'), 0);
    await it.realm.append(it.newcomer.log, 'heads', REMARK);
    equal(await offer(it, it.newcomer.log, MAX_RECORDS_OF_INVITED), MAX_RECORDS_OF_INVITED);
    equal(it.rig.count('message_rejected_total', 'records-of-invited'), 1);
  });

  for (const [until, next] of [
    [RIG_NOW, 1],
    [RIG_NOW - 1, 0],
  ] as const) {
    it(`is ${next === 1 ? 'a join in the last second' : 'nothing after the end'} of the invitation`, async () => {
      const it = await invited(`until ${until}`, until);
      equal(await offer(it, it.newcomer.log, 0), next);
      equal(it.rig.count('message_rejected_total', 'invitation-expired'), 1 - next);
    });
  }

  it('may grow after the end of the invitation that it began by', async () => {
    const it = await invited('after', RIG_NOW);
    await offer(it, it.newcomer.log, 0);
    it.rig.clock.advance(DAY);
    await it.realm.append(it.newcomer.log, 'heads', REMARK);
    equal(await offer(it, it.newcomer.log, 1), 2);
  });
});
