import assert from 'node:assert/strict';
import type { Answer } from '../../core/engine/effect.ts';
import { idleByFeature } from '../../core/engine/idle-seats.ts';
import { ASK_FOR, peersWith } from '../../core/engine/seat-asking.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import { floatingHosts, lotOf, meet, movesOf, passes, settle } from '../support/floating.ts';
import { checkoutOf, exchange, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { foreignJoin } from '../support/joining.ts';
import { testSigner } from '../support/keys.ts';
import { PUBLISH } from '../support/lending-host.ts';

function take(host: RigHost, id: string): Promise<Answer> {
  return host.submit(checkoutOf('draw', 'ana', id));
}

describe('A checkout that finds no local seat', () => {
  it('gets one from a peer that has one to spare, by records that anybody can audit', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    assert.deepEqual([lotOf(a), lotOf(b)], [2, 1]);
    await meet(a, b);
    assert.equal((await take(b, 'own')).ok, true);
    const answered = take(b, 'moved');
    await settle(a, b);
    const answer = await answered;
    assert(answer.ok && answer.kind === 'lease');
    assert.deepEqual([movesOf(a), movesOf(b)], [['transfer'], ['seat-request', 'accept']]);
    assert.deepEqual([lotOf(a), lotOf(b)], [1, 2]);
  });

  it('is denied at once where nobody has one to spare', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    for (const id of ['x', 'y']) assert.equal((await take(a, id)).ok, true);
    await meet(a, b);
    assert.equal((await take(b, 'own')).ok, true);
    const answer = await take(b, 'more');
    assert(!answer.ok);
    assert.equal(answer.reason, 'no-seat');
    assert.deepEqual(movesOf(b), []);
  });

  it('is denied after a moment when a peer that had one does not answer', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    await meet(a, b);
    await take(b, 'own');
    const answered = take(b, 'more');
    await b.runtime.tick();
    await passes([b], ASK_FOR);
    const answer = await answered;
    assert.equal(!answer.ok && answer.reason, 'no-seat');
  });

  it('is asked of others by who queues, too', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    await meet(a, b);
    await take(b, 'own');
    const command = checkoutOf('draw', 'ana', 'waits');
    assert(command.do === 'checkout');
    const queued = await b.submit({ ...command, request: { ...command.request, wait: true } });
    assert.equal(queued.ok && queued.kind, 'queued');
    await settle(a, b);
    assert.deepEqual(
      b.events.flatMap((event) => (event.event === 'granted' ? [event.lease.id] : [])),
      ['waits'],
    );
  });
});

describe('A peer that promises seats and sends none', () => {
  it('is not asked where the ledger shows that it has sent its last one away', async () => {
    const [a, b, c] = (await floatingHosts(['ws02', 'ws03'])) as [RigHost, RigHost, RigHost];
    assert.deepEqual([lotOf(a), lotOf(b), lotOf(c)], [1, 1, 1]);
    await meet(a, b, c);
    await take(b, 'own');
    const moved = take(b, 'moved');
    await settle(a, b, c);
    assert.equal((await moved).ok, true);
    const [from, other] = lotOf(a) === 0 ? [a, c] : [c, a];
    // What it said before it gave its seat away is still what is heard of it.
    await b.runtime.meet(
      new Map([
        [from.log, { free: new Map([['draw', 2]]) }],
        [other.log, { free: new Map([['draw', 1]]) }],
      ]),
    );
    void take(b, 'next');
    await b.runtime.tick();
    const asked = (b.runtime.model.state.ledger.logs.get(b.log) ?? []).flatMap((record) =>
      record.type === 'seat-request' ? [record.body.ask] : [],
    );
    assert.deepEqual(asked.at(-1), [other.log]);
  });

  it('is not asked where it is no host', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    const [once, log] = [testSigner('once'), 909 as LogId];
    const invited = await a.submit({
      ...{ do: 'invite', log, key: once.key, kind: 'person', id: 'cy' as PrincipalId, name: 'Cy' },
      ...{ class: null, roles: [], until: seconds(MIDYEAR + 1e6) },
    });
    assert.equal(invited.ok, true);
    await a.runtime.update(await foreignJoin(a, log, once));
    await a.submit(PUBLISH);
    await settle(a, b);
    assert.ok(b.runtime.model.state.membership.versions.at(-1)?.roster.members.has('cy' as PrincipalId));
    const told = (seats: number) => ({ free: new Map([['draw', seats]]) });
    await b.runtime.meet(
      new Map([
        [log, told(9)],
        [a.log, told(1)],
      ]),
    );
    assert.deepEqual(peersWith(b.runtime.model, 'draw'), [a.log]);
  });

  it('is asked more and more seldom', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    await take(b, 'own');
    await b.runtime.meet(new Map([[a.log, { free: new Map([['draw', 5]]) }]]));
    const command = checkoutOf('draw', 'ana', 'waits');
    assert(command.do === 'checkout');
    await b.submit({ ...command, request: { ...command.request, wait: true } });
    for (let waited = 0; waited < 3600; waited += 3) {
      await passes([b], ASK_FOR);
      if (waited % 600 === 0) await b.tellTime();
    }
    assert.equal(movesOf(b).length, 12);
  });
});

