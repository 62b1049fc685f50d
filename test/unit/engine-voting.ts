import assert from 'node:assert/strict';
import type { Hash } from '../../core/units.ts';
import { exchange, invitedHost } from '../support/host-rig.ts';
import { drafting, lending, PUBLISH } from '../support/lending-host.ts';

const moreSeats = drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 5 }));

describe('The engine: a candidate that another issuer signed', () => {
  const cases = [
    ['is acked', false],
    ['is not acked by a voter who knows that the issuer was revoked before', true],
  ] as const;
  for (const [what, revoked] of cases) {
    it(what, async () => {
      const { host: founder } = await lending();
      const other = await invitedHost(founder, 'ws02', 202, ['voter', 'issuer', 'editor']);
      await exchange(founder, other);
      await founder.submit(PUBLISH);
      await founder.submit(moreSeats(founder));
      await exchange(founder, other);
      if (revoked) await founder.submit({ do: 'revoke', principal: other.id, reason: 'stolen' });
      const published = await other.submit(PUBLISH);
      assert(published.ok && published.kind === 'published');
      await exchange(founder, other);
      const { candidate } = published;
      const { ledger, membership } = founder.runtime.model.state;
      assert.equal(membership.evidence.candidates.has(candidate as Hash), true);
      const records = ledger.logs.get(founder.log) ?? [];
      const acked = records.some((record) => record.type === 'ack' && record.body.candidate === candidate);
      assert.equal(acked, !revoked);
    });
  }
});
