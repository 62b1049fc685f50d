import { sha512 } from '../../core/adapters/sha512-node.ts';
import { seconds } from '../../core/units.ts';
import { delegationCache } from '../../core/verify/delegations.ts';
import { MAX_DELEGATION, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { MAX_BATCH, timeKeeper } from '../../relay/time.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { timeRequest } from '../support/time-clients.ts';
import { median, type Row, repeat } from './row.ts';

/** How many answers from full batches a host verifies in a second, with the delegation verified each time and once. */
export async function verifications(tokens: number): Promise<Row[]> {
  const longTerm = testSigner('relay');
  const trust = { key: longTerm.key, profile: PROFILES.v1, maxDelegation: MAX_DELEGATION };
  const keeper = await timeKeeper({
    ...{ longTerm, sha512 },
    makeOnlineKey: async () => testSigner('online'),
    wall: () => seconds(1_790_000_000),
    synchronised: () => true,
    mark: { load: async () => null, save: async () => undefined },
  });
  const requests = Array.from({ length: MAX_BATCH }, (_, i) => timeRequest(i));
  const answers = await keeper.answer(requests);
  const rows: Row[] = [];
  for (const [what, ports] of [
    ['verified each time', { crypto: nodeCrypto, sha512 }],
    ['verified once', { crypto: nodeCrypto, sha512, delegations: delegationCache() }],
  ] as const) {
    const rates = await repeat(3, async () => {
      const before = process.cpuUsage().user;
      for (let i = 0; i < tokens; i++) {
        const [answer, request] = [answers[i % MAX_BATCH], requests[i % MAX_BATCH]];
        if (answer == null || request === undefined) throw new Error('expected an answer');
        const result = await verifyResponse(ports, answer, request, trust);
        if (!result.ok) throw new Error(result.reason);
      }
      return tokens / ((process.cpuUsage().user - before) / 1e6);
    });
    rows.push({
      what: `answers verified per CPU-second of a host, the delegation ${what}`,
      value: median(rates),
      unit: '/ s',
      reach: null,
    });
  }
  return rows;
}
