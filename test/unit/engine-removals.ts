import assert from 'node:assert/strict';
import type { PrincipalId } from '../../core/units.ts';
import { checkoutOf, exchange, invitedHost, type RigHost } from '../support/host-rig.ts';
import { drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { ask, play } from '../support/script.ts';
import { signedBy } from '../support/signed-by.ts';

describe('The engine: a lease that is removed', () => {
  async function two(roles: readonly ('voter' | 'issuer')[]) {
    const founder = (await lending()).host;
    const other = await invitedHost(founder, 'ws02', 202, roles);
    await exchange(founder, other);
    await founder.submit(
      drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 10 }))(founder),
    );
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    assert.equal((await play(founder, ask(checkoutOf('draw', 'ana', 'a'))))[1], 'answer lease');
    return { founder, other };
  }

  const removal = (host: string) =>
    ({ type: 'removal', body: { host: host as PrincipalId, lease: 'a', reason: 'stuck' } }) as const;

  /** That a removal which the other signs is taken note of, and ends nothing. */
  async function hearsInVain(founder: RigHost, other: RigHost) {
    const { leases, state } = founder.runtime.model;
    const { removals } = state.membership.evidence;
    const seen = removals.length;
    const said = await play(founder, { kind: 'records', records: [await signedBy(other, removal('ws01'))] });
    assert.deepEqual([removals.length, said, [...leases.keys()]], [seen + 1, [], ['a']]);
  }

  it('by an issuer elsewhere ends when the record arrives', async () => {
    const { founder, other } = await two(['issuer']);
    const records = [await signedBy(other, removal('ws01'))];
    assert.deepEqual(await play(founder, { kind: 'records', records }), [
      ...['delete lease/a', 'tell all lease a removed'],
    ]);
  });

  it('by a member who is no issuer goes on', async () => {
    const { founder, other } = await two(['voter']);
    const refused = await other.submit({ do: 'remove', ...removal('ws01').body });
    assert.equal(!refused.ok && refused.reason, 'not-an-issuer');
    // What its own engine refuses, another program may sign all the same.
    await hearsInVain(founder, other);
  });

  it('by an issuer who was revoked before goes on', async () => {
    const { founder, other } = await two(['issuer']);
    await founder.submit({ do: 'revoke', principal: other.id, reason: 'stolen' });
    await hearsInVain(founder, other);
  });

  it('at another host goes on here', async () => {
    const { founder, other } = await two(['issuer']);
    await other.submit({ do: 'remove', ...removal('ws02').body });
    await exchange(founder, other);
    assert.deepEqual([...founder.runtime.model.leases.keys()], ['a']);
  });
});
