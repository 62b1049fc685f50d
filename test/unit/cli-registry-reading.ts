import assert from 'node:assert/strict';
import { fakeAgent, versionOf } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { type Draft, drafted, editing, KEY, registry } from '../support/registry-agent.ts';

describe('registry reading', () => {
  const cases: readonly [line: string, exit: number, out: RegExp][] = [
    ['registry list', 0, /^COLLECTION +ENTRIES\nsoftware +1\nfeatures +1\n/],
    ['registry list features', 0, /^ID +NAME +SOFTWARE +SEATS\nsim\.pro +Solver +sim +8\n$/],
    ['registry list features --at v1', 0, /^No entries\n$/],
    ['registry show features/sim.pro', 0, /^name: Solver\nsoftware: sim\nseats: 8\n$/],
    ['registry show features/sim.pro/seats', 0, /^8\n$/],
    ['registry show policy', 0, /apply: idle/],
    ['registry show features/none', 3, /^$/],
    ['registry find ANA', 0, /^PATH +NAME +FOUND IN\npeople\/ana +Ana +name\ngroups\/team +Team +members\n$/],
    ['registry find ana --in groups', 0, /^PATH.*\ngroups\/team/],
    ['registry find zzz', 3, /^$/],
    ['registry export', 0, /^realm:\n {2}name: Fern Lab\n/],
  ];
  for (const [line, exit, out] of cases) {
    it(`${line} ends with ${exit}`, async () => {
      const ran = await run(line, { agent: editing() });
      assert.equal(ran.code, exit, ran.err);
      assert.match(ran.out, out);
    });
  }

  const envelopes: readonly [line: string, kind: string][] = [
    ['registry list --json', 'CollectionList'],
    ['registry list people --json', 'EntryList'],
    ['registry show policy --json', 'Entry'],
    ['registry find ana --json', 'FoundList'],
    ['draft status --json', 'Draft'],
    ['draft diff --json', 'ChangeList'],
    ['config log --json', 'VersionList'],
    ['config diff v1 --json', 'ChangeList'],
  ];
  for (const [line, kind] of envelopes) {
    it(`${line} is an envelope of ${kind}`, async () => {
      const { out } = await run(line, { agent: editing() });
      const envelope = JSON.parse(out);
      assert.deepEqual([envelope.apiVersion, envelope.kind], ['leasehold/v1', kind]);
    });
  }

  for (const line of ['config diff v1 v99', 'config diff v99 v1', 'config diff v99']) {
    it(`names the version that is not there in ${line}`, async () => {
      const agent = fakeAgent({
        versions: () => [versionOf(1)],
        registry: () => assert.fail('version 1 has no content that this host knows'),
      });
      const { code, err } = await run(line, { agent });
      assert.equal(code, 3);
      assert.match(err, /^✗ not found: no version 99$/m);
    });
  }

  it('shows nothing of keys in a list of hosts', async () => {
    const { out } = await run('registry list hosts', { agent: editing() });
    assert.ok(!out.includes(KEY.slice(0, 8)));
  });

  it('exports what validate accepts', async () => {
    for (const format of ['yaml', 'json']) {
      const { out } = await run(`registry export --format ${format}`, { agent: editing() });
      const { code, out: verdict } = await run('registry validate /r', { files: { '/r': out } });
      assert.equal(code, 0, verdict);
    }
  });

  it('ends with 13, naming each path, where the draft has lost its form', async () => {
    const agent = fakeAgent({ registry: () => ({ registry: { ...registry(), policy: {} }, base: 4 }) });
    const { code, err } = await run('registry list', { agent });
    assert.equal(code, 13);
    assert.match(err, /policy\.issuers/);
  });
});

describe('the draft', () => {
  const changed: Partial<Draft> = {
    changes: [{ path: 'features.sim.pro.seats', kind: 'changed', before: 8, after: 9 }],
    summary: ['features.sim.pro.seats: 8 → 9'],
    newcomers: ['ws02'],
  };

  it('has a summary with the next step', async () => {
    const { out } = await run('draft status', { agent: editing(changed) });
    assert.equal(
      out,
      'Draft on v4: 1 change\n  features.sim.pro.seats: 8 → 9\n  + ws02 joined by invitation and becomes a member\nNext: leasehold config publish -m "…"\n',
    );
  });

  it('shows each change as it was and as it would be', async () => {
    const { out } = await run('draft diff', { agent: editing(changed) });
    assert.equal(out, 'features.sim.pro.seats changed\n  - 8\n  + 9\n');
  });

  it('goes back to the newest version only with a yes', async () => {
    for (const [line, sent] of [
      ['draft discard', 0],
      ['draft discard -n', 0],
      ['draft discard --yes', 1],
    ] as const) {
      const agent = editing(changed);
      await run(line, { agent });
      assert.equal(agent.commands.length, sent, line);
    }
    const agent = editing(changed);
    await run('draft discard --yes', { agent });
    assert.deepEqual(drafted(agent)?.features, {});
  });
});
