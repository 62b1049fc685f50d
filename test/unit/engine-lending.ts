import assert from 'node:assert/strict';
import { ORPHAN_GRACE } from '../../core/engine/ageing.ts';
import type { Command } from '../../core/engine/input.ts';
import type { PrincipalId } from '../../core/units.ts';
import { MIDYEAR } from '../support/host-rig.ts';
import { ask, play, tick } from '../support/script.ts';
import { checkout, DAY, TERM, working } from '../support/working-host.ts';

describe('The engine: leases', () => {
  it('does not lend two seats under one id', async () => {
    const host = await working();
    await play(host, ask(checkout('a')));
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: conflict']);
    assert.equal(host.runtime.model.leases.inUse.get('draw'), 1);
  });

  it('lends no more than the lot, and gives a returned seat to who has waited longest', async () => {
    const host = await working();
    for (const id of ['a', 'b', 'c']) await play(host, ask(checkout(id)));
    assert.deepEqual(await play(host, ask(checkout('d'))), ['answer no: no-seat']);
    assert.deepEqual(await play(host, ask(checkout('e', { wait: true }), 5)), ['answer queued']);
    assert.deepEqual(await play(host, ask(checkout('f', { wait: true }), 6)), ['answer queued']);
    assert.deepEqual(await play(host, ask({ do: 'return', lease: 'b', reason: null })), [
      ...['delete lease/b', 'tell all lease b returned', 'answer returned'],
      ...['write lease/e', 'tell client 5 ticket 1 granted', 'tell all lease e granted'],
    ]);
  });

  it('forgets who waited when its client goes, or gives up', async () => {
    const host = await working();
    for (const id of ['a', 'b', 'c']) await play(host, ask(checkout(id)));
    await play(host, ask(checkout('d', { wait: true }), 5));
    await play(host, ask(checkout('e', { wait: true }), 6));
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), []);
    assert.deepEqual(await play(host, ask({ do: 'cancel', ticket: 2 }, 7)), ['answer no: not-found']);
    assert.deepEqual(await play(host, ask({ do: 'cancel', ticket: 2 }, 6)), ['answer done']);
    assert.equal(host.runtime.model.queue.length, 0);
  });

  it('keeps an orphan for its grace, then frees it', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a'), 5));
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), [
      'probe a',
      'tell all lease a orphaned',
    ]);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, ORPHAN_GRACE - 1)), ['probe a']);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, 1)), [
      'delete lease/a',
      'tell all lease a ended',
    ]);
  });

  it('frees an orphan at once when its process is gone, and not when it is not', async () => {
    const host = await working();
    await play(host, ask(checkout('a'), 5));
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: true }), [], 'its client is there');
    await play(host, { kind: 'client-gone', client: 5 });
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: false }), []);
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: true }), [
      ...['delete lease/a', 'tell all lease a ended'],
    ]);
  });

  it('gives an orphan back to who knows its secret, and to nobody else', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a'), 5));
    await play(host, { kind: 'client-gone', client: 5 });
    const attach = (secret: string): Command => ({ do: 'attach', lease: 'a', secret });
    assert.deepEqual(await play(host, ask(attach('guess'), 6)), ['answer no: wrong-secret']);
    assert.deepEqual(await play(host, ask(attach('secret of a'), 6)), ['answer lease']);
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), []);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, 2 * ORPHAN_GRACE)), []);
    assert.equal(model.leases.inUse.get('draw'), 1);
  });

  it('lets a lease that is tied to a process outlive the connection that took it', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a', { tie: 'process' }), 5));
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), ['probe a']);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, 10 * ORPHAN_GRACE)), ['probe a']);
    assert.equal(model.leases.size, 1);
  });

  it('renews into the next term near the end of the present one, and ends what it may not renew', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a')));
    assert.equal(model.leases.get('a')?.lease.end, TERM + DAY);
    await play(host, tick(model, TERM + DAY - 5));
    assert.equal(model.leases.get('a')?.lease.end, TERM + 2 * DAY);
    model.stale = true;
    await play(host, tick(model, TERM + 2 * DAY - 5));
    assert.equal(model.leases.get('a')?.lease.end, TERM + 2 * DAY, 'a restored host renews nothing');
    const said = await play(host, tick(model, TERM + 2 * DAY - 1, TERM + 2 * DAY));
    assert.deepEqual(said, ['delete lease/a', 'tell all lease a ended']);
  });

  it('renews no more leases into a term than its lot, though all end there early', async () => {
    const soon = new Date((TERM + DAY + 3600) * 1000).toISOString().slice(0, 16);
    const host = await working((registry) => {
      registry.features.draw = { name: 'Drawing', software: 'cad', seats: 1 };
      registry.periods.draw = { feature: 'draw', from: '2030-01-01', until: `${soon}Z` };
    });
    const { model } = host.runtime;
    await play(host, ask(checkout('a')));
    const lease = model.leases.get('a');
    assert(lease !== undefined);
    // What a version before this one lent, when there were more seats.
    model.leases.put({ ...lease, lease: { ...lease.lease, id: 'b' } });
    await play(host, tick(model, TERM + DAY - 5));
    const renewed = [...model.leases.values()].filter((held) => held.lease.end > TERM + DAY);
    assert.deepEqual(
      renewed.map((held) => held.lease.end),
      [TERM + DAY + 3600],
    );
  });

  it('gives no lease that would be over at once', async () => {
    const soon = new Date((MIDYEAR + 60) * 1000).toISOString().slice(0, 16);
    const host = await working((registry) => {
      registry.periods.draw = { feature: 'draw', from: '2030-01-01', until: `${soon}Z` };
    });
    const { model } = host.runtime;
    await play(host, tick(model, MIDYEAR + 50, MIDYEAR + 61));
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: expired']);
  });

  it('ends a lease that an issuer removes, once', async () => {
    const host = await working();
    await play(host, ask(checkout('a')));
    const remove: Command = { do: 'remove', host: 'ws01' as PrincipalId, lease: 'a', reason: 'stuck' };
    assert.deepEqual(await play(host, ask(remove)), [
      ...['append removal', 'answer recorded', 'delete lease/a', 'tell all lease a removed'],
    ]);
    assert.deepEqual(await play(host, { kind: 'compared' }), []);
  });

  it('does not count names that every object has as features', async () => {
    const host = await working();
    await play(host, ask(checkout('a', { feature: 'constructor' })));
    assert.deepEqual([...host.runtime.model.usage.denials], []);
  });

  it('counts a denial, and not a place in the queue', async () => {
    const host = await working();
    for (const id of ['a', 'b', 'c']) await play(host, ask(checkout(id)));
    await play(host, ask(checkout('d', { wait: true })));
    await play(host, ask(checkout('e')));
    assert.deepEqual(host.runtime.model.usage.denials, [
      { feature: 'draw', user: 'ana', reason: 'no-seat', at: MIDYEAR },
    ]);
  });
});
