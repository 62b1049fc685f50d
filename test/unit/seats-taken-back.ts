import assert from 'node:assert/strict';
import { movesOf } from '../support/floating.ts';
import { exchange, foundedHost, invitedHost, type RigHost } from '../support/host-rig.ts';
import { PUBLISH } from '../support/lending-host.ts';
import { checkout, policies } from '../support/limited-host.ts';
import { type RuntimePorts, runtimePorts, settled } from '../support/runtime-ports.ts';

const TIMEOUT = 600;

/** A host whose two seats are in use, by a tool that will have fallen silent when the wish of another host arrives. */
async function silentTool(): Promise<{ office: RigHost; other: RigHost; ports: RuntimePorts }> {
  const ports = runtimePorts();
  const office = await foundedHost(policies({}, { seats: 3, timeout: TIMEOUT }), ports);
  const other = await invitedHost(office, 'ws02', 202);
  const both = [office, other];
  await exchange(...both);
  await office.submit(PUBLISH);
  await exchange(...both);
  for (const host of both) await host.tellTime();
  await exchange(...both);
  for (const host of both) await host.runtime.tick();
  for (const id of ['a', 'b']) await office.submit(checkout(id, 'ana'));
  await office.submit({ do: 'active', lease: 'a' });
  await other.submit(checkout('c', 'bo'));
  for (const host of both) host.clock.advance(TIMEOUT);
  await other.runtime.tick();
  await other.runtime.meet(new Map([[office.log, { free: new Map([['draw', 1]]) }]]));
  void other.submit(checkout('d', 'bo'));
  await settled();
  ports.journal.length = 0;
  return { office, other, ports };
}

describe('A seat that is taken back from a tool and sent to another host in one turn', () => {
  it('is told to the tool before the other host can see that the seat is its own', async () => {
    const { office, other, ports } = await silentTool();
    const before = other.runtime.stateVector();
    const shown: number[] = [];
    const { write } = ports.counter;
    ports.counter.write = async (to) => {
      await write(to);
      shown.push(office.runtime.lackedBy(before).length);
    };
    for (const update of other.runtime.lackedBy(office.runtime.stateVector())) {
      await office.runtime.update(update);
    }
    const [disk = '', ...rest] = ports.journal;
    assert.match(disk, / -lease\/a .* record/);
    assert.deepEqual(
      rest.map((line) => line.replace(/ \d.*/, '')),
      ['counter', 'event all lease', 'publish'],
    );
    assert.equal(movesOf(office).at(-1), 'transfer');
    assert.deepEqual([shown, office.runtime.lackedBy(before).length], [[0], 1]);
  });
});
