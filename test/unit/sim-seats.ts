import { deepEqual } from 'node:assert/strict';
import { writeRecord } from '../../core/runtime/record-store.ts';
import type { SimHost } from '../sim/host.ts';
import type { Oracle } from '../sim/oracle.ts';
import { newSeatWatch } from '../sim/seats.ts';
import type { Tool } from '../sim/tools.ts';
import { floatingHosts, settle } from '../support/floating.ts';
import { MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { give, HOUR } from '../support/idle-seats.ts';

/** How a seat leaves the host from which it goes last. */
type Way = 'transfer' | 'surrender';

/** A host with a right to two seats, one of which it has just sent away. */
async function sender(way: Way): Promise<{ host: RigHost; all: readonly RigHost[] }> {
  const [office, other] = (await floatingHosts()) as [RigHost, RigHost];
  await give(office, 'ws02', 1, MIDYEAR + HOUR);
  if (way === 'transfer') return { host: office, all: [office, other] };
  await settle(office, other);
  await other.submit({ do: 'surrender', feature: 'draw' });
  return { host: other, all: [office, other] };
}

/** What the watch says of two tools that go on at a host which has sent one of its two seats away. */
async function said(way: Way, { runs, seen }: { runs: boolean; seen: boolean }): Promise<readonly string[]> {
  const { all, host } = await sender(way);
  const failures: string[] = [];
  const shown = new Map<number, Map<number, string>>();
  const oracle = { seen: shown, fail: (invariant: string) => void failures.push(invariant) };
  const watch = newSeatWatch(oracle as unknown as Oracle, { allowed: {}, count: () => undefined });
  const simHost = {
    ...{ name: host.id, log: host.log, runtime: host.runtime as RigHost['runtime'] | null },
    device: { id: host.id, class: 'office' },
  };
  watch.learn(simHost as unknown as SimHost);
  for (const { log, runtime } of all) {
    const records = runtime.model.state.ledger.logs.get(log) ?? [];
    watch.moves.durable(log, records.map(writeRecord));
    const others = log === host.log && !seen ? records.slice(0, -1) : records;
    shown.set(log, new Map(others.map(({ hash, seq }) => [seq, hash])));
  }
  if (!runs) simHost.runtime = null;
  const tools = ['a', 'b'].map((id) => ({
    ...{ host: simHost, state: 'holding', lease: { id, feature: 'draw', end: MIDYEAR + HOUR } },
  }));
  watch.check(tools as unknown as readonly Tool[], MIDYEAR);
  return failures;
}

describe('The watch over seats, of a host that sent a seat away and whose tools go on', () => {
  for (const way of ['transfer', 'surrender'] as const) {
    it(`says that it lends too many while it runs (${way})`, async () => {
      deepEqual(await said(way, { runs: true, seen: false }), ['seats-of-lot']);
    });

    it(`says nothing once it is down and nobody has seen the record (${way})`, async () => {
      deepEqual(await said(way, { runs: false, seen: false }), []);
    });

    it(`says so though it is down if others have seen the record (${way})`, async () => {
      deepEqual(await said(way, { runs: false, seen: true }), ['seats-of-lot']);
    });
  }
});
