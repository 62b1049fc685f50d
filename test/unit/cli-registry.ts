import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Methods } from '../../core/agent/protocol.ts';
import { DENIAL_ENDINGS } from '../../core/cli/exit-codes.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';

const KEY = 'ab'.repeat(32);

function registry(): Registry {
  const parsed = parseRegistry({
    realm: { name: 'Fern Lab' },
    classes: { office: { term: 86_400, ahead: 2, maxOffline: 1_209_600, clock: 'none' } },
    software: { sim: { name: 'Simulator' } },
    features: { 'sim.pro': { name: 'Solver', software: 'sim', seats: 8 } },
    blocks: {},
    groups: { team: { name: 'Team', members: ['ana'] } },
    people: { ana: { name: 'Ana' }, ben: { name: 'Ben' } },
    hosts: { ws01: { name: 'One', class: 'office', roles: ['issuer', 'voter', 'editor'], logs: { 7: KEY } } },
    periods: { p1: { feature: 'sim.pro', from: '2030-01-01', until: '2030-12-31' } },
    reservations: {},
    rules: {},
    policy: { issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle' },
    relays: {},
    recovery: { keys: [KEY], threshold: 1 },
  });
  assert.ok(parsed.ok);
  return parsed.value;
}

type Draft = Methods['draft']['result'];
const CLEAN: Draft = { base: 4, changes: [], summary: [], problems: [], newcomers: [], contested: [] };

function editing(draft: Partial<Draft> = {}) {
  return fakeAgent({
    registry: ({ version }) => ({
      registry: version === 'draft' ? registry() : { ...registry(), features: {} },
      base: 4,
    }),
    draft: () => ({ ...CLEAN, ...draft }),
    versions: () => [
      {
        version: 4,
        id: 'cd'.repeat(32),
        parent: null,
        author: 'ws01',
        message: 'More seats',
        content: null,
        ackers: ['ws01'],
      },
      {
        version: 1,
        id: 'ef'.repeat(32),
        parent: null,
        author: 'ws01',
        message: '',
        content: null,
        ackers: [],
      },
    ],
  });
}

function drafted(agent: ReturnType<typeof editing>): Registry | undefined {
  const [command] = agent.commands;
  return command?.do === 'set-registry' ? (command.registry as Registry) : undefined;
}

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
    ['registry set features/sim.pro seats=many', 13],
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
      assert.equal(code, 13);
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

describe('registry files', () => {
  const files = {
    '/bad.yaml': 'features:\n  UPPER: {}\n',
    '/broken.yaml': 'a: [1,',
    '/bomb.yaml': `a: &a [x]\n${Array.from({ length: 150 }, (_, i) => `k${i}: *a`).join('\n')}\n`,
    '/dangling.json': JSON.stringify({ ...registry(), features: {} }),
    '/lab.json': readFileSync(new URL('../../../examples/lab.registry.json', import.meta.url), 'utf8'),
    '/nothing.yaml': '{}',
    '/other.yaml': 'recipe: { flour: 500 }',
    '/wrong-part.yaml': 'features:\n  f: { name: F, software: s, seats: -1 }\n',
    '/part.yaml': 'features:\n  f: { name: F, software: s, seats: 1 }\n',
  };
  const cases: readonly [line: string, exit: number, said: RegExp][] = [
    ['registry validate /bad.yaml', 1, /✗ features\.UPPER: /],
    ['registry validate /broken.yaml', 1, /neither YAML nor JSON/],
    ['registry validate /bomb.yaml', 1, /neither YAML nor JSON: Excessive alias count/],
    ['registry validate /dangling.json', 1, /✗ periods\.p1\.feature: there is no sim\.pro in features/],
    ['registry validate --import /part.yaml', 0, /✓ valid/],
    ['registry validate /part.yaml', 0, /✓ valid, as sections to import/],
    ['registry validate /lab.json', 0, /✓ valid, as sections to import/],
    [
      'registry validate /wrong-part.yaml',
      1,
      /✗ features\.f\.seats: expected a whole number from 0 to 1000000/,
    ],
    ['registry validate /nothing.yaml', 1, /✗ features: /],
    ['registry validate /other.yaml', 1, /✗ features: /],
    ['registry validate /missing', 3, /there is no \/missing/],
  ];
  for (const [line, exit, said] of cases) {
    it(`${line} ends with ${exit}, without an agent`, async () => {
      const { code, err, io, out } = await run(line, { files });
      assert.equal(code, exit);
      assert.match(out + err, said);
      assert.deepEqual(io.connected, []);
    });
  }

  it('are described by a JSON Schema', async () => {
    const whole = JSON.parse((await run('registry schema')).out);
    const part = JSON.parse((await run('registry schema --import')).out);
    assert.ok(whole.required.includes('features'));
    assert.equal(part.required, undefined);
  });

  it('list every problem to programs', async () => {
    const { out } = await run('registry validate /dangling.json --json', { files });
    const { data } = JSON.parse(out);
    assert.equal(data.valid, false);
    assert.deepEqual(
      data.problems.map(({ code }: { code: string }) => code),
      ['unknown-id'],
    );
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
