import assert from 'node:assert/strict';
import type { Configuration } from '../../core/state/compile.ts';
import type { VoidReason } from '../../core/state/seat-moves.ts';
import type { Hash } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { ack, genesisOf, type Parent, propose, withPolicy } from '../support/candidates.ts';
import { SIZE } from '../support/electing-realm.ts';
import { type Knowledge, knowledgeOf } from '../support/knowledge.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';
import { smallRegistry } from '../support/registries.ts';

/** A realm whose first version gives two seats of `draw` to `host-1`, and whose second asks for so many issuers. */
async function realmOf(seed: string, issuers = 1): Promise<{ realm: TestRealm; newest: Parent }> {
  const realm = await makeRealm(seed, SIZE);
  const first = genesisOf(realm);
  if (issuers === 1) return { realm, newest: first };
  return { realm, newest: await certified(realm, first, issuers) };
}

async function certified(realm: TestRealm, parent: Parent, issuers: number): Promise<Parent> {
  const next = await propose(realm, 'issuer-1', parent, withPolicy(parent.roster, { issuers }));
  await realm.append(realm.logOf('issuer-2'), 'sign', { target: next.id });
  for (const voter of ['host-1', 'host-2']) await ack(realm, voter, next.version, next);
  return next;
}

/** A seat of `host-1` for a host. */
async function give(realm: TestRealm, to: string, more: { class?: string } = {}): Promise<Hash> {
  const term = { class: 'office', term: 5, of: realm.id, ...more };
  const body = { to: realm.logOf(to), feature: 'draw', seats: 1, source: null, request: null, ...term };
  return hashOf(await realm.append(realm.logOf('host-1'), 'transfer', body));
}

async function accept(realm: TestRealm, host: string, of: Hash): Promise<Hash> {
  return hashOf(await realm.append(realm.logOf(host), 'accept', { of }));
}

/** The log of `host-1` counts no more from this place on, if enough issuers agree. */
async function revoke(realm: TestRealm, at: number): Promise<Hash> {
  const logs = new Map([[realm.logOf('host-1'), at]]);
  return hashOf(await realm.append(realm.logOf('issuer-1'), 'revoke', { logs, reason: 'lost' }));
}

function knowing(realm: TestRealm): Knowledge {
  const knows = knowledgeOf(realm.id);
  const lots = new Map([['draw', new Map([...realm.roster.members.keys()].map((id) => [id, 2]))]]);
  const configuration = {
    ...{ realm: realm.id, version: 1, parent: realm.id, roster: realm.roster, lots },
    registry: smallRegistry(),
  } as Configuration;
  knows.state.configurations.set(realm.id, { configuration, bytes: new Uint8Array() });
  return knows;
}

const verdicts = (
  { state }: Knowledge,
  ...moves: readonly Hash[]
): readonly (VoidReason | null | undefined)[] => moves.map((move) => state.seats.verdicts.get(move));

describe('A seat that a host gives away', () => {
  it('is one of the terms of its own class', async () => {
    const { realm } = await realmOf('class');
    const moves = [
      await give(realm, 'host-2', { class: 'lab' }),
      await give(realm, 'host-2'),
      await give(realm, 'host-2'),
      await give(realm, 'host-2', { class: 'lab' }),
    ];
    const knows = knowing(realm);
    await knows.arriveAll(realm.runs());
    assert.deepEqual(verdicts(knows, ...moves), ['too-few-seats', null, null, 'too-few-seats']);
  });

  it('is none of a log that no version names', async () => {
    const { realm } = await realmOf('stranger');
    const stranger = await realm.invite('ws-new');
    await realm.join(stranger);
    const term = { class: 'office', term: 5, of: realm.id, source: null, request: null };
    const body = { to: realm.logOf('host-2'), feature: 'draw', seats: 1, ...term };
    const move = hashOf(await realm.append(stranger.log, 'transfer', body));
    const knows = knowing(realm);
    await knows.arriveAll(realm.runs());
    assert.deepEqual(verdicts(knows, move), ['too-few-seats']);
  });

  /** What ends the log of `host-1` before its place `at`, after what stands there has been accepted, and what was done about it before. */
  interface Ending {
    readonly issuers: number;
    readonly before?: (realm: TestRealm, at: number) => Promise<Hash>;
    readonly end: (realm: TestRealm, at: number, known: { newest: Parent; before: Hash }) => Promise<unknown>;
  }

  const endings: Readonly<Record<string, Ending>> = {
    'its revocation': { issuers: 1, end: revoke },
    'the signature of a second issuer under its revocation': {
      ...{ issuers: 2, before: revoke },
      end: (realm, _, { before }) => realm.append(realm.logOf('issuer-3'), 'sign', { target: before }),
    },
    'a version by which one issuer is enough for its revocation': {
      ...{ issuers: 2, before: revoke },
      end: (realm, _, { newest }) => certified(realm, newest, 1),
    },
    'the proof of a fork': {
      issuers: 1,
      async end(realm, at) {
        const log = realm.logOf('host-1');
        const b = await realm.fork(log, at, 'accept', { of: realm.id });
        const a = realm.run(log, at).records[0] as Uint8Array;
        await realm.append(realm.logOf('host-3'), 'fork-proof', { a, b });
      },
    },
  };
  for (const [why, ending] of Object.entries(endings)) {
    it(`counts no more after ${why}, and nor does what others did with it`, async () => {
      const { newest, realm } = await realmOf(why, ending.issuers);
      const first = await give(realm, 'host-2');
      const at = realm.run(realm.logOf('host-1')).records.length;
      const before = (await ending.before?.(realm, at)) ?? realm.id;
      const second = await give(realm, 'host-2');
      const moves = [
        first,
        second,
        await accept(realm, 'host-2', first),
        await accept(realm, 'host-2', second),
      ];
      const knows = knowing(realm);
      await knows.arriveAll(realm.runs());
      assert.deepEqual(verdicts(knows, ...moves), [null, null, null, null]);
      await ending.end(realm, at, { newest, before });
      await knows.arriveAll(realm.runs());
      const ended = [null, 'log-ended', null, 'nothing-there'];
      assert.deepEqual(verdicts(knows, ...moves), ended);
      const late = knowing(realm);
      await late.arriveAll([...realm.runs()].reverse());
      assert.deepEqual(verdicts(late, ...moves), ended);
    });
  }
});
