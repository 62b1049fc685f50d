import assert from 'node:assert/strict';
import type { Answer } from '../../core/engine/effect.ts';
import type { PrincipalId } from '../../core/units.ts';
import { type Seconds, seconds } from '../../core/units.ts';
import { floatingHosts, lotOf, meet, movesOf, passes, settle } from '../support/floating.ts';
import { checkoutOf, exchange, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { play, tick } from '../support/script.ts';

const DAY = 86_400;
/** The end of the term in which MIDYEAR lies, for the hosts' class. */
const MIDNIGHT = (Math.floor(MIDYEAR / DAY) + 1) * DAY;

function borrow(host: RigHost, id: string, until: number): Promise<Answer> {
  const command = checkoutOf('draw', 'ana', id);
  assert(command.do === 'checkout');
  return host.submit({ ...command, request: { ...command.request, until: seconds(until) } });
}

function endOf(host: RigHost, id: string): Seconds | undefined {
  return host.runtime.model.leases.get(id)?.lease.end;
}

async function pair(): Promise<[RigHost, RigHost]> {
  return (await floatingHosts()) as [RigHost, RigHost];
}

describe('Borrowing', () => {
  it('takes a seat until an instant in a later term, as far as the voters have opened them', async () => {
    const [a] = await pair();
    assert.equal((await borrow(a, 'trip', MIDNIGHT + DAY)).ok, true);
    assert.equal(endOf(a, 'trip'), MIDNIGHT + DAY);
    const beyond = await borrow(a, 'later', MIDNIGHT + 30 * DAY);
    assert.equal(!beyond.ok && beyond.reason, 'no-term');
  });

  it('takes no more than the lot of any term on the way', async () => {
    const [a] = await pair();
    for (const id of ['x', 'y']) assert.equal((await borrow(a, id, MIDNIGHT + DAY)).ok, true);
    const third = await borrow(a, 'z', MIDNIGHT + DAY);
    assert.equal(!third.ok && third.reason, 'no-seat');
  });

  it('is refused for a time that is past', async () => {
    const [a] = await pair();
    const answer = await borrow(a, 'x', MIDYEAR - 10);
    assert.equal(!answer.ok && answer.reason, 'malformed');
  });

  it('is denied to whoever waited in the queue until the time was past', async () => {
    const [a] = await pair();
    for (const id of ['x', 'y']) assert.equal((await borrow(a, id, MIDYEAR + 600)).ok, true);
    const command = checkoutOf('draw', 'ana', 'late');
    assert(command.do === 'checkout');
    const request = { ...command.request, until: seconds(MIDYEAR + 300), wait: true };
    const queued = await a.submit({ ...command, request });
    assert.equal(queued.ok && queued.kind, 'queued');
    await passes([a], seconds(600));
    await a.tellTime();
    assert.equal(endOf(a, 'late'), undefined);
    const denied = a.events.flatMap((event) => (event.event === 'denied' ? [event.reason] : []));
    assert.deepEqual(denied, ['expired']);
  });

  it('stays when its client has gone, and ends by itself', async () => {
    const [a] = await pair();
    await borrow(a, 'trip', MIDYEAR + 7200);
    a.runtime.clientGone(1);
    await passes([a], seconds(3600));
    await a.tellTime();
    assert.equal(endOf(a, 'trip'), MIDYEAR + 7200);
    await passes([a], seconds(3600));
    await a.tellTime();
    assert.equal(endOf(a, 'trip'), undefined);
  });

  it('lets a tool of the same user use the borrowed seat, and no second one', async () => {
    const [a] = await pair();
    await borrow(a, 'trip', MIDNIGHT + DAY);
    assert.equal((await a.submit(checkoutOf('draw', 'ana', 'tool'))).ok, true);
    assert.deepEqual(
      [a.runtime.model.leases.inUse.get('draw'), a.runtime.model.leases.get('tool')?.lease.under],
      [1, 'trip'],
    );
    assert.equal((await a.submit(checkoutOf('draw', 'bo', 'other'))).ok, true);
    assert.equal(a.runtime.model.leases.inUse.get('draw'), 2);
    await a.submit({ do: 'return', lease: 'trip', reason: null });
    assert.deepEqual(
      [a.runtime.model.leases.inUse.get('draw'), [...a.runtime.model.leases.keys()]],
      [1, ['other']],
    );
  });

  it('lets nobody use the borrowed seat who cannot tell that its time has not passed', async () => {
    const [a] = await pair();
    const { model } = a.runtime;
    await borrow(a, 'trip', MIDNIGHT + DAY);
    await play(a, tick(model, MIDYEAR, null));
    const denied = await a.submit(checkoutOf('draw', 'ana', 'tool'));
    assert.equal(!denied.ok && denied.reason, 'time-unknown');
    await play(a, tick(model, MIDYEAR));
    assert.equal((await a.submit(checkoutOf('draw', 'ana', 'tool'))).ok, true);
    assert.equal(model.leases.get('tool')?.lease.under, 'trip');
  });

  it('asks a peer for the terms that this host has no seat for', async () => {
    const [a, b] = await pair();
    await meet(a, b);
    assert.equal((await borrow(b, 'own', MIDNIGHT + DAY)).ok, true);
    const answered = borrow(b, 'moved', MIDNIGHT + DAY);
    await settle(a, b);
    assert.equal((await answered).ok, true);
    assert.deepEqual(movesOf(a), ['transfer', 'transfer']);
    assert.equal(endOf(b, 'moved'), MIDNIGHT + DAY);
  });
});

describe('Giving seats to another host', () => {
  const give = (host: RigHost, count: number, until: number, to = 'ws02') =>
    host.submit({
      ...{ do: 'give', to: to as PrincipalId, feature: 'draw', seats: count, until: seconds(until) },
    });

  it('moves them for every term until then, whoever is away', async () => {
    const [a, b] = await pair();
    const answer = await give(a, 2, MIDNIGHT + DAY);
    assert.deepEqual(answer, { ok: true, kind: 'moved', seats: 2, records: 2, until: MIDNIGHT + DAY });
    assert.deepEqual([lotOf(a), lotOf(b)], [0, 1]);
    await settle(a, b);
    assert.deepEqual([lotOf(a), lotOf(b)], [0, 3]);
  });

  it('moves all or none', async () => {
    const [a] = await pair();
    const answer = await give(a, 3, MIDNIGHT);
    assert.equal(!answer.ok && answer.reason, 'no-seat');
    assert.deepEqual([lotOf(a), movesOf(a)], [2, []]);
  });

  it('is refused to a host that is not there, and to this one', async () => {
    const [a] = await pair();
    for (const to of ['ws09', 'ws01']) {
      const answer = await give(a, 1, MIDNIGHT, to);
      assert.equal(!answer.ok && answer.reason, 'not-found');
    }
  });

  it('is undone by a surrender, as soon as the giver hears of it', async () => {
    const [a, b] = await pair();
    await give(a, 2, MIDNIGHT);
    await settle(a, b);
    for (const id of ['p', 'q']) await b.submit(checkoutOf('draw', 'ana', id));
    const answer = await b.submit({ do: 'surrender', feature: 'draw' });
    assert.deepEqual(answer, { ok: true, kind: 'moved', seats: 1, records: 1 });
    assert.deepEqual([lotOf(a), lotOf(b)], [0, 2]);
    await exchange(a, b);
    assert.deepEqual([lotOf(a), lotOf(b)], [1, 2]);
  });

  it('cannot be undone where none is idle', async () => {
    const [a, b] = await pair();
    await settle(a, b);
    const answer = await b.submit({ do: 'surrender', feature: 'draw' });
    assert.equal(!answer.ok && answer.reason, 'not-found');
  });
});
