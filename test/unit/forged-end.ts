import assert from 'node:assert/strict';
import type { Crypto } from '../../core/ports.ts';
import { knownFrom } from '../../core/runtime/arrivals.ts';
import { verifyRun } from '../../core/verify/run.ts';
import { chained } from '../support/chains.ts';
import { nodeCrypto } from '../support/keys.ts';
import { knowledgeOf } from '../support/knowledge.ts';
import { SIZE } from '../support/known-realm.ts';
import { makeRealm } from '../support/realm.ts';

describe('a run whose end is forged', () => {
  const cases: readonly [signed: number, forged: number][] = [
    [1, 64],
    [200, 63],
    [200, 64],
    [200, 100],
    [3, 500],
    [0, 300],
  ];
  for (const [signed, forgeries] of cases) {
    it(`is taken up to its ${signed} signed records, with ${forgeries} behind them, for few checks`, async () => {
      const realm = await makeRealm('forged end', SIZE);
      const knows = knowledgeOf(realm.id);
      await knows.arriveAll(realm.runs());
      const log = realm.logOf('host-1');
      const from = realm.run(log).records.length;
      const records = await chained(realm, log, signed + forgeries, (i) => i < signed);
      let checks = 0;
      const counting: Crypto = {
        ...nodeCrypto,
        verify: (...given) => {
          checks += 1;
          return nodeCrypto.verify(...given);
        },
      };
      const { ledger, membership } = knows.state;
      const verdict = await verifyRun({ log, from, records }, knownFrom(ledger, membership), counting);
      assert.deepEqual(
        [verdict.taken.length, verdict.refused],
        [signed, { seq: from + signed, reason: 'bad-signature' }],
      );
      assert.ok(checks <= 64 + 2 * Math.ceil(Math.log2(signed + forgeries)), `${checks}`);
    });
  }
});
