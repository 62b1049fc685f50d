import assert from 'node:assert/strict';
import { idleByFeature } from '../../core/engine/idle-seats.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import { floatingHosts, lotOf, movesOf, settle } from '../support/floating.ts';
import { MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { foreignJoin } from '../support/joining.ts';
import { testSigner } from '../support/keys.ts';
import { PUBLISH } from '../support/lending-host.ts';

const HOUR = 3600;

const give = (host: RigHost, to: string, count: number) =>
  host.submit({
    ...{ do: 'give', to: to as PrincipalId, feature: 'draw', seats: count },
    until: seconds(MIDYEAR + HOUR),
  });

const surrender = (host: RigHost) => host.submit({ do: 'surrender', feature: 'draw' });

/** Two hosts, the second of which has a seat that came from the first beside its own. */
async function lent(): Promise<[RigHost, RigHost]> {
  const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
  const until = seconds(Math.ceil(MIDYEAR / 86_400) * 86_400);
  // For an hour was wished: a seat goes for its term.
  assert.deepEqual(await give(a, 'ws02', 1), { ok: true, kind: 'moved', seats: 1, records: 1, until });
  await settle(a, b);
  assert.deepEqual([lotOf(a), lotOf(b)], [1, 2]);
  return [a, b];
}

describe('Giving seats away', () => {
  for (const [what, wish, expected] of [
    ['a feature that there is not', { feature: 'knit' }, ['not-found', 'no feature knit']],
    ['a time that is past', { until: seconds(MIDYEAR - HOUR) }, ['malformed', 'that time is past']],
  ] as const) {
    it(`is refused for ${what}, and says so`, async () => {
      const [a] = (await floatingHosts()) as [RigHost];
      const asked = { feature: 'draw', seats: 1, until: seconds(MIDYEAR + HOUR), ...wish };
      const answer = await a.submit({ do: 'give', to: 'ws02' as PrincipalId, ...asked });
      assert.deepEqual(answer.ok ? null : [answer.reason, answer.detail], expected);
      assert.deepEqual(movesOf(a), []);
    });
  }

  it('is done whole or not at all', async () => {
    const [a] = (await floatingHosts()) as [RigHost];
    const answer = await give(a, 'ws02', 3);
    assert(!answer.ok);
    assert.deepEqual(
      [answer.reason, answer.detail],
      ['no-seat', '2 of 3 seats of draw can leave this host until then'],
    );
    assert.deepEqual(movesOf(a), []);
    assert.equal((await give(a, 'ws02', 2)).ok, true);
  });

  it('is done to hosts only, and not to oneself', async () => {
    const [a, b] = (await floatingHosts()) as [RigHost, RigHost];
    const [once, log] = [testSigner('once'), 909 as LogId];
    await a.submit({
      ...{ do: 'invite', log, key: once.key, kind: 'person', id: 'cy' as PrincipalId, name: 'Cy' },
      ...{ class: null, roles: [], until: seconds(MIDYEAR + 1e6) },
    });
    await a.runtime.update(await foreignJoin(a, log, once));
    await a.submit(PUBLISH);
    await settle(a, b);
    const member = a.runtime.model.state.membership.versions.at(-1)?.roster.members.get('cy' as PrincipalId);
    assert.deepEqual(
      member?.logs.map((each) => each.log),
      [log],
    );
    for (const to of ['cy', 'ws01', 'nobody']) {
      const answer = await give(a, to, 1);
      assert(!answer.ok);
      assert.deepEqual([answer.reason, answer.detail], ['not-found', `no other host ${to}`]);
    }
    assert.deepEqual(movesOf(a), []);
  });
});

describe('Giving seats back', () => {
  it('counts what came from others, and not the own that are idle beside it', async () => {
    const [a, b] = await lent();
    assert.equal(idleByFeature(b.runtime.model).get('draw'), 2);
    assert.deepEqual(await surrender(b), { ok: true, kind: 'moved', seats: 1, records: 1 });
    await settle(a, b);
    assert.deepEqual([lotOf(a), lotOf(b)], [2, 1]);
    const again = await surrender(b);
    assert.equal(!again.ok && again.reason, 'not-found');
  });
});

describe('A host that may be a restored one', () => {
  it('moves no seats, and tells others of none', async () => {
    const [, b] = await lent();
    const moves = movesOf(b);
    b.runtime.model.stale = true;
    for (const answer of [await give(b, 'ws01', 1), await surrender(b)]) {
      assert.equal(!answer.ok && answer.reason, 'restricted');
    }
    assert.deepEqual([...idleByFeature(b.runtime.model)], []);
    assert.deepEqual(movesOf(b), moves);
  });
});
