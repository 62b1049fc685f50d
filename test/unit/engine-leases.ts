import assert from 'node:assert/strict';
import { ORPHAN_GRACE } from '../../core/engine/ageing.ts';
import type { Command } from '../../core/engine/input.ts';
import type { CheckoutRequest } from '../../core/engine/lease.ts';
import { readLease } from '../../core/engine/lease-store.ts';
import { step } from '../../core/engine/step.ts';
import { MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { drafted, drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { ask, inWords, play, tick, withoutUsage } from '../support/script.ts';

const DAY = 86_400;
/** The start of the term in which MIDYEAR lies, for the class of the founder. */
const TERM = Math.floor(MIDYEAR / DAY) * DAY;

const RETURN = (lease: string): Command => ({ do: 'return', lease, reason: null });
const FEWER = drafting(({ features }) => delete features.plot);

function checkout(id: string, more: Partial<CheckoutRequest> = {}): Command {
  const process = { tool: 'drafter', pid: 4802, startTime: null };
  const request = { feature: 'draw', user: 'ana', tie: 'connection', wait: false, process, ...more } as const;
  return { do: 'checkout', request, id, secret: `secret of ${id}` };
}

async function lender(): Promise<RigHost> {
  const { host } = await lending();
  await play(host, tick(host.runtime.model, MIDYEAR));
  return host;
}

/** A lender with one lease in the last hour of its term; what the hours before were used for is written. */
async function lateInTerm(): Promise<RigHost> {
  const host = await withLease();
  await play(host, tick(host.runtime.model, TERM + DAY - 3600));
  return host;
}

/** A lender whose one lease was taken by client 5. */
async function withLease(more: Partial<CheckoutRequest> = {}): Promise<RigHost> {
  const host = await lender();
  await play(host, ask(checkout('a', more), 5));
  return host;
}

function held({ runtime }: RigHost): readonly string[] {
  return [...runtime.model.leases.values()].map(({ holder, lease }) => `${lease.id} ${holder.kind}`);
}

describe('The engine: what a checkout brings about', () => {
  it('is the lease on disk, then the answer to who asked, then the news for all, of one and the same lease', async () => {
    const { runtime } = await lender();
    const [write, answer, event, ...more] = step(runtime.model, {
      ...{ kind: 'command', call: 41, client: 5, command: checkout('a') },
    });
    assert(write?.kind === 'write' && answer?.kind === 'answer' && event?.kind === 'event');
    assert(answer.answer.ok && answer.answer.kind === 'lease');
    const { lease } = answer.answer;
    assert.equal(write.writes.length, 1);
    assert.equal(write.writes[0]?.key, 'lease/a');
    assert.deepEqual(readLease(write.writes[0]?.value ?? new Uint8Array()), { ok: true, value: lease });
    assert.deepEqual([answer.call, event.to, more], [41, 'all', []]);
    const { end, feature, host, secret, since, user, version } = lease;
    assert.deepEqual([feature, user, host, secret, version], ['draw', 'ana', 'ws01', 'secret of a', 2]);
    assert.deepEqual([since, end], [MIDYEAR, TERM + DAY]);
  });

  const denials: readonly [why: string, more: Partial<CheckoutRequest>, expected: string][] = [
    ['the feature is unknown', { feature: 'sing' }, 'unknown-feature'],
    ['the user is unknown', { user: 'zoe' }, 'unknown-user'],
    ['no period covers the feature', { feature: 'plot' }, 'no-period'],
    [
      'the last period is over, however long the tool would wait',
      { feature: 'print', wait: true },
      'expired',
    ],
  ];
  for (const [why, more, expected] of denials) {
    it(`is one answer and nothing else when ${why}`, async () => {
      const host = await lender();
      assert.deepEqual(await play(host, ask(checkout('a', more))), [`answer no: ${expected}`]);
      assert.deepEqual([held(host), host.runtime.model.queue], [[], []]);
    });
  }

  it('is a place in the queue, counted from the first, for who waits for time to be known', async () => {
    const host = await lender();
    const { model } = host.runtime;
    model.time = { ...model.time, lower: null, upper: null };
    model.lots = null;
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: time-unknown']);
    const places = ['b', 'c'].flatMap((id) => step(model, ask(checkout(id, { wait: true }))));
    assert.deepEqual(
      places.map((effect) => effect.kind === 'answer' && effect.answer),
      [
        { ok: true, kind: 'queued', ticket: 1, position: 1 },
        { ok: true, kind: 'queued', ticket: 2, position: 2 },
      ],
    );
    assert.deepEqual(await play(host, tick(model, MIDYEAR)), [
      ...['write lease/b', 'tell client 1 ticket 1 granted', 'tell all lease b granted'],
      ...['write lease/c', 'tell client 1 ticket 2 granted', 'tell all lease c granted'],
    ]);
  });

  it('is a denial to who waited when the version that comes has no such feature', async () => {
    const host = await lender();
    const { policy } = drafted(host);
    await play(
      host,
      ask(drafting((registry) => Object.assign(registry, { policy: { ...policy, apply: 'drain' } }))(host)),
    );
    await play(host, ask(PUBLISH));
    await play(host, ask(checkout('a')));
    await play(
      host,
      ask(drafting(({ features, periods }) => delete features.draw && delete periods.draw)(host)),
    );
    await play(host, ask(PUBLISH));
    assert.deepEqual(await play(host, ask(checkout('d', { wait: true }), 5)), ['answer queued']);
    const said = await play(host, ask(RETURN('a')));
    assert.deepEqual(said.slice(3), [
      ...['write applied, delete draining', 'append applied 4', 'tell all version 4 applied'],
      'tell client 5 ticket 1 unknown-feature',
    ]);
    assert.equal(host.runtime.model.queue.length, 0);
  });
});

describe('The engine: giving back', () => {
  it('all at once takes each off the disk, says so, and answers once with their ids', async () => {
    const host = await lender();
    for (const id of ['a', 'b']) await play(host, ask(checkout(id)));
    const effects = withoutUsage(step(host.runtime.model, ask({ do: 'return-all' })));
    assert.deepEqual(effects.map(inWords), [
      ...['delete lease/a', 'tell all lease a returned', 'delete lease/b', 'tell all lease b returned'],
      'answer returned',
    ]);
    const last = effects.at(-1);
    assert(last?.kind === 'answer' && last.answer.ok && last.answer.kind === 'returned');
    assert.deepEqual(last.answer.leases, ['a', 'b']);
    assert.equal(host.runtime.model.leases.inUse.get('draw'), 0);
  });

  it('all at once is answered where there is none', async () => {
    assert.deepEqual(await play(await lender(), ask({ do: 'return-all' })), ['answer returned']);
  });

  it('the same lease twice is refused the second time, and frees one seat', async () => {
    const host = await lender();
    for (const id of ['a', 'b']) await play(host, ask(checkout(id)));
    await play(host, ask(RETURN('a')));
    assert.deepEqual(await play(host, ask(RETURN('a'))), ['answer no: not-found']);
    assert.equal(host.runtime.model.leases.inUse.get('draw'), 1);
  });
});

describe('The engine: who is at the other end of a lease', () => {
  it('is nobody to be found by the id of no lease', async () => {
    const attach: Command = { do: 'attach', lease: 'x', secret: 'secret of x' };
    assert.deepEqual(await play(await lender(), ask(attach)), ['answer no: not-found']);
  });

  it('stays who it was when another guesses at the secret', async () => {
    const host = await withLease();
    assert.deepEqual(await play(host, ask({ do: 'attach', lease: 'a', secret: '' }, 6)), [
      'answer no: wrong-secret',
    ]);
    await play(host, { kind: 'client-gone', client: 6 });
    assert.deepEqual(held(host), ['a attached']);
  });

  it('changes for the leases of the client that is gone alone', async () => {
    const host = await withLease();
    await play(host, ask(checkout('b'), 6));
    await play(host, { kind: 'client-gone', client: 5 });
    assert.deepEqual(held(host), ['a orphaned', 'b attached']);
  });

  it('is not probed for where the tool has named no process', async () => {
    const host = await withLease({ process: { tool: 'drafter', pid: null, startTime: null } });
    assert.deepEqual(await play(host, { kind: 'client-gone', client: 5 }), ['tell all lease a orphaned']);
    assert.deepEqual(await play(host, tick(host.runtime.model, MIDYEAR)), []);
  });

  it('is nobody when a lease tied to a process names none: it has the grace of any orphan', async () => {
    const process = { tool: 'drafter', pid: null, startTime: null };
    const host = await withLease({ tie: 'process', process });
    await play(host, { kind: 'client-gone', client: 5 });
    assert.deepEqual(held(host), ['a orphaned']);
    assert.deepEqual(await play(host, tick(host.runtime.model, MIDYEAR, MIDYEAR, ORPHAN_GRACE)), [
      ...['delete lease/a', 'tell all lease a ended'],
    ]);
  });

  it('is its process, and the lease is free as soon as that is gone', async () => {
    const host = await withLease({ tie: 'process' });
    await play(host, { kind: 'client-gone', client: 5 });
    assert.deepEqual(held(host), ['a process']);
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: true }), [
      ...['delete lease/a', 'tell all lease a ended'],
    ]);
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: true }), [], 'and only once');
  });

  it('makes room for who waits when it is gone', async () => {
    const host = await withLease();
    for (const id of ['b', 'c']) await play(host, ask(checkout(id), 6));
    await play(host, ask(checkout('d', { wait: true }), 7));
    await play(host, { kind: 'client-gone', client: 5 });
    assert.deepEqual(await play(host, { kind: 'probed', lease: 'a', gone: true }), [
      ...['delete lease/a', 'tell all lease a ended'],
      ...['write lease/d', 'tell client 7 ticket 1 granted', 'tell all lease d granted'],
    ]);
  });
});

