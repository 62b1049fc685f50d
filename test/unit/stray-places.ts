import assert from 'node:assert/strict';
import { verifyStrays } from '../../core/verify/strays.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { prepareRecord } from '../../core/wire/record.ts';
import { nodeCrypto } from '../support/keys.ts';
import { setting } from '../support/known-realm.ts';
import { encodeBody } from '../support/realm.ts';

const REMARK = { whole: true, next: new Map() };

describe('Evidence of another history of a log', () => {
  const cases: readonly [what: string, type: string, body: CborValue][] = [
    ['an ack', 'ack', encodeBody('ack', { version: 2, candidate: null, terms: new Map() })],
    ['a record without meaning of its own', 'heads', encodeBody('heads', REMARK)],
  ];
  for (const [what, type, body] of cases) {
    it(`is ${what} from the place on where the histories part, and none before it`, async () => {
      const { host, knows, realm } = await setting(`parted before ${type}`);
      for (let i = 0; i < 3; i++) await realm.append(host, 'heads', { ...REMARK, whole: false });
      await knows.arriveAll(realm.runs());
      const elsewhere = hashOf(new Uint8Array());
      const records = await Promise.all(
        [1, 2, 3].map(async (seq) => {
          const place = { realm: realm.id, log: host, seq, prev: elsewhere };
          const record = prepareRecord({ ...place, type, body });
          return record.seal(await realm.signerOf(host).sign(record.signed));
        }),
      );
      const { all, strays } = await verifyStrays({ log: host, records }, 2, knows.known, nodeCrypto);
      assert.deepEqual([all, strays.map(({ record }) => record.seq).sort()], [false, [2, 3]]);
    });
  }
});
