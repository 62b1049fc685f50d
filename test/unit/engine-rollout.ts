import assert from 'node:assert/strict';
import type { Command } from '../../core/engine/input.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Hash, PrincipalId } from '../../core/units.ts';
import { foundedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { drafting, PUBLISH } from '../support/lending-host.ts';
import { ask, play, tick } from '../support/script.ts';
import { checkout, DAY, moreSeats, TERM, working } from '../support/working-host.ts';

/** Publishes a change and lists what follows. */
async function publishing(host: RigHost, change: (registry: Registry) => void): Promise<string[]> {
  await play(host, ask(drafting(change)(host)));
  return play(host, ask(PUBLISH));
}

const draining = ({ policy }: Registry) => {
  policy.apply = 'drain';
};

describe('The engine: from a draft to its application', () => {
  it('acks what it published, applies it without leases, and says so, once', async () => {
    const host = await foundedHost();
    await host.tellTime();
    assert.deepEqual(await play(host, ask(PUBLISH)), [
      ...['append candidate 2', 'answer published', 'append ack 2'],
      ...['write applied', 'append applied 2', 'tell all version 2 applied'],
    ]);
    assert.deepEqual(await play(host, { kind: 'compared' }), []);
  });

  it('opens the present term and those ahead, once', async () => {
    const host = await foundedHost();
    const { model } = host.runtime;
    const terms = Array.from({ length: 3 }, () => 'append term office of 1');
    assert.deepEqual(await play(host, tick(model, MIDYEAR)), terms);
    assert.deepEqual(await play(host, tick(model, MIDYEAR)), []);
    assert.deepEqual(await play(host, tick(model, TERM + DAY + 1)), ['append term office of 1']);
  });

  it('opens no more than one term beyond for an upper bound that is years ahead', async () => {
    const host = await foundedHost();
    const said = await play(host, tick(host.runtime.model, MIDYEAR, MIDYEAR + 1000 * DAY));
    assert.equal(said.length, 4);
  });

  it('holds a version back while a lease is open, says what it waits for, and applies when the last returns', async () => {
    const host = await working();
    assert.deepEqual(await play(host, ask(checkout('a'))), [
      ...['write lease/a', 'answer lease', 'tell all lease a granted'],
    ]);
    assert.deepEqual(await publishing(host, moreSeats(5)), [
      ...['append candidate 3', 'answer published', 'append ack 3'],
      ...['write draining', 'tell all version 3 draining', 'tell all lease a draining', 'append holding a'],
    ]);
    assert.deepEqual(await play(host, ask({ do: 'return', lease: 'a', reason: null })), [
      ...['delete lease/a', 'tell all lease a returned', 'answer returned'],
      ...['write applied, delete draining', 'append applied 3', 'tell all version 3 applied'],
    ]);
  });

  it('goes on lending under the old version where the policy is to wait for a quiet moment', async () => {
    const host = await working();
    await play(host, ask(checkout('a')));
    await publishing(host, moreSeats(5));
    assert.deepEqual(await play(host, ask(checkout('b'))), [
      ...['write lease/b', 'answer lease', 'tell all lease b granted', 'append holding a b'],
    ]);
  });

  it('lends nothing new where the policy is to drain, and serves who waited after the switch', async () => {
    const host = await working(draining);
    await play(host, ask(checkout('a')));
    await publishing(host, moreSeats(5));
    assert.deepEqual(await play(host, ask(checkout('b'))), ['answer no: draining']);
    assert.deepEqual(await play(host, ask(checkout('c', { wait: true }), 7)), ['answer queued']);
    assert.deepEqual(await play(host, ask({ do: 'return', lease: 'a', reason: null })), [
      ...['delete lease/a', 'tell all lease a returned', 'answer returned'],
      ...['write applied, delete draining', 'append applied 3', 'tell all version 3 applied'],
      ...['write lease/c', 'tell client 7 ticket 1 granted', 'tell all lease c granted'],
    ]);
  });

  it('ends leases at the deadline of the policy, and applies', async () => {
    const host = await working(({ policy }) => {
      policy.deadline = 600;
    });
    const { model } = host.runtime;
    await play(host, ask(checkout('a')));
    await publishing(host, moreSeats(5));
    assert.equal(model.draining?.deadline, MIDYEAR + 600);
    assert.deepEqual(await play(host, tick(model, MIDYEAR + 598, MIDYEAR + 599)), []);
    assert.deepEqual(await play(host, tick(model, MIDYEAR + 599, MIDYEAR + 600)), [
      ...['delete lease/a', 'tell all lease a ended'],
      ...['write applied, delete draining', 'append applied 3', 'tell all version 3 applied'],
    ]);
  });

  it('does not let versions in quick succession put the deadline off', async () => {
    const host = await working(({ policy }) => {
      policy.deadline = 600;
    });
    const { model } = host.runtime;
    await play(host, ask(checkout('a')));
    await publishing(host, moreSeats(5));
    await play(host, tick(model, MIDYEAR + 500));
    await publishing(host, moreSeats(6));
    assert.equal(model.draining?.deadline, MIDYEAR + 600);
  });

  it('knows the deadline as soon as it knows the time', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a')));
    model.time = { ...model.time, lower: null, upper: null };
    await publishing(host, moreSeats(5));
    assert.equal(model.draining?.deadline, null);
    await play(host, tick(model, MIDYEAR + 5));
    assert.equal(model.draining?.deadline, TERM + DAY);
  });

  it('shows a refused candidate only until it has passed', async () => {
    const host = await working();
    host.runtime.model.alarms.set('candidate-refused', 'version 3: content-differs');
    await play(host, { kind: 'compared' });
    assert.deepEqual([...host.runtime.model.alarms], []);
  });

  const refusals: readonly [why: string, command: Command, expected: string][] = [
    ['nothing changed', PUBLISH, 'answer no: nothing-to-publish'],
    ['the newest is another than expected', { ...PUBLISH, expect: 1 }, 'answer no: conflict'],
    ['the message is too long', { ...PUBLISH, message: 'm'.repeat(2049), expect: 2 }, 'answer no: malformed'],
    ['there is no such candidate', { do: 'sign', candidate: '0'.repeat(64) as Hash }, 'answer no: not-found'],
    ['the version is decided', { do: 'void', version: 2 }, 'answer no: superseded'],
    ['an undecided version comes first', { do: 'void', version: 5 }, 'answer no: not-next-undecided'],
    [
      'there is no such member',
      { do: 'revoke', principal: 'zoe' as PrincipalId, reason: '' },
      'answer no: not-found',
    ],
    ['nobody waits by that ticket', { do: 'cancel', ticket: 9 }, 'answer no: not-found'],
    ['there is no such lease', { do: 'return', lease: 'x', reason: null }, 'answer no: not-found'],
    ['the registry is none', { do: 'set-registry', registry: { people: 1 } }, 'answer no: invalid-registry'],
  ];
  for (const [why, command, expected] of refusals) {
    it(`refuses and changes nothing when ${why}`, async () => {
      const host = await working();
      if (why === 'the message is too long') await play(host, ask(drafting(moreSeats(4))(host)));
      const size = host.runtime.model.state.ledger.size;
      assert.deepEqual(await play(host, ask(command)), [expected]);
      assert.equal(host.runtime.model.state.ledger.size, size);
    });
  }

  it('casts no vote, by itself or on order, before its log has been compared with what others hold', async () => {
    const host = await working();
    Object.assign(host.runtime.model, { compared: false, vouched: true });
    assert.deepEqual(await play(host, ask({ do: 'void', version: 3 })), ['answer no: not-compared']);
    const said = await publishing(host, moreSeats(5));
    assert.deepEqual(said, ['append candidate 3', 'answer published']);
    assert.deepEqual((await play(host, { kind: 'compared' })).slice(0, 1), ['append ack 3']);
  });

  const acts: readonly [act: string, of: (host: RigHost) => Command][] = [
    ['drafts', (host) => drafting(moreSeats(5))(host)],
    ['publishes', () => PUBLISH],
    ['signs', () => ({ do: 'sign', candidate: '0'.repeat(64) as Hash })],
    ['revokes', () => ({ do: 'revoke', principal: 'ws01' as PrincipalId, reason: '' })],
    ['removes', () => ({ do: 'remove', host: 'ws01' as PrincipalId, lease: 'a', reason: '' })],
    ['votes for VOID', () => ({ do: 'void', version: 3 })],
  ];
  for (const [act, of] of acts) {
    it(`${act} nothing on order while neither others nor the counter say that its log is whole`, async () => {
      const host = await working();
      Object.assign(host.runtime.model, { compared: false, vouched: false });
      assert.deepEqual(await play(host, ask(of(host))), ['answer no: not-compared']);
    });
  }
});