describe('The engine: the end of a lease', () => {
  it('has come when the latest that it may be is the end of the term, though the earliest is not', async () => {
    const host = await lateInTerm();
    const { model } = host.runtime;
    model.stale = true;
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 6, TERM + DAY - 1)), []);
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 5, TERM + DAY)), [
      ...['delete lease/a', 'tell all lease a ended'],
    ]);
  });

  it('is told by the lower bound where there is no upper one', async () => {
    const host = await lateInTerm();
    const { model } = host.runtime;
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 1, null)), []);
    const said = await play(host, tick(model, TERM + DAY, null));
    assert.deepEqual(said.slice(0, 2), ['delete lease/a', 'tell all lease a ended']);
  });

  it('moves on into the next term in the last quarter of an hour of the present one, not before, and once', async () => {
    const host = await lateInTerm();
    const { model } = host.runtime;
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 901)), []);
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 900)), [
      ...['write lease/a', 'tell all lease a granted'],
    ]);
    assert.equal(model.leases.get('a')?.lease.end, TERM + 2 * DAY);
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 899)), []);
  });

  it('does not move into a term that is not open', async () => {
    const host = await lateInTerm();
    const { model } = host.runtime;
    for (const key of [...model.state.membership.evidence.terms.keys()]) {
      if (!key.endsWith(`/${TERM / DAY}`)) model.state.membership.evidence.terms.delete(key);
    }
    model.compared = false;
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 5)), []);
    assert.equal(model.leases.get('a')?.lease.end, TERM + DAY);
  });

  it('does not move while a version waits to be applied', async () => {
    const host = await lateInTerm();
    const { model } = host.runtime;
    await play(host, ask(FEWER(host)));
    await play(host, ask(PUBLISH));
    assert.deepEqual(await play(host, tick(model, TERM + DAY - 5)), []);
    assert.equal(model.leases.get('a')?.lease.end, TERM + DAY);
    const said = await play(host, tick(model, TERM + DAY - 4, TERM + DAY));
    assert.deepEqual(said.slice(0, 2), ['delete lease/a', 'tell all lease a ended']);
    assert(said.includes('write applied, delete draining'));
  });
});
