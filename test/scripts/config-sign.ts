import assert from 'node:assert/strict';
import { answerWhen } from '../support/agent-world.ts';
import { refused, shown, succeeds, withLab } from '../support/lab.ts';

describe('a realm in which two issuers must sign', () => {
  it('leaves a version pending until the other has signed, and lets nobody sign twice', () =>
    withLab({ 'ws-02': ['issuer', 'voter'] }, async ({ client, founder, of }) => {
      const other = of('ws-02');
      await succeeds(founder.run('registry set policy issuers=2'));
      const first = await succeeds(founder.run(['config', 'publish', '-m', 'Both sign']));
      assert.match(first.stderr, /1 of 2 signatures: other issuers run leasehold config sign/);

      const agent = await client(other);
      const [waiting] = await answerWhen(
        agent,
        () => agent.request('unsigned', {}),
        ({ length }) => length > 0,
      );
      const candidate = waiting?.candidate ?? '';
      const [told] = await shown(other.run('config sign --json'));
      const { changes, ...proposal } = told;
      assert.deepEqual(
        [proposal.candidate, proposal.version, proposal.author, proposal.message, proposal.refused],
        [candidate, 3, 'ws-01', 'Both sign', null],
      );
      assert.ok(changes.some(({ after, path }: Change) => path.endsWith('issuers') && after === 2));
      assert.deepEqual(await shown(founder.run('config sign --json')), []);
      const { causes } = await shown(founder.run('rollout why --json'));
      const [{ text: _, ...cause }] = causes;
      assert.deepEqual(cause, { kind: 'signatures', signed: 1, needed: 2, missing: ['ws-02'] });
      const status = await shown(founder.run('status --json'));
      assert.deepEqual([status.newest, status.pending.signatures, status.pending.needed], [2, 1, 2]);

      for (const dry of [[], ['-n']]) {
        const again = founder.run(['config', 'sign', candidate, '--yes', '--json', ...dry]);
        assert.deepEqual(await refused(again), [5, 'ALREADY_SIGNED']);
      }
      await succeeds(other.run(['config', 'sign', candidate.slice(0, 12), '-n']));
      await succeeds(other.run(['config', 'sign', candidate.slice(0, 12), '--yes']));
      await succeeds(founder.run('rollout wait v3 --timeout 20s'));
      const again = other.run(['config', 'sign', candidate, '--yes', '--json']);
      assert.deepEqual(await refused(again), [3, 'NOT_FOUND']);
      const checks = await shown(other.run('config verify --json'));
      const issuers = checks.find(({ check, version }: Check) => version === 3 && check === 'issuers');
      assert.deepEqual([issuers.ok, issuers.detail], [true, '2 must sign; signed by ws-01, ws-02']);
    })).timeout(60_000);
});

interface Change {
  readonly path: string;
  readonly after?: unknown;
}

interface Check {
  readonly version: number;
  readonly check: string;
}
