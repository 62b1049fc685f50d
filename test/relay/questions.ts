import { deepEqual, equal } from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { MAX_LOGS } from '../../core/wire/bounds.ts';
import { parseStateVector } from '../../core/wire/state-vector.ts';
import { DEFAULT_LIMITS } from '../../relay/limits.ts';
import type { TestRealm } from '../support/realm.ts';
import {
  enterAs,
  type FakePeer,
  messagesTo,
  questionFrame,
  type Rig,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';
import { REMARK, served } from '../support/relay-world.ts';

const SIZE = { hosts: 1, issuers: 1, voters: 1 };

/** A state vector of logs that no room has. */
const strangers = (count: number) =>
  new Map(Array.from({ length: count }, (_, i) => [(0xffff_ffff - i) as LogId, 1] as const));

async function entered(
  seed: string,
  size = SIZE,
  answerBytes = DEFAULT_LIMITS.answerBytes,
): Promise<{ rig: Rig; realm: TestRealm; peer: FakePeer }> {
  const { rig, realm } = await served(seed, { limits: { answerBytes } }, size);
  const peer = await enterAs(rig, realm, realm.logOf('issuer-1'));
  peer.frames.length = 0;
  return { rig, realm, peer };
}

describe('a state vector that a relay is asked by', () => {
  it('may name as many logs as there can be, for a realm may have grown before this relay knew of it', async () => {
    const { rig, realm, peer } = await entered('grown');
    const have = strangers(MAX_LOGS - 1).set(realm.logOf('host-1'), 1);
    rig.relay.receive(peer, questionFrame(have));
    await rig.relay.idle();
    equal(peer.closed, null);
    deepEqual(
      runsTo(peer).map(({ log }) => log),
      [realm.logOf('issuer-1')],
    );
  });

  it('is refused with one log more, since reading it costs', async () => {
    const { rig, peer } = await entered('too-many');
    rig.relay.receive(peer, questionFrame(strangers(MAX_LOGS + 1)));
    await rig.relay.idle();
    equal(peer.closed, 'bad-frame');
    equal(rig.count('message_rejected_total', 'too-many-logs'), 1);
  });

  it('takes no memory for logs that the room has not, however many it names', () => {
    const frame = messagesTo({ frames: [questionFrame(strangers(1000))] } as unknown as FakePeer)[0];
    const bytes = frame?.type === 'step1' ? frame.stateVector : new Uint8Array(0);
    const read = parseStateVector(bytes, MAX_LOGS, new Map(), (log) => log === 0xffff_ffff);
    deepEqual(read, { ok: true, value: new Map([[0xffff_ffff, 1]]) });
  });

  it('is answered with each missing record once, whether few logs or many are behind', async () => {
    const { rig, realm, peer } = await entered('many-logs', { hosts: 40, issuers: 1, voters: 1 });
    for (let i = 1; i <= 40; i++) await realm.append(realm.logOf(`host-${i}`), 'heads', REMARK);
    rig.relay.receive(peer, updateFrame(...realm.runs()));
    await rig.relay.idle();
    for (const behind of [1, 16, 17, 40]) {
      peer.frames.length = 0;
      const logs = Array.from({ length: 40 }, (_, i) => realm.logOf(`host-${i + 1}`));
      const have = new Map<LogId, number>(logs.map((log, i) => [log, i < behind ? 1 : 2]));
      rig.relay.receive(peer, questionFrame(have.set(realm.logOf('issuer-1'), 41)));
      await rig.relay.idle();
      const expected = logs.slice(0, behind).map((log) => realm.run(log, 1));
      deepEqual(
        [...runsTo(peer)].sort((a, b) => a.log - b.log),
        expected.sort((a, b) => a.log - b.log),
      );
    }
  });

  for (const hosts of [15, 16]) {
    it(`is answered with the log of the genesis first, also where ${hosts} others are behind`, async () => {
      const { rig, realm, peer } = await entered(`first of ${hosts}`, { hosts, issuers: 1, voters: 1 }, 1);
      rig.relay.receive(peer, questionFrame());
      await rig.relay.idle();
      const founder = realm.logOf('issuer-1');
      const order = runsTo(peer).map(({ log }) => log);
      equal(order.length, 1 + hosts + hosts);
      equal(order.lastIndexOf(founder), hosts);
    });
  }
});
