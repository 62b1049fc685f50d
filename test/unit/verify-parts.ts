import assert from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { type CborValue, encodeCbor } from '../../core/wire/cbor.ts';
import { setting } from '../support/known-realm.ts';
import { encodeBody } from '../support/realm.ts';

describe('a body in parts', () => {
  const wanted = { logs: new Map([[7 as LogId, 3]]), reason: 'r'.repeat(2000) };
  const encoded = encodeCbor(encodeBody('revoke', wanted));

  async function sent(pieces: readonly CborValue[], count: number): Promise<string> {
    const { realm, knows, host } = await setting(`parts ${pieces.length} ${count}`);
    for (const data of pieces) await realm.appendRaw(host, 'part', new Map([['data', data]]));
    await realm.appendRaw(host, 'revoke', new Map([['parts', count]]));
    await knows.arriveAll(realm.runs());
    const last = knows.state.ledger.logs.get(host)?.at(-1);
    return last?.type === 'revoke' && last.body.reason === wanted.reason ? 'whole' : (last?.type ?? 'none');
  }

  const rows: readonly [why: string, pieces: readonly CborValue[], count: number, expected: string][] = [
    ['is put together in order', [encoded.subarray(0, 900), encoded.subarray(900)], 2, 'whole'],
    ['may be one part', [encoded], 1, 'whole'],
    ['takes the last parts only', [encoded, encoded.subarray(0, 900), encoded.subarray(900)], 2, 'whole'],
    ['is inert in another order', [encoded.subarray(900), encoded.subarray(0, 900)], 2, 'inert'],
    ['is inert when a part is missing', [encoded.subarray(900)], 2, 'inert'],
    ['is inert with a byte too many', [encoded, Uint8Array.of(0)], 2, 'inert'],
    ['is inert when a part is no part', ['not bytes', encoded], 2, 'inert'],
    ['is inert without any part', [encoded], 0, 'inert'],
    ['is inert with a count below zero', [encoded], -1, 'inert'],
    ['is inert beyond the greatest number of parts', [encoded], 257, 'inert'],
    ['is inert when the whole is not canonical', [Uint8Array.of(0xa1, 0x18, 0x01, 0x00)], 1, 'inert'],
  ];
  for (const [why, pieces, count, expected] of rows) {
    it(why, async () => assert.equal(await sent(pieces, count), expected));
  }

  it('is put together when its parts came in an earlier run', async () => {
    const { realm, knows, host } = await setting('parts before');
    await realm.appendRaw(host, 'part', new Map([['data', encoded.subarray(0, 900)]]));
    await knows.arriveAll(realm.runs());
    await realm.appendRaw(host, 'part', new Map([['data', encoded.subarray(900)]]));
    await knows.arriveAll(realm.runs());
    await realm.appendRaw(host, 'revoke', new Map([['parts', 2]]));
    await knows.arriveAll(realm.runs());
    assert.equal(knows.state.ledger.logs.get(host)?.at(-1)?.type, 'revoke');
  });
});
