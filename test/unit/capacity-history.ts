import assert from 'node:assert/strict';
import { capacityHistory } from '../../core/state/reports/capacity-history.ts';
import { checkoutOf, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { drafting, lending, PUBLISH } from '../support/lending-host.ts';

const HOUR = 3600;
const FEATURE = 'draw';

/** Lets hours of signed time pass, in each of which a seat is used. */
async function hours(host: RigHost, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const id = `lease-${host.clock.wall()}`;
    await host.submit(checkoutOf(FEATURE, 'ana', id));
    await host.submit({ do: 'return', lease: id, reason: null });
    host.clock.advance(HOUR);
    await host.tellTime();
    await host.runtime.tick();
  }
}

async function withSeats(host: RigHost, seats: number): Promise<void> {
  await host.submit(
    drafting(({ features }) => {
      const feature = features[FEATURE];
      assert(feature);
      feature.seats = seats;
    })(host),
  );
  await host.submit(PUBLISH);
  await host.runtime.tick();
}

describe('the history of seats', () => {
  it('has a step at the instant at which a version came into force', async () => {
    const { host } = await lending();
    const { runtime } = host;
    const before = runtime.model.applied?.configuration.registry.features[FEATURE]?.seats;
    assert(before !== undefined);
    await hours(host, 5);
    host.clock.advance(20 * 60);
    await host.tellTime();
    await withSeats(host, before + 3);
    const applied = Math.floor(runtime.model.time.lower ?? 0);
    await hours(host, 30);
    const span = { since: MIDYEAR - HOUR, until: MIDYEAR + 48 * HOUR };
    const { features, members } = capacityHistory(runtime.model.state, span);
    const steps = features.get(FEATURE) ?? [];
    assert.deepEqual(
      steps.map(({ seats, version }) => ({ seats, version })),
      [
        { seats: before, version: 2 },
        { seats: before + 3, version: 3 },
      ],
    );
    assert.equal(steps[1]?.from, applied);
    assert.notEqual(applied % HOUR, 0);
    const said = runtime.model.state.reports.get(host.log)?.applied?.body;
    assert.deepEqual([said?.version, said?.at], [3, steps[1]?.from]);
    assert.deepEqual(members, ['ws01']);
  });

  it('begins with what was there when the span began', async () => {
    const { host } = await lending();
    const before = host.runtime.model.applied?.configuration.registry.features[FEATURE]?.seats ?? 0;
    await hours(host, 5);
    await withSeats(host, before + 3);
    await hours(host, 30);
    const since = MIDYEAR + 20 * HOUR;
    const { features } = capacityHistory(host.runtime.model.state, { since, until: since + HOUR });
    assert.deepEqual(features.get(FEATURE), [{ from: since, seats: before + 3, version: 3 }]);
  });
});
