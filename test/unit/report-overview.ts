import assert from 'node:assert/strict';
import { reportOverview } from '../../core/agent/reports/overview.ts';
import { reportStatus } from '../../core/agent/reports/status.ts';
import { step } from '../../core/engine/step.ts';
import type { LogId } from '../../core/units.ts';
import { floatingHosts, meet } from '../support/floating.ts';
import { MIDYEAR, type RigHost, reportContext } from '../support/host-rig.ts';
import { twoLending } from '../support/lending-host.ts';
import { answers, checkout, lender } from '../support/limited-host.ts';
import { ask, play, tick } from '../support/script.ts';

const HOUR = 3600;

const OTHER = 202 as LogId;
const PRESENT = {
  free: { draw: 1 },
  leases: [
    { feature: 'draw', user: 'bo', tool: 'plotter', pid: 99, since: MIDYEAR - 50, end: MIDYEAR + 500 },
    { feature: 'plot', user: 'ana', tool: 'plotter', since: MIDYEAR - 50, end: MIDYEAR + 500 },
  ],
};
const present = () => ({ ...reportContext(), peers: () => new Map([[OTHER, PRESENT]]) });

/** What is known of one feature, by its id. */
function draw({ runtime }: RigHost, context = reportContext()) {
  const one = reportOverview(runtime.model, context).features.find(({ feature }) => feature === 'draw');
  assert(one);
  return one;
}

