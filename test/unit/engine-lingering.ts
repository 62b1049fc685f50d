import assert from 'node:assert/strict';
import type { Command } from '../../core/engine/input.ts';
import { MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { again, drafting, PUBLISH } from '../support/lending-host.ts';
import { answers, checkout, giveBack, LIMITED, lender, NONE, YES } from '../support/limited-host.ts';
import { ask, play, tick } from '../support/script.ts';

function held({ runtime }: RigHost): readonly string[] {
  return [...runtime.model.leases.values()].map(({ lease }) => `${lease.id} ${lease.tie}`);
}

function inUse({ runtime }: RigHost): number {
  return runtime.model.leases.inUse.get('draw') ?? 0;
}

describe('A seat that lingers', () => {
  const LINGER = { linger: 600 };

  it('stays counted after its return until its time is over, on disk and in no further answer', async () => {
    const { host } = await lender({}, { seats: 1, ...LINGER });
    await answers(host, ['a ana']);
    assert.deepEqual(await play(host, ask(giveBack('a'))), [
      'write lease/a',
      'tell all lease a returned',
      'answer returned',
    ]);
    assert.deepEqual([held(host), inUse(host)], [['a linger'], 1]);
    assert.deepEqual(await answers(host, ['b bo']), [NONE]);
    assert.deepEqual(await play(host, ask(giveBack('a'))), ['answer no: not-found']);
    assert.deepEqual(await play(host, ask({ do: 'return-all' })), ['answer returned']);
    const attach: Command = { do: 'attach', lease: 'a', secret: 'secret of a' };
    assert.deepEqual(await play(host, ask(attach)), ['answer no: not-found']);
    await play(host, tick(host.runtime.model, MIDYEAR + 599));
    assert.equal(inUse(host), 1);
    assert.deepEqual(await play(host, tick(host.runtime.model, MIDYEAR + 600)), [
      'delete lease/a',
      'tell all lease a ended',
    ]);
    assert.deepEqual(await answers(host, ['b bo']), [YES]);
  });

  it("is its user's to take up again, in one write", async () => {
    const { host } = await lender({}, { seats: 1, ...LINGER });
    await answers(host, ['a ana']);
    await play(host, ask(giveBack('a')));
    assert.deepEqual(await play(host, ask(checkout('b', 'ana'))), [
      'write lease/b, delete lease/a',
      'answer lease',
      'tell all lease b granted',
    ]);
    assert.deepEqual([held(host), inUse(host)], [['b connection'], 1]);
  });

  it('is not counted beside the lease that takes it up again', async () => {
    const { host } = await lender({ r: { feature: 'draw', for: { people: ['ana'] }, max: 1 } }, LINGER);
    await answers(host, ['a ana']);
    await play(host, ask(giveBack('a')));
    assert.deepEqual(await answers(host, ['b ana', 'c ana']), [YES, LIMITED]);
  });

  it('survives a crash, and counts no less after it', async () => {
    const { host, ports } = await lender({}, { seats: 1, ...LINGER });
    await host.submit(checkout('a', 'ana'));
    await host.submit(giveBack('a'));
    const { host: next } = await again(host, ports);
    assert.deepEqual([held(next), inUse(next)], [['a linger'], 1]);
  });

  it('does not hold up a version that waits to be applied', async () => {
    const { host } = await lender({}, { seats: 1, ...LINGER });
    await answers(host, ['a ana']);
    await play(host, ask(giveBack('a')));
    await play(host, ask(drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 2 }))(host)));
    await play(host, ask(PUBLISH));
    await play(host, tick(host.runtime.model, MIDYEAR + 1));
    assert.deepEqual([held(host), host.runtime.model.applied?.version.version], [[], 3]);
  });
});

describe('A feature that counts users', () => {
  const PER_USER = { seats: 1, per: 'user' } as const;

  it('gives the second process of a user the same seat, and another user none', async () => {
    const { host } = await lender({}, PER_USER);
    assert.deepEqual(await answers(host, ['a ana', 'b ana', 'c bo', 'd ana']), [YES, YES, NONE, YES]);
    assert.equal(inUse(host), 1);
  });

  it('keeps the seat until the last of the processes has given it back, whichever was first', async () => {
    const { host } = await lender({}, { ...PER_USER, linger: 60 });
    await answers(host, ['a ana', 'b ana', 'c ana']);
    assert.equal((await play(host, ask(giveBack('a'))))[0], 'delete lease/a, write lease/b, write lease/c');
    assert.deepEqual(await answers(host, ['x bo']), [NONE]);
    await play(host, ask(giveBack('c')));
    assert.deepEqual([held(host), inUse(host)], [['b connection'], 1]);
    await play(host, ask(giveBack('b')));
    assert.deepEqual([held(host), inUse(host)], [['b linger'], 1]);
  });

  it('serves who waits and shares a seat by now, though those before find none', async () => {
    const { host } = await lender({}, PER_USER);
    const { model } = host.runtime;
    model.time = { ...model.time, lower: null, upper: null };
    model.lots = null;
    await answers(host, ['a ana', 'b bo', 'c ana'], { wait: true });
    await play(host, tick(model, MIDYEAR));
    assert.deepEqual([held(host), model.queue.length], [['a connection', 'c connection'], 1]);
  });

  it('shares no seat whose end may have passed for all that the host knows', async () => {
    const { host } = await lender({}, PER_USER);
    await answers(host, ['a ana']);
    await play(host, tick(host.runtime.model, MIDYEAR, null));
    assert.equal((await answers(host, ['b ana']))[0] === YES, false);
    await play(host, tick(host.runtime.model, MIDYEAR));
    assert.deepEqual(await answers(host, ['b ana']), [YES]);
  });

  it('renews all who share a seat together', async () => {
    const { host } = await lender({}, PER_USER);
    await answers(host, ['a ana', 'b ana']);
    const end = host.runtime.model.leases.get('a')?.lease.end ?? 0;
    await play(host, tick(host.runtime.model, end - 60));
    const ends = [...host.runtime.model.leases.values()].map(({ lease }) => lease.end);
    assert.deepEqual(ends, [end + 86_400, end + 86_400]);
  });
});
