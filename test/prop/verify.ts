import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toRegistry } from '../../core/state/drafts.ts';
import type { State } from '../../core/state/state.ts';
import type { LogId } from '../../core/units.ts';
import type { UnverifiedRun } from '../../core/verify/run.ts';
import { exchange, foundedHost, invitedHost } from '../support/host-rig.ts';
import { type Knowledge, knowledgeOf } from '../support/knowledge.ts';
import { seededRandom } from '../support/random.ts';

/** All records of a realm in which everything happens: drafts by two, versions, terms, a revocation, a fork's proof. */
async function eventful(): Promise<{
  readonly realm: State['ledger']['realm'];
  readonly runs: readonly UnverifiedRun[];
}> {
  const founder = await foundedHost();
  await founder.tellTime();
  const other = await invitedHost(founder, 'ws02', 77, ['editor', 'issuer', 'voter']);
  const late = await invitedHost(founder, 'ws03', 303, []);
  await exchange(founder, other, late);
  await founder.submit({ do: 'publish', message: 'Two more', expect: null });
  await exchange(founder, other, late);
  await other.tellTime();
  for (const [host, seats] of [
    [founder, 6],
    [other, 7],
    [founder, 8],
  ] as const) {
    const registry = structuredClone(toRegistry(host.runtime.model.state.live.draft)) as Record<
      string,
      never
    >;
    const draw = { name: `Drawing for ${seats}`, software: 'cad', seats };
    const features = { ...(registry.features as unknown as Record<string, unknown>), draw };
    await host.submit({ do: 'set-registry', registry: { ...registry, features } });
    if (seats === 7) await exchange(founder, other);
  }
  await founder.submit({ do: 'publish', message: 'Seats', expect: null });
  await exchange(founder, other, late);
  await other.submit({ do: 'revoke', principal: 'ws03' as never, reason: 'lost' });
  await exchange(founder, other, late);
  const { ledger } = founder.runtime.model.state;
  const runs = [...ledger.logs].map(([log, records]) => ({
    log,
    from: 0,
    records: records.map(({ bytes }) => bytes),
  }));
  return { realm: ledger.realm, runs };
}

/** Cuts runs anywhere, sends some pieces twice and lets pieces overlap, in any order. */
function scattered(runs: readonly UnverifiedRun[], seed: number): readonly UnverifiedRun[] {
  const random = seededRandom(seed);
  const pieces: UnverifiedRun[] = [];
  for (const { log, records } of runs) {
    for (let from = 0; from < records.length; ) {
      const length = 1 + random.int(records.length);
      const back = random.int(3) === 0 ? random.int(from + 1) : 0;
      const piece = { log, from: from - back, records: records.slice(from - back, from + length) };
      pieces.push(piece);
      if (random.int(4) === 0) pieces.push(piece);
      from += length;
    }
  }
  for (let i = pieces.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    const [a, b] = [pieces[i], pieces[j]];
    if (a !== undefined && b !== undefined) [pieces[i], pieces[j]] = [b, a];
  }
  return pieces;
}

/** All that a host concludes, without a trace of order where order means nothing. */
function conclusions({ state }: Knowledge): unknown {
  const { evidence, forks, versions } = state.membership;
  const sorted = <K, V>(map: ReadonlyMap<K, V>, show: (value: V) => unknown) =>
    [...map].map(([key, value]) => [String(key), show(value)] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    logs: sorted(state.ledger.logs, (records) =>
      records.map((record) => [record.hash, record.type, record.type !== 'inert' && record.proven]),
    ),
    versions,
    forks: sorted(forks, ({ seq }) => seq),
    candidates: sorted(evidence.candidates, ({ hash }) => hash),
    acks: sorted(evidence.acks, (acks) => acks.map(({ hash }) => hash).sort()),
    terms: sorted(evidence.terms, (openers) => openers.map(({ log }) => log).sort()),
    invitations: sorted(evidence.invitations, (invites) => invites.map(({ hash }) => hash).sort()),
    revocations: sorted(evidence.revocations, ({ hash }) => hash),
    settled: state.settled.map(({ id }) => id),
    configurations: sorted(state.configurations, ({ bytes }) => Buffer.from(bytes).toString('hex')),
    live: JSON.stringify(toRegistry(state.live.draft)),
    reports: sorted(state.reports, ({ applied }) => applied?.hash),
  };
}

describe('However a realm arrives', () => {
  it('in whatever pieces, order and repetition, the same is taken and concluded', async function () {
    this.timeout(60_000);
    const { realm, runs } = await eventful();
    const whole = knowledgeOf(realm);
    await whole.arriveAll(runs);
    const expected = conclusions(whole);
    assert.equal(whole.state.membership.versions.length, 3);
    assert(whole.state.configurations.size === 2);
    const law = fc.asyncProperty(fc.nat(), async (seed) => {
      const knows = knowledgeOf(realm);
      await knows.arriveAll(scattered(runs, seed));
      assert.deepEqual(conclusions(knows), expected);
    });
    await fc.assert(law, { numRuns: 60 });
  });

  it('a log whose restriction is heard before or after its drafts ends with the same draft', async () => {
    const { realm, runs } = await eventful();
    for (const first of runs.map(({ log }) => log)) {
      const knows = knowledgeOf(realm);
      const order = [...runs].sort((a, b) => rank(a.log, first) - rank(b.log, first));
      await knows.arriveAll(order);
      const whole = knowledgeOf(realm);
      await whole.arriveAll(runs);
      assert.deepEqual(conclusions(knows), conclusions(whole));
    }
  });
});

function rank(log: LogId, first: LogId): number {
  return log === first ? -1 : log;
}