describe('the overview', () => {
  it('has who uses what here, and on hosts that are present as they say themselves', async () => {
    const { founder } = await twoLending();
    await play(founder, tick(founder.runtime.model, MIDYEAR));
    const process = { tool: 'drafter', pid: 4802, startTime: null };
    assert.deepEqual(await answers(founder, ['a ana'], { process }), ['answer lease']);
    const { seats, uses } = draw(founder, present());
    assert.equal(seats, 3);
    assert.deepEqual(
      uses.map(({ host, overdraft, pid, since, tool, user }) => [host, user, tool, pid, since, overdraft]),
      [
        ['ws02', 'bo', 'plotter', 99, MIDYEAR - 50, false],
        ['ws01', 'ana', 'drafter', 4802, MIDYEAR, false],
      ],
    );
    assert.deepEqual(
      reportOverview(founder.runtime.model, present()).hosts.map(({ heard, host }) => [host, heard]),
      [
        ['ws01', 'here'],
        ['ws02', 'present'],
      ],
    );
  });

  it('has what a host that is away held last, how old that is, and counts it while it may be so', async () => {
    const { founder } = await twoLending();
    const sessions = [
      [0, 1, -100, null],
      [0, 2, 5, 60],
    ];
    const body = { hour: MIDYEAR, quiet: 0, names: ['draw', 'bo', 'ana'], sessions, denials: [], lost: 0 };
    founder.runtime.model.state.usage.set(OTHER, [{ log: OTHER, seq: 9, body }] as never);
    await play(founder, tick(founder.runtime.model, MIDYEAR + 2 * HOUR));
    const context = reportContext(new Map([[OTHER, MIDYEAR + 5]]));
    const seen = reportOverview(founder.runtime.model, context).hosts.find(({ host }) => host === 'ws02');
    assert.deepEqual(
      [seen?.heard, seen?.lastSeen, seen?.heldLast.map(({ feature, user }) => `${feature} ${user}`)],
      ['away', MIDYEAR + 5, ['draw bo']],
    );
    assert.equal(seen?.recordUpTo, MIDYEAR + HOUR);
    const known = draw(founder, context).uses.map(({ end, host, tool, user }) => [host, user, tool, end]);
    assert.deepEqual(known, [['ws02', 'bo', null, null]]);
    await play(founder, tick(founder.runtime.model, MIDYEAR + 40 * 86_400));
    assert.deepEqual(draw(founder, context).uses, []);
    const later = reportOverview(founder.runtime.model, context).hosts.find(({ host }) => host === 'ws02');
    assert.equal(later?.heldLast.length, 1);
  });

  it('has who waits here in the order in which they are served, and for how long', async () => {
    const { founder } = await twoLending();
    await play(founder, tick(founder.runtime.model, MIDYEAR));
    const lot = draw(founder).seats;
    for (let i = 0; i < lot; i++) await answers(founder, [`l${i} ana`]);
    await play(founder, ask(checkout('q', 'bo', { wait: true })));
    await play(founder, tick(founder.runtime.model, MIDYEAR + 30, undefined, 30));
    assert.deepEqual(draw(founder).queue, [{ user: 'bo', tool: 'drafter', pid: null, waited: 30 }]);
  });

  it('counts what was denied today, and not yesterday', async () => {
    const { founder } = await twoLending();
    const { model } = founder.runtime;
    await play(founder, tick(model, MIDYEAR));
    const deny = () =>
      step(model, { kind: 'command', call: 1, client: 1, command: checkout('x', 'mallory') });
    deny();
    deny();
    assert.equal(draw(founder).deniedToday, 2);
    await play(founder, tick(model, MIDYEAR + HOUR));
    assert.equal(draw(founder).deniedToday, 2);
    deny();
    assert.equal(draw(founder).deniedToday, 3);
    await play(founder, tick(model, MIDYEAR + 24 * HOUR));
    assert.equal(draw(founder).deniedToday, 0);
  });

  it('counts what was denied in hours that are not in the log yet, and of those of yesterday none', async () => {
    const { founder } = await twoLending();
    const { model } = founder.runtime;
    await play(founder, tick(model, MIDYEAR));
    model.compared = false;
    step(model, { kind: 'command', call: 1, client: 1, command: checkout('x', 'mallory') });
    await play(founder, tick(model, MIDYEAR + HOUR));
    assert.deepEqual([model.usage.waiting.length, draw(founder).deniedToday], [1, 1]);
    await play(founder, tick(model, MIDYEAR + 24 * HOUR));
    assert.deepEqual([model.usage.waiting.length > 0, draw(founder).deniedToday], [true, 0]);
  });

  it('counts a seat once that processes of one user share', async () => {
    const { host } = await lender({}, { per: 'user' });
    await answers(host, ['a ana', 'b ana']);
    assert.equal(draw(host).uses.length, 1);
  });

  it('does not have in the queue who only waits for an answer of another host', async () => {
    const [founder, other] = await floatingHosts();
    assert(founder !== undefined && other !== undefined);
    await meet(founder, other);
    const { model } = founder.runtime;
    for (const id of ['a', 'b', 'c']) await play(founder, ask(checkout(id, 'ana')));
    assert.equal(model.queue.length, 1);
    assert.deepEqual(draw(founder).queue, []);
  });

  it('comes in portions that begin where the last one ended, the hosts in the first', async () => {
    const { founder } = await twoLending();
    const { model } = founder.runtime;
    const whole = reportOverview(model, reportContext());
    const rest = reportOverview(model, reportContext(), 'draw');
    assert.deepEqual([whole.next, rest.next, rest.hosts], [null, null, []]);
    assert.deepEqual(
      rest.features.map(({ feature }) => feature),
      whole.features.map(({ feature }) => feature).filter((id) => id > 'draw'),
    );
  });

  it('marks the seats taken last as those in overdraft, and the status names the feature', async () => {
    const { founder } = await twoLending();
    const { model } = founder.runtime;
    await play(founder, tick(model, MIDYEAR));
    await answers(founder, ['a ana']);
    const { applied } = model;
    assert(applied !== null);
    const { draw: feature, ...features } = applied.configuration.registry.features;
    assert(feature);
    const overdrawn = { ...features, draw: { ...feature, seats: 1, overdraft: 2 } };
    const registry = { ...applied.configuration.registry, features: overdrawn };
    model.applied = { ...applied, configuration: { ...applied.configuration, registry } };
    const one = draw(founder, present());
    assert.deepEqual(
      [one.overdrawn, one.uses.map(({ host, overdraft }) => [host, overdraft])],
      [
        1,
        [
          ['ws02', false],
          ['ws01', true],
        ],
      ],
    );
    assert.deepEqual(reportStatus(model, present()).overdrawn, [
      { feature: 'draw', overdraft: 2, overdrawn: 1 },
    ]);
    assert.deepEqual(reportStatus(model, reportContext()).overdrawn, []);
  });
});
