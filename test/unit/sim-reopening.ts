import { deepEqual } from 'node:assert/strict';
import { reopenSome } from '../sim/agreement.ts';
import { quiet } from '../sim/quiet.ts';
import { passTime } from '../sim/run.ts';
import { askTime, newWorld, type World } from '../sim/world.ts';

const TERM = 900;
const CLASSES = { office: { term: TERM, ahead: 1, maxOffline: 1_209_600, clock: 'none' } } as const;

/** A realm of voters that know the time, for whom another term has come since they last looked at the clock. */
async function atTheTurnOfTerms(): Promise<World> {
  const world = await newWorld(1, quiet({}, { hosts: 3, classes: CLASSES }), {});
  const { hosts, network, timeline } = world;
  world.stormy = false;
  // Whoever starts is told at once that nobody has more of its log.
  network.connect = (host) => host.use((runtime) => runtime.compared());
  for (const host of hosts) host.start(Number.POSITIVE_INFINITY);
  timeline.after(1, () => {
    for (const host of hosts) void askTime(world, host);
  });
  await passTime(world, 60);
  timeline.skip(TERM);
  return world;
}

/** How many terms the hosts have opened for themselves. */
function opened({ hosts }: World): number {
  const own = hosts.flatMap(({ log, runtime }) => runtime?.model.state.ledger.logs.get(log) ?? []);
  return own.filter(({ type }) => type === 'term').length;
}

describe('the reopening of simulated hosts', () => {
  it('takes nothing for remembered that a host signs as soon as it runs again', async () => {
    const world = await atTheTurnOfTerms();
    const before = opened(world);
    await reopenSome(world, (span) => passTime(world, span));
    deepEqual(
      { violation: world.oracle.violation, more: opened(world) - before },
      { violation: null, more: 2 },
    );
  });

  it('notices what a host knew that is not on its disk', async () => {
    const world = await atTheTurnOfTerms();
    for (const { runtime } of world.hosts) runtime?.model.slots.set(2, null);
    await reopenSome(world, (span) => passTime(world, span));
    deepEqual(world.oracle.violation?.invariant, 'reopens-alike');
  });
});
