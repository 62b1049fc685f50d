import assert from 'node:assert/strict';
import { floatingHosts, settle } from '../support/floating.ts';
import { checkoutOf, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { borrow, DAY, drawn, give, HOUR, MIDNIGHT, wished, withLab } from '../support/idle-seats.ts';

const given = (host: RigHost, from: number, until: number, wanted = 1) =>
  wished(host, from, until, wanted).seats;

const sources = (host: RigHost, from: number, until: number) => drawn(wished(host, from, until, 9).transfers);

describe('A seat is idle', () => {
  it('only if nobody needs it before it is wished for: it is gone from now on', async () => {
    const [a] = (await floatingHosts()) as [RigHost];
    for (const id of ['x', 'y']) await borrow(a, id, MIDYEAR + HOUR);
    assert.equal(given(a, MIDYEAR + HOUR, MIDYEAR + 2 * HOUR), 0);
  });

  it('only if nobody needs it now, though there will be more in the next term', async () => {
    const [office] = await withLab(MIDYEAR + HOUR);
    assert.equal((await office.submit(checkoutOf('draw', 'bo', 'p'))).ok, true);
    assert.deepEqual(sources(office, MIDNIGHT, MIDNIGHT + 60), [[true, 2]]);
  });

  it('only if nobody has borrowed it for a term after this', async () => {
    const [office, lab] = await withLab(MIDNIGHT + HOUR);
    await borrow(office, 'trip', MIDNIGHT + HOUR);
    assert.equal((await lab.submit({ do: 'surrender', feature: 'draw' })).ok, true);
    await settle(office, lab);
    assert.deepEqual(sources(office, MIDYEAR, MIDYEAR + HOUR), [[true, 2]]);
  });

  it('once, however many terms of its host it lasts', async () => {
    const [office] = await withLab(MIDYEAR + HOUR, 1);
    const once = [[false, 1], ...[1, 1].map((seats) => [true, seats])];
    assert.deepEqual(sources(office, MIDYEAR, MIDNIGHT + HOUR), once);
  });

  it('for as long as terms are open, which is said of a gift that would be longer', async () => {
    const [a] = (await floatingHosts()) as [RigHost];
    const answer = await give(a, 'ws02', 1, MIDYEAR + 30 * DAY);
    assert(!answer.ok);
    assert.equal(answer.reason, 'no-term');
    assert.match(
      answer.detail ?? '',
      /^0 of 1 seats .*: the voters have opened its terms until 2030-06-04T00:00:00Z only$/,
    );
  });

  it('for as long as terms are open, whatever is wished', async () => {
    const [a] = (await floatingHosts()) as [RigHost];
    assert.equal(given(a, 0, Number.MAX_SAFE_INTEGER), 0);
    assert.equal(given(a, 0, MIDYEAR + HOUR, 1_000_000), 2);
  });
});
