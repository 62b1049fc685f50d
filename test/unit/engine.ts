import assert from 'node:assert/strict';
import { sealed } from '../../core/agent/founding.ts';
import { ORPHAN_GRACE } from '../../core/engine/ageing.ts';
import type { Command } from '../../core/engine/input.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import { note } from '../../core/state/evidence.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import type { Hash, LogId, PrincipalId } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { exchange, foundedHost, invitedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { foreignJoin } from '../support/joining.ts';
import { testSigner } from '../support/keys.ts';
import { ask, play, tick } from '../support/script.ts';

const DAY = 86_400;
/** The start of the term in which MIDYEAR lies, for the class of the founder. */
const TERM = Math.floor(MIDYEAR / DAY) * DAY;

const PUBLISH: Command = { do: 'publish', message: 'Next', expect: null };

function drafted({ runtime }: RigHost): Registry {
  const parsed = parseRegistry(toRegistry(runtime.model.state.live.draft));
  assert(parsed.ok);
  return parsed.value;
}

function setRegistry(host: RigHost, change: (registry: Registry) => void): Command {
  const registry = structuredClone(drafted(host));
  change(registry);
  return { do: 'set-registry', registry };
}

function checkout(
  id: string,
  more: { wait?: boolean; tie?: 'connection' | 'process'; feature?: string } = {},
): Command {
  const request = {
    ...{
      feature: more.feature ?? 'draw',
      user: 'ana',
      tie: more.tie ?? 'connection',
      wait: more.wait ?? false,
    },
    process: { tool: 'drafter', pid: 4802, startTime: null },
  } as const;
  return { do: 'checkout', request, id, secret: `secret of ${id}` };
}

/** The founder at noon with version 2 applied and its terms open. */
async function working(change: (registry: Registry) => void = () => undefined): Promise<RigHost> {
  const host = await foundedHost();
  await host.tellTime();
  await play(host, ask(setRegistry(host, change)));
  await play(host, ask(PUBLISH));
  await play(host, tick(host.runtime.model, MIDYEAR));
  return host;
}

/** Publishes a change and lists what follows. */
async function publishing(host: RigHost, change: (registry: Registry) => void): Promise<string[]> {
  await play(host, ask(setRegistry(host, change)));
  return play(host, ask(PUBLISH));
}

const moreSeats = (seats: number) => (registry: Registry) => {
  registry.features.draw = { name: 'Drawing', software: 'cad', seats };
};

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
      if (why === 'the message is too long') await play(host, ask(setRegistry(host, moreSeats(4))));
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
    ['drafts', (host) => setRegistry(host, moreSeats(5))],
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

describe('The engine: leases', () => {
  it('does not lend two seats under one id', async () => {
    const host = await working();
    await play(host, ask(checkout('a')));
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: conflict']);
    assert.equal(host.runtime.model.inUse.get('draw'), 1);
  });

  it('lends no more than the lot, and gives a returned seat to who has waited longest', async () => {
    const host = await working();
    for (const id of ['a', 'b', 'c']) await play(host, ask(checkout(id)));
    assert.deepEqual(await play(host, ask(checkout('d'))), ['answer no: no-seat']);
    assert.deepEqual(await play(host, ask(checkout('e', { wait: true }), 5)), ['answer queued']);
    assert.deepEqual(await play(host, ask(checkout('f', { wait: true }), 6)), ['answer queued']);
    assert.deepEqual(await play(host, ask({ do: 'return', lease: 'b', reason: null })), [
      ...['delete lease/b', 'tell all lease b returned', 'answer returned'],
      ...['write lease/e', 'tell client 5 ticket 1 granted', 'tell all lease e granted'],
    ]);
  });

  it('forgets who waited when its client goes, or gives up', async () => {
    const host = await working();
    for (const id of ['a', 'b', 'c']) await play(host, ask(checkout(id)));
    await play(host, ask(checkout('d', { wait: true }), 5));
    await play(host, ask(checkout('e', { wait: true }), 6));
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), []);
    assert.deepEqual(await play(host, ask({ do: 'cancel', ticket: 2 }, 7)), ['answer no: not-found']);
    assert.deepEqual(await play(host, ask({ do: 'cancel', ticket: 2 }, 6)), ['answer done']);
    assert.equal(host.runtime.model.queue.length, 0);
  });

  it('keeps an orphan for its grace, then frees it', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a'), 5));
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), [
      'probe a',
      'tell all lease a orphaned',
    ]);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, ORPHAN_GRACE - 1)), ['probe a']);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, 1)), [
      'delete lease/a',
      'tell all lease a ended',
    ]);
  });

  it('frees an orphan at once when its process is gone, and not when it is not', async () => {
    const host = await working();
    await play(host, ask(checkout('a'), 5));
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: true }), [], 'its client is there');
    await play(host, { kind: 'client-gone', client: 5 });
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: false }), []);
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: true }), [
      ...['delete lease/a', 'tell all lease a ended'],
    ]);
  });

  it('gives an orphan back to who knows its secret, and to nobody else', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a'), 5));
    await play(host, { kind: 'client-gone', client: 5 });
    const attach = (secret: string): Command => ({ do: 'attach', lease: 'a', secret });
    assert.deepEqual(await play(host, ask(attach('guess'), 6)), ['answer no: wrong-secret']);
    assert.deepEqual(await play(host, ask(attach('secret of a'), 6)), ['answer lease']);
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), []);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, 2 * ORPHAN_GRACE)), []);
    assert.equal(model.inUse.get('draw'), 1);
  });

  it('lets a lease that is tied to a process outlive the connection that took it', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a', { tie: 'process' }), 5));
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), ['probe a']);
    assert.deepEqual(await play(host, tick(model, MIDYEAR, MIDYEAR, 10 * ORPHAN_GRACE)), ['probe a']);
    assert.equal(model.leases.size, 1);
  });

  it('renews into the next term near the end of the present one, and ends what it may not renew', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(checkout('a')));
    assert.equal(model.leases.get('a')?.lease.end, TERM + DAY);
    await play(host, tick(model, TERM + DAY - 5));
    assert.equal(model.leases.get('a')?.lease.end, TERM + 2 * DAY);
    model.stale = true;
    await play(host, tick(model, TERM + 2 * DAY - 5));
    assert.equal(model.leases.get('a')?.lease.end, TERM + 2 * DAY, 'a restored host renews nothing');
    const said = await play(host, tick(model, TERM + 2 * DAY - 1, TERM + 2 * DAY));
    assert.deepEqual(said, ['delete lease/a', 'tell all lease a ended']);
  });

  it('renews no more leases into a term than its lot, though all end there early', async () => {
    const soon = new Date((TERM + DAY + 3600) * 1000).toISOString().slice(0, 16);
    const host = await working((registry) => {
      registry.features.draw = { name: 'Drawing', software: 'cad', seats: 1 };
      registry.periods.draw = { feature: 'draw', from: '2030-01-01', until: `${soon}Z` };
    });
    const { model } = host.runtime;
    await play(host, ask(checkout('a')));
    const lease = model.leases.get('a');
    assert(lease !== undefined);
    // What a version before this one lent, when there were more seats.
    model.leases.set('b', { ...lease, lease: { ...lease.lease, id: 'b' } });
    await play(host, tick(model, TERM + DAY - 5));
    const renewed = [...model.leases.values()].filter((held) => held.lease.end > TERM + DAY);
    assert.deepEqual(
      renewed.map((held) => held.lease.end),
      [TERM + DAY + 3600],
    );
  });

  it('gives no lease that would be over at once', async () => {
    const soon = new Date((MIDYEAR + 60) * 1000).toISOString().slice(0, 16);
    const host = await working((registry) => {
      registry.periods.draw = { feature: 'draw', from: '2030-01-01', until: `${soon}Z` };
    });
    const { model } = host.runtime;
    await play(host, tick(model, MIDYEAR + 50, MIDYEAR + 61));
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: expired']);
  });

  it('ends a lease that an issuer removes, once', async () => {
    const host = await working();
    await play(host, ask(checkout('a')));
    const remove: Command = { do: 'remove', host: 'ws01' as PrincipalId, lease: 'a', reason: 'stuck' };
    assert.deepEqual(await play(host, ask(remove)), [
      ...['append removal', 'answer recorded', 'delete lease/a', 'tell all lease a removed'],
    ]);
    assert.deepEqual(await play(host, { kind: 'compared' }), []);
  });

  it('does not count names that every object has as features', async () => {
    const host = await working();
    await play(host, ask(checkout('a', { feature: 'constructor' })));
    assert.deepEqual([...host.runtime.model.usage.denials], []);
  });

  it('counts a denial, and not a place in the queue', async () => {
    const host = await working();
    for (const id of ['a', 'b', 'c']) await play(host, ask(checkout(id)));
    await play(host, ask(checkout('d', { wait: true })));
    await play(host, ask(checkout('e')));
    assert.deepEqual(host.runtime.model.usage.denials, [
      { feature: 'draw', user: 'ana', reason: 'no-seat', at: MIDYEAR },
    ]);
  });
});

