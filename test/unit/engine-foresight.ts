import assert from 'node:assert/strict';
import { type Foreseeable, foresee } from '../../core/engine/foresight.ts';
import type { Hash, LogId, PrincipalId } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import {
  checkoutOf,
  exchange,
  foundedHost,
  invitedHost,
  MIDYEAR,
  type RigHost,
} from '../support/host-rig.ts';

const KEY = 'ab'.repeat(32) as never;

const INVITE: Foreseeable & { do: 'invite' } = {
  do: 'invite',
  ...{ log: 500 as LogId, key: KEY, kind: 'host', id: 'ws09' as PrincipalId, name: 'Nine' },
  ...{ class: 'office', roles: [], until: seconds(MIDYEAR + 60) },
};

/** A founder that has applied version 2. */
async function founder(): Promise<RigHost> {
  const host = await foundedHost();
  await host.tellTime();
  await host.submit({ do: 'publish', message: 'one', expect: 1 });
  return host;
}

/** A host that has joined and has no role. */
async function bystander(): Promise<RigHost> {
  const first = await founder();
  const host = await invitedHost(first, 'ws02', 102);
  await exchange(first, host);
  await first.submit({ do: 'publish', message: 'two', expect: 2 });
  await exchange(first, host);
  return host;
}

/** A founder whose version 3 has its own ack and lacks that of the other voter. */
async function undecided(): Promise<RigHost> {
  const first = await founder();
  const other = await invitedHost(first, 'ws02', 102, ['voter']);
  await exchange(first, other);
  await first.submit({ do: 'publish', message: 'two', expect: 2 });
  return first;
}

const refused: readonly [why: string, host: () => Promise<RigHost>, command: Foreseeable][] = [
  ['an unknown feature', founder, checkoutOf('nothing', 'ana', 'a') as Foreseeable],
  ['an unknown user', founder, checkoutOf('draw', 'nobody', 'a') as Foreseeable],
  ['no draft to publish', founder, { do: 'publish', message: 'x', expect: null }],
  ['another base than expected', founder, { do: 'publish', message: 'x', expect: 7 }],
  ['publishing without the role', bystander, { do: 'publish', message: 'x', expect: null }],
  ['publishing while a version is undecided', undecided, { do: 'publish', message: 'x', expect: null }],
  ['signing what is not there', founder, { do: 'sign', candidate: 'cd'.repeat(32) as Hash }],
  ['signing without the role', bystander, { do: 'sign', candidate: 'cd'.repeat(32) as Hash }],
  ['voiding a version that is certified', founder, { do: 'void', version: 2 }],
  ['voiding what is acked', undecided, { do: 'void', version: 3 }],
  ['voiding a version after the next', founder, { do: 'void', version: 9 }],
  ['an invitation to an unknown class', founder, { ...INVITE, class: 'submarine' }],
  ['an invitation to a log that is taken', founder, { ...INVITE, log: 101 as LogId }],
  ['an invitation without the role', bystander, INVITE],
  ['revoking nobody', founder, { do: 'revoke', principal: 'nobody' as PrincipalId, reason: 'x' }],
  ['revoking without the role', bystander, { do: 'revoke', principal: 'ws01' as PrincipalId, reason: 'x' }],
  ['a reason that no record holds', founder, removal('x'.repeat(100_000))],
  ['removing without the role', bystander, removal('x')],
  ['editing without the role', bystander, { do: 'set-registry', registry: {} }],
  ['a registry that is none', founder, { do: 'set-registry', registry: {} }],
];

const allowed: readonly [what: string, host: () => Promise<RigHost>, command: Foreseeable, kind: string][] = [
  ['a checkout', founder, checkoutOf('draw', 'ana', 'a') as Foreseeable, 'lease'],
  ['an invitation', founder, INVITE, 'recorded'],
  ['a revocation', undecided, { do: 'revoke', principal: 'ws01' as PrincipalId, reason: 'x' }, 'recorded'],
  ['closing the next version', founder, { do: 'void', version: 3 }, 'recorded'],
];

function removal(reason: string): Foreseeable {
  return { do: 'remove', host: 'ws01' as PrincipalId, lease: 'a', reason };
}

/** What others could see of a host. */
function seen({ runtime: { model } }: RigHost) {
  const { admitted, leases, queue, slots, state } = model;
  return [state.ledger.size, leases.size, queue.length, slots.size, admitted.size];
}

describe('What a command would come to', () => {
  for (const [why, make, command] of refused) {
    it(`is what carrying it out comes to: refused for ${why}`, async () => {
      const host = await make();
      const before = seen(host);
      const foreseen = foresee(host.runtime.model, command);
      assert.deepEqual(seen(host), before);
      assert.equal(foreseen.ok, false);
      assert.deepEqual(foreseen, await host.submit(command));
    });
  }

  for (const [what, make, command, kind] of allowed) {
    it(`is what carrying it out comes to: ${what}`, async () => {
      const host = await make();
      const before = seen(host);
      const foreseen = foresee(host.runtime.model, command);
      assert.deepEqual(seen(host), before);
      assert.deepEqual([foreseen.ok, foreseen.ok && foreseen.kind], [true, kind]);
      assert.equal((await host.submit(command)).ok, true);
    });
  }

  it('is the next version with the newcomers that it admits', async () => {
    const first = await founder();
    await exchange(first, await invitedHost(first, 'ws02', 102));
    const command = { do: 'publish', message: 'two', expect: null } as const;
    const before = seen(first);
    assert.deepEqual(foresee(first.runtime.model, command), {
      ...{ ok: true, kind: 'published', version: 3, admitted: ['ws02'] },
    });
    assert.deepEqual(seen(first), before);
  });

  it('is a place in the queue where no seat is free and one waits', async () => {
    const host = await founder();
    const taken = Array.from({ length: 100 }, (_, i) => checkoutOf('draw', 'ana', `lease-${i}`));
    for (const command of taken) await host.submit(command);
    const next = checkoutOf('draw', 'ana', 'next') as Foreseeable & { do: 'checkout' };
    const without = foresee(host.runtime.model, next);
    assert.equal(without.ok ? 'ok' : without.reason, 'no-seat');
    const waiting = { ...next, request: { ...next.request, wait: true } };
    assert.deepEqual(foresee(host.runtime.model, waiting), { ok: true, kind: 'queued', position: 1 });
  });
});
