import { deepEqual, equal } from 'node:assert/strict';
import type { Member } from '../../core/state/roster.ts';
import { MAX_PARTS } from '../../core/wire/bounds.ts';
import { certify } from '../support/certified.ts';
import { enterAs, relayRig, updateFrame } from '../support/relay-rig.ts';
import { served } from '../support/relay-world.ts';

const SIZE = { hosts: 1, issuers: 1, voters: 1 };

describe('a candidate in parts', () => {
  for (const [parts, versions] of [
    [MAX_PARTS, 2],
    [MAX_PARTS + 1, 1],
  ] as const) {
    for (const [way, atOnce] of [
      ['in one update', 10_000],
      ['in a turn each', 1],
    ] as const) {
      it(`${versions === 2 ? 'counts' : 'does not count'} with ${parts} of them, ${way}, and after a restart`, async () => {
        const { rig, realm } = await served(`${parts} ${way}`, {}, SIZE);
        const { id, log, signer } = await realm.invite('host-9');
        const logs = [{ log, key: signer.key }];
        const member: Member = { id, kind: 'host', name: 'host-9', class: 'office', roles: [], logs };
        await certify(realm, member, parts);
        const peer = await enterAs(rig, realm, realm.logOf('host-1'));
        for (const { log: each, records } of realm.runs()) {
          for (let from = 0; from < records.length; from += atOnce) {
            const piece = records.slice(from, from + atOnce);
            rig.relay.receive(peer, updateFrame({ log: each, from, records: piece }));
            await rig.relay.idle();
          }
        }
        const later = await relayRig({ image: rig.disk() });
        await enterAs(later, realm, realm.logOf('host-1'));
        deepEqual(
          [rig, later].map(({ relay }) => relay.halls.get(realm.id)?.room.membership.versions.length),
          [versions, versions],
        );
        const issuer = realm.logOf('issuer-1');
        equal(
          later.relay.halls.get(realm.id)?.room.heads.get(issuer)?.next,
          realm.run(issuer).records.length,
        );
      });
    }
  }
});
