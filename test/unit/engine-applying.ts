import assert from 'node:assert/strict';
import { readApplied } from '../../core/engine/applying.ts';
import { step } from '../../core/engine/step.ts';
import { checkoutOf, MIDYEAR } from '../support/host-rig.ts';
import { lender, own, policy, publish } from '../support/publishing-host.ts';
import { ask, play, tick, withoutUsage } from '../support/script.ts';
import { DAY, TERM } from '../support/working-host.ts';

describe('The engine: applying', () => {
  it('writes the version with its content before it says that it has applied it', async () => {
    const host = await lender();
    const { model } = host.runtime;
    await play(host, ask(checkoutOf('draw', 'ana', 'a')));
    await publish(host, 5);
    const effects = withoutUsage(step(model, ask({ do: 'return', lease: 'a', reason: null })));
    const newest = model.state.membership.versions.at(-1);
    const write = effects[3];
    assert(write?.kind === 'write' && newest !== undefined);
    const applied = readApplied(write.writes[0]?.value ?? new Uint8Array());
    assert.equal(applied?.id, newest.id);
    assert.deepEqual(applied?.content, model.applied?.bytes);
    const said = effects[4];
    assert(said?.kind === 'append');
    const body = { version: 3, candidate: newest.id, content: newest.content, at: MIDYEAR };
    assert.deepEqual(said.record, { type: 'applied', body });
  });

  it('waits for the last of several leases', async () => {
    const host = await lender();
    for (const id of ['a', 'b']) await play(host, ask(checkoutOf('draw', 'ana', id)));
    await publish(host, 5);
    const first = await play(host, ask({ do: 'return', lease: 'a', reason: null }));
    assert.equal(first.at(-1), 'append holding b');
    const last = await play(host, ask({ do: 'return', lease: 'b', reason: null }));
    assert.equal(last.at(-1), 'tell all version 3 applied');
  });

  it('tells what it holds once, with whom and until when, and again only when that has changed', async () => {
    const host = await lender();
    await play(host, ask(checkoutOf('draw', 'ana', 'a')));
    await publish(host, 5);
    const holding = own(host).findLast(({ type }) => type === 'holding');
    assert(holding?.type === 'holding');
    assert.deepEqual(holding.body, {
      version: 3,
      leases: [
        {
          ...{ id: 'a', feature: 'draw', user: 'ana', tool: 'drafter', pid: 4802 },
          ...{ since: MIDYEAR, end: TERM + DAY },
        },
      ],
    });
    assert.deepEqual(await play(host, tick(host.runtime.model, MIDYEAR + 1)), []);
    assert.deepEqual(await play(host, { kind: 'compared' }), []);
  });

  const deadlines: readonly [why: string, deadline: number | undefined, end: number][] = [
    ['the end of the present term where the policy sets none', undefined, TERM + DAY],
    ['the end of the present term where the policy would give longer', 10 * DAY, TERM + DAY],
    ['what the policy gives where that is sooner', 60, MIDYEAR + 60],
    ['at once where the policy gives no time', 0, MIDYEAR],
  ];
  for (const [why, deadline, end] of deadlines) {
    it(`is due at ${why}`, async () => {
      const host = await lender(deadline === undefined ? undefined : policy({ deadline }));
      await play(host, ask(checkoutOf('draw', 'ana', 'a')));
      await publish(host, 5);
      assert.equal(host.runtime.model.draining?.deadline, end);
    });
  }
});
