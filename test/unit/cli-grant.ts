import assert from 'node:assert/strict';
import type { Registry } from '../../core/state/registry.ts';
import { fakeAgent, QUIET } from '../support/fake-agent.ts';
import { type Ran, run, type Setting } from '../support/fake-io.ts';
import { codeOf, forgedCode, type Granting, grantedRegistry, STRANGER } from '../support/grants.ts';
import { draftedBy } from '../support/registry-agent.ts';

const REALM = QUIET.realm?.id ?? '';
const CLEAN = { base: 42, changes: [], summary: [], problems: [], newcomers: [], contested: [] };

/** Runs a command line where the draft is the small lab with these licence codes. */
async function ran(
  line: string | readonly string[],
  held: readonly Granting[] = [],
  setting: Setting = {},
): Promise<Ran & { readonly drafted: Registry | null }> {
  const registry = await grantedRegistry(...held);
  const agent = fakeAgent({ registry: () => ({ registry, base: 42 }), draft: () => CLEAN });
  const done = await run(line, { ...setting, agent });
  return { ...done, drafted: draftedBy(agent, registry) ?? null };
}

describe('registry grant import', () => {
  it('takes a code as a word, as words, from a file, and from standard input', async () => {
    const code = await codeOf();
    const ways: readonly [line: readonly string[], setting: Setting][] = [
      [[code], {}],
      [code.toLowerCase().split('-'), {}],
      [['/acme.txt'], { files: { '/acme.txt': `# from Northlight\n${code.replaceAll('-', ' ')}\n` } }],
      [['-'], { stdin: code }],
    ];
    for (const [words, setting] of ways) {
      const {
        code: exit,
        drafted,
        err,
        out,
      } = await ran(['registry', 'grant', 'import', ...words], [], setting);
      assert.equal(exit, 0, err);
      assert.deepEqual(drafted?.grants, { 'order-1': { code } });
      assert.match(
        out,
        /^order-1 of northlight: ray-batch=5 ray-view=2 of raytracer, 2030-01-01 to 2030-12-31\n/,
      );
      assert.match(err, /Drafted; it takes effect with leasehold config publish/);
    }
  });

  it('says with --dry-run what it would take, and drafts nothing', async () => {
    const { code, drafted, out } = await ran(`registry grant import ${await codeOf()} --dry-run`);
    assert.deepEqual([code, drafted], [0, null]);
    assert.match(out, /Would draft: \+1 licence code: order-1/);
  });

  it('twice changes nothing', async () => {
    const { code, drafted, out } = await ran(`registry grant import ${await codeOf()}`, [{}]);
    assert.deepEqual([code, drafted], [0, null]);
    assert.match(out, /there already\nNothing changes\n$/);
  });

  it('shows the fingerprint of a key that is believed from now on', async () => {
    const line = `registry grant import ${await codeOf({}, STRANGER)} --trust acme`;
    const trusted = await ran(line);
    // The software is Northlight's in this lab.
    assert.equal(trusted.code, 13);
    assert.match(trusted.err, /acme signed it, seats of raytracer are granted by northlight/);
    const { drafted, out } = await ran(
      `registry grant import ${await codeOf({ id: 'n' })} --trust northlight --json`,
    );
    assert.deepEqual(Object.keys(drafted?.grants ?? {}), ['n']);
    const { data, kind } = JSON.parse(out);
    assert.equal(kind, 'RegistryEdit');
    assert.equal(data.grants[0].trusted, false);
    assert.match(data.grants[0].fingerprint, /^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
  });

  it('says of a code that is there already that it counts no more', async () => {
    const held = [{}, { id: 'b', supersedes: 'order-1' }];
    const { out } = await ran(`registry grant import ${await codeOf()}`, held);
    assert.match(out, /there already, and counts no more: superseded by b$/m);
  });

  it('says that a renewal is not valid yet, and whose place a code takes', async () => {
    const code = await codeOf({ id: 'b', from: '2031-01-01', until: '2031-12-31', supersedes: 'order-1' });
    const { out } = await ran(`registry grant import ${code}`, [{}]);
    assert.match(out, /not yet valid: nothing of it counts before 2031-01-01/);
    assert.match(out, /in place of order-1, which counts no more/);
  });

  const refusals: readonly [
    why: string,
    words: () => Promise<string>,
    held: readonly Granting[],
    exit: number,
    said: RegExp,
  ][] = [
    [
      'is mistyped',
      async () => (await codeOf()).split('-').with(6, 'ZZZZZZ').join('-'),
      [],
      1,
      /^✗ licence mistyped: group 7 \(ZZZZZZ\) is mistyped, [0-9A-Z]{6} would fit\n {2}compare it with what the vendor sent, group by group\n$/,
    ],
    [
      'is cut off',
      async () => (await codeOf()).slice(0, 100),
      [],
      1,
      /^✗ licence truncated: expected 3\d\d characters/,
    ],
    ['is forged', () => forgedCode(), [], 8, /^✗ licence bad signature: not signed by the key that it names/],
    [
      'is by a key that nobody trusts',
      () => codeOf({}, STRANGER),
      [],
      4,
      /^✗ licence unknown vendor: .*, fingerprint [0-9a-f ]+\n {2}if the vendor confirms the fingerprint, add --trust VENDOR/,
    ],
    [
      'is for another realm',
      () => codeOf({ realm: 'cd'.repeat(32) as never }),
      [],
      13,
      /^✗ licence other realm: it is for the realm cdcd/,
    ],
    [
      'has expired',
      () => codeOf({ from: '2029-01-01', until: '2029-12-31' }),
      [],
      7,
      /^✗ licence expired: it ended with 2029-12-31/,
    ],
    [
      'is superseded',
      () => codeOf(),
      [{ id: 'b', supersedes: 'order-1' }],
      5,
      /^✗ licence superseded: b stands in its place/,
    ],
    [
      'has the id of another',
      () => codeOf({ note: 'two' }),
      [{}],
      5,
      /^✗ licence id taken: another code calls itself order-1/,
    ],
    [
      'names an unknown product',
      () => codeOf({ product: 'x' }),
      [],
      3,
      /^✗ licence unknown product: there is no x in software/,
    ],
    [
      'names an unknown feature',
      () => codeOf({ features: { x: 1 } }),
      [],
      3,
      /^✗ licence unknown feature: there is no x in features/,
    ],
    [
      'is of a later format',
      async () => (await codeOf()).replace('GRANT1', 'GRANT2'),
      [],
      1,
      /^✗ licence newer format: expected GRANT1/,
    ],
    [
      'is no code and no file',
      async () => 'nonsense',
      [],
      3,
      /^✗ a file cannot be read: there is no nonsense/,
    ],
    ['stands beside another word that is none', async () => 'a b', [], 2, /^✗ expected one code or one file/],
    [
      'is to be trusted as nobody that a registry could have',
      async () => `${await codeOf()} --trust A!`,
      [],
      2,
      /^✗ expected the id of a vendor, came A!/,
    ],
  ];
  for (const [why, words, held, exit, said] of refusals) {
    it(`refuses a code that ${why}, and drafts nothing`, async () => {
      const { code, drafted, err } = await ran(`registry grant import ${await words()}`, held);
      assert.match(err, said);
      assert.deepEqual([code, drafted], [exit, null]);
    });
  }

  it('tells programs the reason as a code', async () => {
    const { err } = await ran(`registry grant import ${await forgedCode()} --json`);
    assert.equal(JSON.parse(err).error.code, 'LICENCE_BAD_SIGNATURE');
  });

  it('refuses a file without a code, and one that is too long', async () => {
    const files = { '/empty': '# nothing\n', '/long': ' '.repeat(70_000) };
    assert.match((await ran('registry grant import /empty', [], { files })).err, /^✗ licence other text/);
    assert.match((await ran('registry grant import /long', [], { files })).err, /^✗ licence too large/);
  });
});

describe('registry grant', () => {
  const HELD: readonly Granting[] = [
    { id: 'a', until: '2030-01-31' },
    { id: 'b' },
    { id: 'c', supersedes: 'b' },
    { id: 'd', from: '2031-01-01', until: '2031-12-31' },
    { id: 'e', realm: 'cd'.repeat(32) as never },
  ];

  it('list shows what each grants, and whether it counts now', async () => {
    const { code, out } = await ran('registry grant list', HELD);
    assert.equal(code, 0);
    assert.match(out, /^ID +VENDOR +PRODUCT +SEATS +FROM +UNTIL +STATE\n/);
    const states: readonly [id: string, state: RegExp][] = [
      ['a', /northlight +raytracer +ray-batch=5 ray-view=2 +2030-01-01 +2030-01-31 +expired$/],
      ['b', /superseded by c$/],
      ['c', /in force$/],
      ['d', /2031-01-01 +2031-12-31 +not yet valid$/],
      ['e', /it is for the realm (cd){32}, this is (ab){32}$/],
    ];
    for (const [id, state] of states) {
      assert.match(out.split('\n').find((line) => line.startsWith(`${id} `)) ?? '', state);
    }
    const items = JSON.parse((await ran('registry grant list --json', HELD)).out).items;
    assert.deepEqual(
      items.map(({ state }: { state: string }) => state),
      ['expired', 'superseded', 'in-force', 'not-yet-valid', 'other-realm'],
    );
    assert.equal((await ran('registry grant list')).out, 'No licence codes\n');
  });

  it('lists of the registry leave codes and keys to commands of their own', async () => {
    assert.equal((await ran('registry list grants', [{ id: 'a' }])).out, 'ID\na\n');
    assert.equal((await ran('registry list vendors')).out, 'ID          NAME\nnorthlight  Northlight\n');
  });

  it('show has all that a code says, and its groups in numbered lines', async () => {
    const more = { note: 'Order 7', overdraft: { 'ray-view': 1 }, realm: REALM as never, supersedes: 'z' };
    const { out } = await ran('registry grant show order-1', [more]);
    for (const line of [
      /^Seats {8}ray-batch=5 ray-view=2$/m,
      /^Overdraft {4}ray-view=1$/m,
      /^Realm {8}(ab){32}$/m,
      /^In place of {2}z$/m,
      /^Note {9}Order 7$/m,
      /^Vendor {7}northlight$/m,
      /^State {8}in force$/m,
      /^ 1 {2}GRANT1( [0-9A-Z]{6}){4}$/m,
      /^ 6 {2}[0-9A-Z]{6}/m,
    ]) {
      assert.match(out, line);
    }
    assert.equal((await ran('registry grant show none')).code, 3);
  });

  it('remove takes one out of the draft', async () => {
    const { drafted, out } = await ran('registry grant remove a', HELD);
    assert.deepEqual(Object.keys(drafted?.grants ?? {}), ['b', 'c', 'd', 'e']);
    assert.match(out, /−1 licence code: a/);
    assert.equal((await ran('registry grant remove none', HELD)).code, 3);
    assert.equal((await ran('registry grant remove a --dry-run', HELD)).drafted, null);
  });
});

describe('registry validate', () => {
  it('checks the signatures of licence codes without an agent', async () => {
    const good = await grantedRegistry({});
    const bad = { ...good, grants: { 'order-1': { code: await forgedCode() } } };
    const files = { '/good.json': JSON.stringify(good), '/bad.json': JSON.stringify(bad) };
    assert.equal((await run('registry validate /good.json', { files })).code, 0);
    const { code, out } = await run('registry validate /bad.json', { files });
    assert.equal(code, 1);
    assert.match(out, /grants\.order-1\.code: its signature is not of the key that it names/);
  });
});
