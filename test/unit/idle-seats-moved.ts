import assert from 'node:assert/strict';
import { idleSeats } from '../../core/engine/idle-seats.ts';
import { ownSource } from '../../core/state/seat-moves.ts';
import { seconds } from '../../core/units.ts';
import { floatingHosts, settle } from '../support/floating.ts';
import { checkoutOf, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { borrow, CUT, DAY, drawn, give, HOUR, MIDNIGHT, wished, withLab } from '../support/idle-seats.ts';

const LOT = true;
const CAME = false;

const PINNED = { reservations: { r: { feature: 'draw', host: 'ws01', seats: 1, pinned: true } } };

/** A lab host with a seat of its own for sixty days and one that came from an office until midnight. */
async function withDay(): Promise<RigHost> {
  const [office, lab] = (await floatingHosts(['ws02'], {}, 'lab')) as [RigHost, RigHost];
  assert.equal((await give(office, 'ws02', 1, MIDYEAR + HOUR)).ok, true);
  await settle(office, lab);
  return lab;
}

function sent(host: RigHost, from: number, until: number, wanted = 9) {
  return drawn(wished(host, from, until, wanted).transfers);
}

function idleNow(host: RigHost, from: number = MIDYEAR, until = MIDYEAR + HOUR, feature = 'draw') {
  return idleSeats(host.runtime.model, { feature, from: seconds(from), until: seconds(until) });
}

describe('Seats that came from another host', () => {
  it('are not sent on together with those of the lot that somebody works on', async () => {
    const [office] = await withLab(MIDYEAR + HOUR, 1);
    assert.equal((await office.submit(checkoutOf('draw', 'bo', 'p'))).ok, true);
    assert.deepEqual(sent(office, MIDYEAR, MIDYEAR + HOUR), [[CAME, 1]]);
  });

  it('are sent on though a seat is borrowed for a term after this, if that one has another for it', async () => {
    const [office] = await withLab(MIDYEAR + HOUR, 1);
    await borrow(office, 'trip', MIDNIGHT + HOUR);
    assert.deepEqual(sent(office, MIDYEAR, MIDYEAR + HOUR), [[CAME, 1]]);
  });

  it('are sent on for a term after this though a seat is in use now, if the lot has another for it', async () => {
    const [office] = await withLab(MIDYEAR + HOUR, 1);
    await borrow(office, 'trip', MIDYEAR + HOUR);
    assert.deepEqual(sent(office, MIDNIGHT, MIDNIGHT + 60), [
      [CAME, 1],
      [LOT, 1],
    ]);
  });

  it('are sent on if they last as long as is wished, though not as long as the term of who has them', async () => {
    const lab = await withDay();
    assert.deepEqual(sent(lab, MIDYEAR, MIDYEAR + HOUR), [
      [CAME, 1],
      [LOT, 1],
    ]);
  });

  it('are not sent to who wishes for longer than they last', async () => {
    const lab = await withDay();
    assert.deepEqual(sent(lab, MIDYEAR, MIDNIGHT + HOUR), [[LOT, 1]]);
  });

  it('are sent on once, however many terms of their host it takes', async () => {
    const [office, lab] = (await floatingHosts(['ws02'], {}, 'lab')) as [RigHost, RigHost];
    assert.equal((await give(lab, 'ws01', 1, MIDYEAR + HOUR)).ok, true);
    await settle(office, lab);
    assert.deepEqual(sent(office, MIDYEAR, MIDNIGHT + HOUR, 2), [
      [CAME, 1],
      [LOT, 1],
      [LOT, 1],
    ]);
  });

  it('are not sent on where all that are free now are pinned, though more will be free in the term wished for', async () => {
    const [office] = await withLab(MIDYEAR + HOUR, 1, PINNED);
    assert.equal((await office.submit(checkoutOf('draw', 'bo', 'p'))).ok, true);
    assert.deepEqual(sent(office, MIDYEAR, MIDYEAR + HOUR), []);
    assert.deepEqual(sent(office, MIDNIGHT, MIDNIGHT + 60), [[LOT, 1]]);
  });

  it('are sent on beyond the terms that are open here, though a seat is pinned in those that are', async () => {
    const [office] = await withLab(MIDYEAR + HOUR, 1, PINNED);
    assert.deepEqual(sent(office, MIDYEAR, MIDYEAR + HOUR), [[CAME, 1]]);
  });

  it('are not sent on though nobody needs them until after the term wished for, if somebody borrowed them for longer', async () => {
    const [office] = await withLab(MIDYEAR + HOUR, 1);
    await borrow(office, 'trip', MIDNIGHT + DAY + HOUR);
    const later = ownSource(office.log, 'draw', 'office', MIDNIGHT / DAY + 1);
    office.runtime.model.state.seats.left.set(later, 2);
    assert.deepEqual(sent(office, MIDNIGHT, MIDNIGHT + 60), [[LOT, 2]]);
  });

  it('leave the lot to be sent for longer than they last, where whoever uses one does so for less', async () => {
    const lab = await withDay();
    await borrow(lab, 'trip', MIDYEAR + HOUR);
    assert.deepEqual(sent(lab, MIDYEAR, MIDNIGHT + HOUR), [[LOT, 1]]);
  });

  it('are of one feature only', async () => {
    const [a, b] = (await floatingHosts(['ws02'], CUT)) as [RigHost, RigHost];
    assert.equal((await give(b, 'ws01', 1, MIDYEAR + HOUR)).ok, true);
    await settle(a, b);
    const idle = idleNow(a, MIDYEAR, MIDYEAR + HOUR, 'cut');
    assert.deepEqual(
      idle.map(({ seats, source }) => [source.source === null, seats]),
      [[LOT, 2]],
    );
  });

  it('leave nothing to be sent of the lot where they are all that is wished', async () => {
    const lab = await withDay();
    assert.deepEqual(sent(lab, MIDYEAR, MIDYEAR + HOUR, 1), [[CAME, 1]]);
  });
});

describe('No seat is idle', () => {
  it('where each that came is in use, not even none of it', async () => {
    const [office] = await withLab(MIDYEAR + HOUR);
    assert.equal((await office.submit(checkoutOf('draw', 'bo', 'p'))).ok, true);
    assert.deepEqual(idleNow(office), []);
  });

  it('where more are pinned and kept than there are', async () => {
    const keep = { rules: { mine: { feature: 'draw', for: { people: ['ana'] }, keep: 3 } } };
    const [a] = (await floatingHosts(['ws02'], { ...PINNED, ...keep })) as [RigHost];
    assert.deepEqual(idleNow(a), []);
  });
});

describe('A wish', () => {
  it('for a time that is past moves nothing, and is not taken for granted', async () => {
    const [a] = (await floatingHosts()) as [RigHost];
    const { lower } = a.runtime.model.time;
    assert(lower !== null);
    for (const until of [lower - HOUR, lower]) {
      const { seats, transfers } = wished(a, lower - 2 * HOUR, until, 1);
      assert.deepEqual([seats, transfers], [0, []]);
    }
  });

  it('is looked at within the present term, however long before it began and after it ends', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    assert.equal((await give(b, 'ws01', 1, MIDYEAR + HOUR)).ok, true);
    await settle(a, b);
    assert.deepEqual(
      idleNow(a, 0, MIDNIGHT + HOUR).map(({ seats, source }) => [source.source === null, seats]),
      [
        [CAME, 1],
        [LOT, 2],
      ],
    );
  });

  it('leaves a seat to who waits here to borrow one for longer', async () => {
    const [office] = await withLab(MIDNIGHT + HOUR);
    await borrow(office, 'trip', MIDNIGHT + HOUR);
    const command = checkoutOf('draw', 'bo', 'q');
    assert(command.do === 'checkout');
    const longer = { ...command.request, until: seconds(MIDNIGHT + HOUR), wait: true };
    const today = ownSource(office.log, 'draw', 'office', MIDNIGHT / DAY - 1);
    office.runtime.model.state.seats.left.set(today, 1);
    assert.equal((await office.submit({ ...command, request: longer })).ok, true);
    assert.equal(office.runtime.model.queue.length, 1);
    assert.deepEqual(sent(office, MIDYEAR, MIDYEAR + HOUR), []);
  });
});
