import assert from 'node:assert/strict';
import { ownState } from '../../core/agent/peer-states.ts';
import { floatingHosts } from '../support/floating.ts';
import { checkoutOf, type RigHost } from '../support/host-rig.ts';

describe('What a host says of its leases over presence', () => {
  it('leaves ids out before leases, and the newest first, where it would be too long', async () => {
    const feature = { name: 'Drawing', software: 'cad', seats: 160 };
    const features = { draw: feature, print: feature, plot: feature };
    const [host] = (await floatingHosts(['ws02'], { features })) as [RigHost];
    const id = (seat: number) => `${seat}`.padStart(20, '0');
    for (let seat = 0; seat < 36; seat++) {
      const answer = await host.submit(checkoutOf('draw', 'ana', id(seat)));
      assert.equal(answer.ok, true, JSON.stringify(answer));
    }
    const { leases } = ownState(host.runtime.model);
    assert.equal(leases.length, 36);
    assert.equal(leases[0]?.id, id(0));
    assert.equal(leases.at(-1)?.id, undefined);
    assert(JSON.stringify(leases).length <= 3900);
    for (let seat = 36; seat < 72; seat++) await host.submit(checkoutOf('draw', 'ana', id(seat)));
    const { leases: most } = ownState(host.runtime.model);
    assert(most.length > 36 && most.length < 72);
    assert(JSON.stringify(most).length <= 3900);
  });
});
