import assert from 'node:assert/strict';
import { MAX_QUEUE } from '../../core/engine/admission.ts';
import type { Command } from '../../core/engine/input.ts';
import { ASK_FOR } from '../../core/engine/seat-asking.ts';
import { seconds } from '../../core/units.ts';
import { floatingHosts, meet } from '../support/floating.ts';
import { checkoutOf, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { ask, play, tick } from '../support/script.ts';
import { checkout, working } from '../support/working-host.ts';

/** What somebody who waits for another host brings about. */
const ASKING = ['append seat-request'];

/** Asks to borrow a seat until an instant. */
function borrowing(id: string, until: number): Command {
  const command = checkout(id);
  assert(command.do === 'checkout');
  return { ...command, request: { ...command.request, until: seconds(until) } };
}

/** Two hosts that know what the other has to spare. */
async function met(changes: Parameters<typeof floatingHosts>[1] = {}): Promise<[RigHost, RigHost]> {
  const [a, b] = (await floatingHosts(['ws02'], changes)) as [RigHost, RigHost];
  await meet(a, b);
  return [a, b];
}

describe('A seat is borrowed', () => {
  it('until an instant that is certainly to come', async () => {
    const host = await working();
    await play(host, tick(host.runtime.model, MIDYEAR, MIDYEAR + 100));
    const said: (readonly string[])[] = [];
    for (const [i, after] of [50, 100, 101].entries()) {
      said.push((await play(host, ask(borrowing(`b${i}`, MIDYEAR + after)))).slice(-2));
    }
    assert.deepEqual(said, [
      ['answer no: malformed'],
      ['answer no: malformed'],
      ['answer lease', 'tell all lease b2 granted'],
    ]);
  });
});

describe('A checkout that another host could help', () => {
  it('waits for it only where a seat is what is lacking', async () => {
    const [, b] = await met();
    assert.deepEqual(await play(b, ask(checkoutOf('draw', 'mallory', 'm'))), ['answer no: unknown-user']);
    assert.deepEqual(await play(b, ask(checkoutOf('nothing', 'ana', 'n'))), ['answer no: unknown-feature']);
    assert.equal(b.runtime.model.queue.length, 0);
  });

  it('waits where what is free here is kept for others', async () => {
    const [, b] = await met({ rules: { mine: { feature: 'draw', for: { people: ['ana'] }, keep: 2 } } });
    assert.deepEqual(await play(b, ask(checkoutOf('draw', 'bo', 'k'))), ASKING);
    assert.equal(b.runtime.model.queue.length, 1);
  });

  it('is denied and counted where nobody has helped in time, though others go on waiting', async () => {
    const [, b] = await met();
    const { model } = b.runtime;
    await play(b, ask(checkoutOf('draw', 'ana', 'own')));
    assert.deepEqual(await play(b, ask(checkout('queued', { wait: true }))), ['answer queued', ...ASKING]);
    assert.deepEqual(await play(b, ask(checkoutOf('draw', 'ana', 'waits'))), ASKING);
    assert.equal(model.usage.denials.length, 0);
    assert.ok((await play(b, tick(model, MIDYEAR, MIDYEAR, ASK_FOR))).includes('answer no: no-seat'));
    assert.deepEqual(
      model.queue.map(({ id }) => id),
      ['queued'],
    );
    assert.deepEqual(
      model.usage.denials.map(({ reason, user }) => [user, reason]),
      [['ana', 'no-seat']],
    );
  });

  it('is denied at once where as many wait as may', async () => {
    const [, b] = await met();
    const { queue } = b.runtime.model;
    await play(b, ask(checkoutOf('draw', 'ana', 'own')));
    assert.deepEqual(await play(b, ask(checkoutOf('draw', 'ana', 'first'))), ASKING);
    const [place] = queue;
    assert(place !== undefined);
    while (queue.length < MAX_QUEUE - 1) queue.push({ ...place, id: `q${queue.length}` });
    assert.deepEqual(await play(b, ask(checkoutOf('draw', 'ana', 'last'))), ASKING);
    assert.deepEqual(await play(b, ask(checkoutOf('draw', 'ana', 'more'))), ['answer no: no-seat']);
    assert.equal(queue.length, MAX_QUEUE);
  });

  it('is one under its id while it waits', async () => {
    const [, b] = await met();
    await play(b, ask(checkoutOf('draw', 'ana', 'own')));
    await play(b, ask(checkoutOf('draw', 'ana', 'waits')));
    assert.deepEqual(await play(b, ask(checkoutOf('draw', 'ana', 'waits'))), ['answer no: conflict']);
  });
});

describe('A checkout that uses a seat that its user has borrowed', () => {
  it('leaves one alone that lingers for him', async () => {
    const host = await working((registry) => {
      registry.features.draw = { name: 'Drawing', software: 'cad', seats: 3, linger: 600 };
    });
    const { model } = host.runtime;
    await play(host, ask(checkout('first')));
    await play(host, ask(borrowing('trip', MIDYEAR + 3600)));
    await play(host, ask({ do: 'return', lease: 'first', reason: null }));
    assert.equal(model.leases.size, 2);
    assert.deepEqual(await play(host, ask(checkout('second'))), [
      ...['write lease/second', 'answer lease', 'tell all lease second granted'],
    ]);
    assert.equal(model.leases.get('second')?.lease.under, 'trip');
    assert.equal(model.leases.has('first'), true);
  });
});
