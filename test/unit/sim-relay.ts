import { deepEqual } from 'node:assert/strict';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { newSimRelay } from '../sim/relay.ts';
import { partedRealm } from '../support/parted.ts';

describe('the relay of simulated realms', () => {
  it('keeps what follows of records that are shown of several histories, and not what comes after that', async () => {
    const { acking, at, before, silent, voter } = await partedRealm('sim relay');
    const held = [...before.records, ...acking.records.slice(0, 1)];
    const relay = newSimRelay(new Map([[voter, held]]));
    const shown: Run = { log: voter, from: at, records: [...acking.records, ...silent.records] };
    relay.take(encodeAppend([shown]));
    const whole = [...before.records, ...acking.records];
    deepEqual(relay.logs.get(voter)?.map(hashOf), whole.map(hashOf));
  });
});
