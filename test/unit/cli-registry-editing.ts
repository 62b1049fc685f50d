import assert from 'node:assert/strict';
import { DENIAL_ENDINGS } from '../../core/cli/exit-codes.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { CLEAN, drafted, editing, registry } from '../support/registry-agent.ts';

describe('registry editing', () => {
  it('drafts a new entry', async () => {
    const agent = editing();
    const line = ['registry', 'add', 'features/sim.mesh', 'name=Mesh maker', 'software=sim', 'seats=4'];
    const { code, out } = await run(line, { agent });
    assert.equal(code, 0);
    assert.deepEqual(drafted(agent)?.features['sim.mesh'], { name: 'Mesh maker', software: 'sim', seats: 4 });
    assert.match(out, /✓ \+1 feature: sim\.mesh/);
  });

  it('drafts changed fields, and changed lists', async () => {
    const agent = editing();
    await run('registry set groups/team members+=ben', { agent });
    assert.deepEqual(drafted(agent)?.groups.team?.members, ['ana', 'ben']);
  });

  it('drafts what limits, keeps, puts first and lingers, as numbers', async () => {
    const agent = editing();
    await run('registry add rules/r feature=sim.pro for/people=ana max=2 keep=1 priority=5', { agent });
    assert.deepEqual(drafted(agent)?.rules.r, {
      ...{ feature: 'sim.pro', for: { people: ['ana'] }, max: 2, keep: 1, priority: 5 },
    });
    const other = editing();
    await run('registry set features/sim.pro linger=60 per=user', { agent: other });
    assert.deepEqual(drafted(other)?.features['sim.pro']?.linger, 60);
  });

  it('drafts the absence of an entry', async () => {
    const agent = editing();
    await run('registry remove periods/p1', { agent });
    assert.deepEqual(drafted(agent)?.periods, {});
  });

  for (const [what, text] of [
    ['a text', 'hello'],
    ['a list', '[1, 2]'],
    ['nothing at all', ''],
  ] as const) {
    it(`says of an import that is ${what} what was expected`, async () => {
      const { code, err } = await run('registry import -', { stdin: text });
      assert.equal(code, 1);
      assert.match(err, /^✗ - is no registry: expected sections .* hosts, people and features, came .+\n/);
    });
  }

  it('drafts the sections of a file, and leaves the others', async () => {
    const agent = editing();
    const files = { '/i.yaml': 'software:\n  cad: { name: CAD }\n' };
    const { code, err } = await run('registry import /i.yaml', { agent, files });
    assert.equal(code, 0, err);
    assert.deepEqual(Object.keys(drafted(agent)?.software ?? {}), ['cad']);
    assert.equal(drafted(agent)?.features['sim.pro']?.seats, 8);
  });

  it('reads a file from standard input', async () => {
    const agent = editing();
    await run('registry import -', { agent, stdin: '{"software":{"cad":{"name":"CAD"}}}' });
    assert.deepEqual(Object.keys(drafted(agent)?.software ?? {}), ['cad']);
  });

  it('says what would be drafted in a dry run, with the problems that it would have', async () => {
    const problems = [{ path: 'periods.p1.feature', code: 'unknown-id', text: 'there is no sim.pro' }];
    const agent = editing({ problems });
    const { err, out } = await run('registry remove features/sim.pro -n', { agent });
    assert.match(out, /^Would draft: −1 feature: sim\.pro/);
    assert.match(err, /! periods\.p1\.feature: there is no sim\.pro/);
    assert.deepEqual(agent.commands, []);
  });

  it('drafts nothing when nothing changes', async () => {
    const agent = editing();
    const { out } = await run('registry set features/sim.pro seats=8', { agent });
    assert.equal(out, 'Nothing changes\n');
    assert.deepEqual(agent.commands, []);
  });

  const refused: readonly [line: string, exit: number][] = [
    ['registry add features/sim.pro name=x software=sim seats=1', 5],
    ['registry add nonsense/x name=x', 2],
    ['registry set features/none seats=1', 3],
    ['registry set features/sim.pro seats', 2],
    ['registry set features/sim.pro seats=many', 2],
    ['registry remove features', 2],
    ['registry import /missing', 3],
  ];
  for (const [line, exit] of refused) {
    it(`refuses ${line} with ${exit}, drafting nothing`, async () => {
      const agent = editing();
      const { code, out } = await run(line, { agent });
      assert.deepEqual([code, out], [exit, '']);
      assert.deepEqual(agent.commands, []);
    });
  }

  const numbers: readonly [fields: string, range: RegExp][] = [
    ['features/sim.pro seats=many', /seats: expected a whole number from 0 to 1000000, came "many"$/m],
    ['features/sim.pro seats=-1', /from 0 to 1000000, came "-1"$/m],
    ['features/sim.pro seats=1.5', /from 0 to 1000000, came "1\.5"$/m],
    ['features/sim.pro seats=1000001', /from 0 to 1000000, came 1000001$/m],
    ['classes/office term=1', /term: expected a whole number from 60 to 31622400, came 1$/m],
    ['policy issuers=0', /issuers: expected a whole number from 1 to 1000, came 0$/m],
  ];
  for (const [fields, range] of numbers) {
    it(`says what number ${fields} should be`, async () => {
      const { code, err } = await run(`registry set ${fields}`, { agent: editing() });
      assert.equal(code, 2);
      assert.match(err, range);
    });
  }

  it('tells whoever lacks a role how to find an issuer, be it a host', async () => {
    const { hint } = DENIAL_ENDINGS['not-an-issuer'];
    const [, line = ''] = /leasehold (registry find issuer)/.exec(hint) ?? [];
    assert.match((await run(line, { agent: editing() })).out, /^hosts\/ws01 /m);
  });

  it('ends with 4 for whoever is no editor', async () => {
    const agent = fakeAgent(
      { registry: () => ({ registry: registry(), base: 4 }), draft: () => CLEAN },
      () => ({ ok: false, reason: 'not-an-editor', detail: 'ana' }),
    );
    assert.equal((await run('registry set features/sim.pro seats=9', { agent })).code, 4);
  });
});

describe('registry validate without a file', () => {
  it('says that the draft is valid, and which one', async () => {
    const { code, out } = await run('registry validate', { agent: editing() });
    assert.equal(code, 0);
    assert.match(out, /✓ the draft on v4 is valid$/m);
  });

  it('lists what compiling finds wrong with the draft, and what has lost its form', async () => {
    const problems = [{ path: 'periods.p1.feature', code: 'unknown-id', text: 'there is no sim.pro' }];
    const bad = await run('registry validate', { agent: editing({ problems }) });
    assert.equal(bad.code, 1);
    assert.match(bad.out, /✗ periods\.p1\.feature: there is no sim\.pro\n(.*\n)*1 problem of the draft/);
    const agent = fakeAgent({ registry: () => ({ registry: { features: 1 }, base: 4 }) });
    const formless = await run('registry validate --json', { agent });
    assert.equal(formless.code, 1);
    const { data } = JSON.parse(formless.out);
    assert.deepEqual([data.form, data.valid, data.problems[0].code], ['draft', false, 'schema']);
  });

  it('wants a file where one is to be imported', async () => {
    const { code, err } = await run('registry validate --import', { agent: editing() });
    assert.equal(code, 2);
    assert.match(err, /expected the file/);
  });
});