describe('The engine: a host whose disk is older than its log', () => {
  it('says so once, and signs, lends and renews nothing', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(setRegistry(host, moreSeats(5))));
    const ahead = { kind: 'own-log-ahead', next: 99 } as const;
    assert.deepEqual(await play(host, ahead), ['tell all identity-stale']);
    assert.deepEqual(await play(host, ahead), []);
    assert.deepEqual(await play(host, ask(PUBLISH)), ['answer no: identity-stale']);
    assert.deepEqual(await play(host, ask({ do: 'void', version: 3 })), ['answer no: identity-stale']);
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: restricted']);
    assert.deepEqual(await play(host, tick(model, TERM + 5 * DAY, TERM + 5 * DAY, 7200)), []);
  });

  it('is what a second history of its own log makes it', async () => {
    const host = await working();
    const records = host.runtime.model.state.ledger.logs.get(host.log) ?? [];
    const [a, b] = [records[1], records[2]];
    assert(a !== undefined && b !== undefined);
    const twin = { ...b, seq: a.seq };
    assert.deepEqual(await play(host, { kind: 'fork', a, b: twin }), ['tell all identity-stale']);
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: restricted']);
  });
});

describe('The engine: others', () => {
  async function two(roles: readonly ('voter' | 'issuer' | 'editor')[] = []) {
    const founder = await foundedHost();
    await founder.tellTime();
    const other = await invitedHost(founder, 'ws02', 202, roles);
    await exchange(founder, other);
    return { founder, other };
  }

  it('admits newcomers with the next version, and not again once they have been removed', async () => {
    const { founder, other } = await two();
    const answer = await founder.submit(PUBLISH);
    assert.deepEqual(answer.ok && answer.kind === 'published' && answer.admitted, ['ws02']);
    await founder.submit(setRegistry(founder, (registry) => delete registry.hosts.ws02));
    const removed = await founder.submit(PUBLISH);
    assert.deepEqual(removed.ok && removed.kind === 'published' && removed.admitted, []);
    await founder.submit(setRegistry(founder, moreSeats(9)));
    const next = await founder.submit(PUBLISH);
    assert.deepEqual(next.ok && next.kind === 'published' && next.admitted, []);
    assert.equal(drafted(founder).hosts.ws02, undefined);
    await exchange(founder, other);
    assert.equal((await other.submit(checkout('a'))).ok, false);
  });

  it('publishes without a newcomer who fits no more', async () => {
    const { founder } = await two();
    const [once, log] = [testSigner('x'), 909 as LogId];
    const invited = await founder.submit({
      ...{ do: 'invite', log, key: once.key, kind: 'person', id: 'ws01' as PrincipalId, name: 'Not Me' },
      ...{ class: null, roles: [], until: seconds(MIDYEAR + 1e6) },
    });
    assert.equal(invited.ok, true);
    await founder.runtime.update(await foreignJoin(founder, log, once));
    const answer = await founder.submit(PUBLISH);
    assert.deepEqual(answer.ok && answer.kind === 'published' && answer.admitted, ['ws02']);
  });

  it('puts the key of a host that rejoins in the place of the old one', async () => {
    const { founder } = await two();
    await founder.submit(PUBLISH);
    const again = await invitedHost(founder, 'ws02', 203);
    await exchange(founder, again);
    await founder.submit(PUBLISH);
    assert.deepEqual(Object.keys(drafted(founder).hosts.ws02?.logs ?? {}), ['203']);
  });

  it("takes a fork by another as a reason to tell everybody, and freezes that log's drafts at once", async () => {
    const { founder, other } = await two(['editor']);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    await other.submit(setRegistry(other, moreSeats(8)));
    await exchange(founder, other);
    assert.equal(drafted(founder).features.draw?.seats, 8);
    const records = founder.runtime.model.state.ledger.logs.get(other.log) ?? [];
    const a = records.find(({ type }) => type === 'draft');
    assert(a !== undefined);
    const b = { ...a, hash: 'ab'.repeat(32) as Hash };
    const said = await play(founder, { kind: 'fork', a, b });
    assert.deepEqual(said.slice(0, 2), ['append fork-proof', 'tell all fork']);
    assert.equal(drafted(founder).features.draw?.seats, 3);
    assert.deepEqual(await play(founder, { kind: 'fork', a, b }), []);
  });

  it('does not end a lease because somebody who is no issuer says so', async () => {
    const { founder, other } = await two();
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    const { model } = founder.runtime;
    await play(founder, tick(model, MIDYEAR));
    await play(founder, ask(checkout('a')));
    const tip = other.runtime.model.state.ledger.logs.get(other.log)?.at(-1);
    assert(tip !== undefined);
    const place = { realm: tip.realm, log: other.log, seq: tip.seq + 1, prev: tip.hash };
    const body = { host: 'ws01' as PrincipalId, lease: 'a', reason: 'spite' };
    const record = await sealed(other.signer, place, 'removal', body);
    await founder.runtime.update(encodeAppend([{ log: other.log, from: place.seq, records: [record] }]));
    assert.equal(model.state.membership.evidence.removals.length, 1);
    assert.equal(model.leases.size, 1);
  });

  it('lets another issuer sign a revocation where one is too few', async () => {
    const { founder, other } = await two(['issuer']);
    await founder.submit(
      setRegistry(founder, (registry) => {
        registry.hosts.ws03 = { name: 'Third', class: 'office', logs: { '303': testSigner('third').key } };
      }),
    );
    await founder.submit(PUBLISH);
    await founder.submit(
      setRegistry(founder, ({ policy }) => {
        policy.issuers = 2;
      }),
    );
    await exchange(founder, other);
    const raised = await founder.submit(PUBLISH);
    assert(raised.ok && raised.kind === 'published');
    await exchange(founder, other);
    assert.equal((await other.submit({ do: 'sign', candidate: raised.candidate as Hash })).ok, true);
    await exchange(founder, other);
    await founder.submit({ do: 'revoke', principal: 'ws03' as PrincipalId, reason: 'stolen' });
    await exchange(founder, other);
    const { evidence } = founder.runtime.model.state.membership;
    const [target] = evidence.revocations.keys();
    assert(target !== undefined);
    const sign: Command = { do: 'sign', candidate: target };
    assert.equal((await founder.submit(sign)).ok, false, 'it has signed by revoking');
    assert.equal((await other.submit(sign)).ok, true);
  });

  it('gives its free slot to VOID once a version has been contested for long, and only then', async () => {
    const { founder, other } = await two(['voter', 'issuer', 'editor']);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    await other.tellTime();
    await exchange(founder, other);
    await founder.submit(setRegistry(founder, moreSeats(7)));
    await founder.submit(PUBLISH);
    const { model } = other.runtime;
    // The other hears the ack before the drafts: it has no verdict of its own yet.
    const ack = founder.runtime.model.state.membership.evidence.acks.get(3)?.[0];
    assert(ack !== undefined);
    note(model.state.membership.evidence, ack);
    assert.deepEqual(await play(other, tick(model, MIDYEAR)), []);
    assert.deepEqual(await play(other, tick(model, MIDYEAR, MIDYEAR, 59)), []);
    assert.deepEqual((await play(other, tick(model, MIDYEAR, MIDYEAR, 1))).slice(0, 1), [
      'append ack 3 void',
    ]);
    assert.equal(model.slots.get(3), null);
  });
});
