import assert from 'node:assert/strict';
import type { Command } from '../../core/engine/input.ts';
import { add } from '../../core/ledger/ledger.ts';
import { branchFold } from '../../core/state/draft-fold.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import { type Judgement, judge } from '../../core/state/judgement.ts';
import { newestOf, proposalOf } from '../../core/state/membership.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { derive, emptyState, type State } from '../../core/state/state.ts';
import type { Proposal, Version } from '../../core/state/versions.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { withPolicy } from '../support/candidates.ts';
import { exchange, foundedHost, invitedHost, type RigHost } from '../support/host-rig.ts';
import { hashNamed } from '../support/versions.ts';

const PUBLISH: Command = { do: 'publish', message: 'Next', expect: null };

/** A realm of two editors, of whom the second hears the candidate of the first and judges it. */
async function setting(): Promise<{ founder: RigHost; other: RigHost; candidate: Hash; parent: Version }> {
  const founder = await foundedHost();
  await founder.tellTime();
  const other = await invitedHost(founder, 'ws02', 202, ['editor', 'voter']);
  await exchange(founder, other);
  await founder.submit(PUBLISH);
  await exchange(founder, other);
  const parent = newestOf(other.runtime.model.state.membership);
  await edit(other, 6);
  await exchange(founder, other);
  const answer = await founder.submit(PUBLISH);
  assert(answer.ok && answer.kind === 'published');
  await exchange(founder, other);
  return { founder, other, candidate: answer.candidate as Hash, parent };
}

async function edit(host: RigHost, seats: number): Promise<void> {
  const parsed = parseRegistry(toRegistry(host.runtime.model.state.live.draft));
  assert(parsed.ok);
  const registry: Registry = structuredClone(parsed.value);
  registry.features.draw = { name: 'Drawing', software: 'cad', seats };
  const answer = await host.submit({ do: 'set-registry', registry });
  assert.equal(answer.ok, true);
}

/** What somebody makes of the candidate, or of one that differs from it. */
async function judged(
  change: (
    proposal: Proposal,
    place: { founder: LogId; other: LogId; parent: Version },
  ) => Partial<Proposal> | Proposal,
  without: LogId | null = null,
): Promise<Judgement> {
  const { candidate, founder, other, parent } = await setting();
  const { ledger, membership } = founder.runtime.model.state;
  // The fold of the parent: what a host that has just settled it starts from.
  const settled = settledAt(other, parent).base;
  const proposal = proposalOf(membership, candidate, parent);
  assert(proposal !== null);
  const changed = { ...proposal, ...change(proposal, { founder: founder.log, other: other.log, parent }) };
  const logs = new Map([...ledger.logs].filter(([log]) => log !== without));
  return judge({ ...ledger, logs }, branchFold(settled), parent, changed);
}

function settledAt(host: RigHost, version: Version): State {
  const { state } = host.runtime.model;
  const at = emptyState(state.ledger.realm);
  const taken = [...state.ledger.logs.values()].flat();
  const [first, ...rest] = taken.sort((a, b) => Number(b.type === 'genesis') - Number(a.type === 'genesis'));
  assert(first !== undefined);
  for (const record of [first, ...rest]) {
    if (record.type === 'candidate' && record.body.version > version.version) continue;
    if (add(at.ledger, record) === 'added') derive(at, record);
    else if (record.log !== first.log) throw new Error(`cannot add ${record.type} of ${record.log}`);
  }
  return at;
}

function said(judgement: Judgement): string {
  return judgement.kind === 'refused' ? judgement.reason : judgement.kind;
}

describe('A host that recompiles a candidate', () => {
  const rows: readonly [why: string, expected: string, change: Parameters<typeof judged>[0]][] = [
    ['finds it good', 'good', () => ({})],
    [
      'refuses other content than the drafts give',
      'content-differs',
      () => ({ content: hashNamed('other') }),
    ],
    [
      'refuses it for another version, which is part of the content',
      'content-differs',
      () => ({ version: 7 }),
    ],
    [
      'refuses another roster than the drafts give',
      'roster-differs',
      ({ roster }) => ({ roster: withPolicy(roster, { issuers: 2 }) }),
    ],
    [
      'refuses what takes a draft back that its parent had',
      'frontier-regresses',
      ({ frontier }, { founder }) => ({
        frontier: new Map([...frontier].filter(([log]) => log !== founder)),
      }),
    ],
    [
      'refuses drafts of somebody who may not edit',
      'frontier-not-editor',
      ({ frontier }) => ({ frontier: new Map([...frontier, [999 as LogId, 1]]) }),
    ],
    [
      'waits for records that it has not',
      'waiting',
      ({ frontier }, { other }) => ({ frontier: new Map([...frontier, [other, 99]]) }),
    ],
    [
      'refuses what leaves out a draft of its own making',
      'content-differs',
      ({ frontier }, { other, parent }) => ({
        frontier: new Map([...frontier, [other, parent.frontier.get(other) ?? 0]]),
      }),
    ],
  ];
  for (const [why, expected, change] of rows) {
    it(why, async () => assert.equal(said(await judged(change)), expected));
  }

  it('names the log that it waits for', async () => {
    const judgement = await judged(() => ({}), 202 as LogId);
    assert.deepEqual(judgement, { kind: 'waiting', missing: [202] });
  });

  it('says what it found and what it expected', async () => {
    const judgement = await judged(() => ({ content: hashNamed('other') }));
    assert.match(
      judgement.kind === 'refused' ? judgement.detail : '',
      /^expected [0-9a-f]{64}, compiled [0-9a-f]{64}$/,
    );
  });
});