describe('A host that is asked for seats', () => {
  it('keeps those that are in use', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    await meet(a, b);
    for (const id of ['x', 'y']) await take(a, id);
    await take(b, 'own');
    void take(b, 'more');
    await settle(a, b);
    assert.deepEqual([movesOf(a), lotOf(a)], [[], 2]);
  });

  it('keeps those that are pinned to it', async () => {
    const reservations = { kept: { feature: 'draw', host: 'ws01', seats: 1, pinned: true } };
    const [a, b] = (await floatingHosts(['ws02'], { reservations })) as [RigHost, RigHost];
    assert.deepEqual([lotOf(a), lotOf(b)], [2, 1]);
    assert.equal(idleByFeature(a.runtime.model).get('draw'), 1);
    await meet(a, b);
    await take(b, 'own');
    const [first, second] = [take(b, 'first'), take(b, 'second')];
    await settle(a, b);
    assert.equal((await first).ok, true);
    await passes([b], ASK_FOR);
    assert.equal((await second).ok, false);
    assert.deepEqual([lotOf(a), lotOf(b)], [1, 2]);
  });

  it('sends on what came to it from elsewhere before its own', async () => {
    const [a, b, c] = (await floatingHosts(['ws02', 'ws03'])) as [RigHost, RigHost, RigHost];
    await meet(a, b, c);
    await take(b, 'own');
    await a.runtime.meet(new Map());
    await c.runtime.meet(new Map());
    const answered = take(b, 'moved');
    await settle(a, b, c);
    assert.equal((await answered).ok, true);
    await b.submit({ do: 'return-all' });
    assert.equal(lotOf(b), 2);
    const [giver, taker] = movesOf(a).includes('transfer') ? [a, c] : [c, a];
    await giver.runtime.meet(new Map());
    for (const id of ['p']) await take(taker, id);
    await taker.runtime.meet(new Map([[b.log, { free: idleByFeature(b.runtime.model) }]]));
    const more = take(taker, 'q');
    await settle(a, b, c);
    assert.equal((await more).ok, true);
    const [passed] = (b.runtime.model.state.ledger.logs.get(b.log) ?? []).filter(
      ({ type }) => type === 'transfer',
    );
    assert(passed?.type === 'transfer' && passed.body.source !== null);
  });

  it('leaves it to those named before it for a while', async () => {
    const [a, b, c] = (await floatingHosts(['ws02', 'ws03'], { features: FOUR })) as [
      RigHost,
      RigHost,
      RigHost,
    ];
    await meet(a, b, c);
    await take(b, 'own');
    void take(b, 'more');
    await b.runtime.tick();
    const [request] = (b.runtime.model.state.ledger.logs.get(b.log) ?? []).slice(-1);
    assert(request?.type === 'seat-request');
    const second = request.body.ask[1] === a.log ? a : c;
    await exchange(b, second);
    await second.runtime.tick();
    assert.deepEqual(movesOf(second), []);
    await passes([second], seconds(1));
    assert.deepEqual(movesOf(second), ['transfer']);
  });

  it('answers nothing that is history', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    await meet(a, b);
    await take(b, 'own');
    void take(b, 'more');
    await passes([a], seconds(3600));
    await a.tellTime();
    await exchange(a, b);
    assert.deepEqual(movesOf(a), []);
  });
});

const FOUR = {
  draw: { name: 'Drawing', software: 'cad', seats: 4 },
  print: { name: 'Printing', software: 'cad', seats: 1 },
};
