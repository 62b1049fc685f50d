import assert from 'node:assert/strict';
import { reportLeases } from '../../core/agent/reports/leases.ts';
import { ORPHAN_GRACE } from '../../core/engine/ageing.ts';
import type { Command } from '../../core/engine/input.ts';
import { readLease, writeLease } from '../../core/engine/lease-store.ts';
import { MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { again } from '../support/lending-host.ts';
import { answers, checkout, giveBack, lender, YES } from '../support/limited-host.ts';
import { ask, play, tick } from '../support/script.ts';

const TIMEOUT = { timeout: 600 };
const active = (lease: string): Command => ({ do: 'active', lease });
const TAKEN = ['delete lease/a', 'tell all lease a idle'];

function held({ runtime }: RigHost): readonly string[] {
  return [...runtime.model.leases.keys()];
}

/** Lets running time pass, and as much signed time. */
function pass(host: RigHost, span: number): Promise<string[]> {
  const { model } = host.runtime;
  return play(host, tick(model, (model.time.lower ?? MIDYEAR) + span, undefined, span));
}

describe('A tool that says when it is in use', () => {
  it('is answered how long its word lasts, and that it speaks is on disk before that, once', async () => {
    const { host } = await lender({}, TIMEOUT);
    await answers(host, ['a ana']);
    assert.deepEqual(await play(host, ask(active('a'))), ['write lease/a', 'answer active']);
    assert.deepEqual(await play(host, ask(active('a'))), ['answer active']);
    const answered = await host.submit(active('a'));
    assert.deepEqual(answered, { ok: true, kind: 'active', within: 600 });
  });

  it('loses its seat when it has been silent for the timeout of the feature, and not a second before', async () => {
    const { host } = await lender({}, TIMEOUT);
    await answers(host, ['a ana']);
    await pass(host, 500);
    await play(host, ask(active('a')));
    assert.deepEqual(await pass(host, 599), []);
    assert.deepEqual(await pass(host, 1), TAKEN);
    assert.deepEqual(await play(host, ask(active('a'))), ['answer no: not-found']);
  });

  it('keeps it for as long as it goes on saying so', async () => {
    const { host } = await lender({}, TIMEOUT);
    await answers(host, ['a ana']);
    for (let word = 0; word < 5; word++) {
      await play(host, ask(active('a')));
      await pass(host, 599);
    }
    assert.deepEqual(held(host), ['a']);
  });

  it('leaves its seat to who waits for it, at once and in the same step', async () => {
    const { host } = await lender({}, { seats: 1, ...TIMEOUT });
    await answers(host, ['a ana']);
    await play(host, ask(active('a')));
    await answers(host, ['b bo'], { wait: true });
    assert.deepEqual(await pass(host, 600), [
      ...TAKEN,
      'write lease/b',
      'tell client 1 ticket 1 granted',
      'tell all lease b granted',
    ]);
  });

  it('leaves no seat behind that lingers, for nobody has given it back', async () => {
    const { host } = await lender({}, { seats: 1, linger: 3600, ...TIMEOUT });
    await answers(host, ['a ana']);
    await play(host, ask(active('a')));
    assert.deepEqual(await pass(host, 600), TAKEN);
    assert.deepEqual(await answers(host, ['b bo']), [YES]);
  });

  it('is told of by how long it has been silent', async () => {
    const { host } = await lender({}, TIMEOUT);
    await answers(host, ['a ana', 'b bo']);
    await play(host, ask(active('a')));
    await pass(host, 42);
    assert.deepEqual(
      reportLeases(host.runtime.model).map(({ id, idle }) => [id, idle]),
      [
        ['a', 42],
        ['b', null],
      ],
    );
    assert.ok(reportLeases(host.runtime.model).every((report) => !('speaks' in report)));
  });

  it('that has lost its connection still counts as silent since its last word', async () => {
    const { host } = await lender({}, { timeout: 60 });
    await answers(host, ['a ana']);
    await play(host, ask(active('a')));
    await pass(host, 40);
    await play(host, { kind: 'client-gone', client: 1 });
    await pass(host, ORPHAN_GRACE - 11);
    await play(host, ask({ do: 'attach', lease: 'a', secret: 'secret of a' }));
    assert.deepEqual(await pass(host, 1), TAKEN);
  });

  it('has a silence that begins anew with the agent, and still ends', async () => {
    const { host, ports } = await lender({}, TIMEOUT);
    await host.submit(checkout('a', 'ana', { tie: 'process', process: { ...TOOL, pid: 4802 } }));
    await host.submit(active('a'));
    const { host: next } = await again(host, ports);
    await next.tellTime();
    await next.runtime.tick();
    assert.equal(reportLeases(next.runtime.model)[0]?.idle, 0);
    assert.deepEqual((await pass(next, 599)).filter(isTold), []);
    assert.deepEqual((await pass(next, 1)).filter(isTold), TAKEN);
  });

  it('has a lease that a disk gives back as it was', async () => {
    const { host } = await lender({}, TIMEOUT);
    await answers(host, ['a ana']);
    await play(host, ask(active('a')));
    const lease = host.runtime.model.leases.get('a')?.lease;
    assert(lease?.speaks);
    assert.deepEqual(readLease(writeLease(lease).value), { ok: true, value: lease });
  });
});

const TOOL = { tool: 'drafter', startTime: null };
const isTold = (effect: string) => effect === 'delete lease/a' || effect.startsWith('tell');

describe('A seat is not taken back for silence', () => {
  const cases: readonly [why: string, feature: object, spoken: boolean, until?: number][] = [
    ['from a tool that never says when it is in use', TIMEOUT, false],
    ['where the feature has no timeout', {}, true],
    ['that was borrowed', TIMEOUT, true, MIDYEAR + 7200],
  ];
  for (const [why, feature, spoken, until] of cases) {
    it(why, async () => {
      const { host } = await lender({}, feature);
      const more = until === undefined ? {} : { until: until as never };
      assert.deepEqual(await answers(host, ['a ana'], more), [YES]);
      if (spoken) assert.deepEqual((await play(host, ask(active('a')))).at(-1), 'answer active');
      await pass(host, 3600);
      assert.deepEqual(held(host), ['a']);
    });
  }

  it('that lingers: its tool is gone', async () => {
    const { host } = await lender({}, { linger: 3600, timeout: 60 });
    await answers(host, ['a ana']);
    await play(host, ask(active('a')));
    await play(host, ask(giveBack('a')));
    await pass(host, 600);
    assert.deepEqual(held(host), ['a']);
    assert.deepEqual(await play(host, ask(active('a'))), ['answer no: not-found']);
  });

  it('that other processes of its user share: they have it on', async () => {
    const { host } = await lender({}, { per: 'user', ...TIMEOUT });
    await answers(host, ['a ana', 'b ana']);
    await play(host, ask(active('a')));
    await pass(host, 600);
    assert.deepEqual([held(host), host.runtime.model.leases.inUse.get('draw')], [['b'], 1]);
  });
});
