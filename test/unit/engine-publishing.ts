import assert from 'node:assert/strict';
import { reportDraft } from '../../core/agent/reports/draft.ts';
import { reportRegistry } from '../../core/agent/reports/registry.ts';
import { reportRollout } from '../../core/agent/reports/rollout.ts';
import type { Registry } from '../../core/state/registry.ts';
import { exchange, foundedHost, invitedHost, type RigHost, reportContext } from '../support/host-rig.ts';

/** A founder that has proposed, as version 4, that two issuers sign from now on; the other has not signed. */
async function waiting(): Promise<RigHost> {
  const founder = await foundedHost();
  await founder.submit({ do: 'publish', message: 'one', expect: 1 });
  const other = await invitedHost(founder, 'ws02', 102, ['issuer']);
  await exchange(founder, other);
  await founder.submit({ do: 'publish', message: 'two', expect: 2 });
  await edit(founder, ({ policy }) => ({ policy: { ...policy, issuers: 2 } }));
  return founder;
}

async function edit(host: RigHost, change: (draft: Registry) => Partial<Registry>): Promise<void> {
  const report = reportRegistry(host.runtime.model, 'draft');
  assert.ok(report.ok);
  const draft = report.value.registry as Registry;
  const answer = await host.submit({ do: 'set-registry', registry: { ...draft, ...change(draft) } });
  assert.equal(answer.ok, true);
}

async function publish(host: RigHost, message: string) {
  const answer = await host.submit({ do: 'publish', message, expect: 3 });
  return answer.ok ? answer : answer.reason;
}

describe('A version that raises how many must sign', () => {
  it('needs as many signatures itself, and says so', async () => {
    const founder = await waiting();
    const answer = await publish(founder, 'both');
    assert.ok(typeof answer === 'object' && answer.kind === 'published');
    assert.deepEqual([answer.version, answer.signatures, answer.needed], [4, 1, 2]);
    const report = reportRollout(founder.runtime.model, reportContext(), null);
    assert.deepEqual([report?.version, report?.signatures, report?.needed], [4, 1, 2]);
    assert.equal(report?.why[0], '1 of 2 issuers have signed; one of these must: ws02');
  });
});

describe('A version that gives a vote to a host that is revoked', () => {
  async function revoked(roles: readonly ('voter' | 'editor')[]): Promise<RigHost> {
    const founder = await foundedHost();
    await founder.submit({ do: 'publish', message: 'one', expect: 1 });
    const other = await invitedHost(founder, 'ws02', 102, roles);
    await exchange(founder, other);
    await founder.submit({ do: 'publish', message: 'two', expect: 2 });
    await exchange(founder, other);
    await founder.submit({ do: 'revoke', principal: other.id, reason: 'stolen' });
    return founder;
  }

  const voting = ({ hosts }: Registry): Partial<Registry> => ({
    hosts: { ...hosts, ws02: { ...(hosts.ws02 as Registry['hosts'][string]), roles: ['voter'] } },
  });

  it('is not published, and the draft says why', async () => {
    const founder = await revoked(['editor']);
    await edit(founder, voting);
    assert.equal(await publish(founder, 'a vote'), 'invalid-registry');
    const { problems } = reportDraft(founder.runtime.model);
    assert.deepEqual(
      problems.map(({ code, path }) => [path, code]),
      [['hosts.ws02.roles', 'voter-restricted']],
    );
  });

  it('is published where that one voted before, since other changes must not wait for it', async () => {
    const founder = await revoked(['voter']);
    await edit(founder, () => ({ realm: { name: 'Renamed' } }));
    assert.equal(typeof (await publish(founder, 'a name')), 'object');
  });
});

describe('A publication that waits for another issuer', () => {
  it('is not made a second time', async () => {
    const founder = await waiting();
    await publish(founder, 'both');
    const before = founder.runtime.model.state.ledger.size;
    assert.equal(await publish(founder, 'both'), 'already-signed');
    assert.equal(founder.runtime.model.state.ledger.size, before);
  });

  it('can be made again with another message', async () => {
    const founder = await waiting();
    await publish(founder, 'bth');
    assert.equal(typeof (await publish(founder, 'both')), 'object');
  });

  it('can be made again when the draft has changed', async () => {
    const founder = await waiting();
    await publish(founder, 'both');
    await edit(founder, () => ({ realm: { name: 'Renamed' } }));
    assert.equal(typeof (await publish(founder, 'both')), 'object');
  });
});
