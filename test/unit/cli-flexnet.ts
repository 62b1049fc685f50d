import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { draftedBy } from '../support/registry-agent.ts';

const parsed = parseRegistry(
  JSON.parse(readFileSync(new URL('../../../test/vectors/flexnet/base.json', import.meta.url), 'utf8')),
);
assert(parsed.ok);
const BASE = parsed.value;

const FILE = `# who is who
GROUP team ana bo zoe
MAX 2 mesh GROUP team
TIMEOUT mesh 900
RESERV 1 mesh USER ana
`;

function editing() {
  return fakeAgent({
    registry: () => ({ registry: BASE, base: 4 }),
    draft: () => ({ base: 4, changes: [], summary: [], problems: [], newcomers: [], contested: [] }),
  });
}

function drafted(agent: ReturnType<typeof editing>): Registry | undefined {
  return draftedBy(agent, BASE);
}

describe('registry import --flexnet', () => {
  it('drafts what a file asks for and says of each line what became of it', async () => {
    const agent = editing();
    const { code, err, out } = await run('registry import --flexnet /o.opt', {
      agent,
      files: { '/o.opt': FILE },
    });
    assert.equal(code, 0, err);
    assert.deepEqual(drafted(agent)?.rules, {
      'flexnet.line-3': { feature: 'mesh', for: { groups: ['team'] }, max: 2 },
    });
    assert.deepEqual(out.split('\n').slice(0, 9), [
      '~ 2: GROUP team ana bo zoe',
      '    taken in part: groups/team (people: 2); no person zoe',
      '✓ 3: MAX 2 mesh GROUP team',
      '    taken as rules/flexnet.line-3 max=2',
      '✓ 4: TIMEOUT mesh 900',
      '    taken as features/mesh/timeout=900, for tools that say when they are in use',
      '✗ 5: RESERV 1 mesh USER ana',
      '    left out: RESERV is no keyword of options files',
      '2 lines taken, 1 in part, 1 left out, 1 without content',
    ]);
  });

  it('gives the same as data, every line of it', async () => {
    const { out } = await run('registry import --flexnet - --json', { agent: editing(), stdin: FILE });
    const { data } = JSON.parse(out);
    assert.deepEqual(
      data.lines.map(({ line, outcome, reason }: Record<string, unknown>) => [line, outcome, reason]),
      [
        [1, 'nothing', null],
        [2, 'in-part', 'unknown-person'],
        [3, 'taken', null],
        [4, 'taken', null],
        [5, 'left-out', 'unknown-keyword'],
      ],
    );
    assert.equal(data.drafted, true);
  });

  it('says what it took back of an earlier import, in words and as data', async () => {
    const first = editing();
    await run('registry import --flexnet -', { agent: first, stdin: FILE });
    const registry = drafted(first);
    assert(registry !== undefined);
    const again = fakeAgent({
      registry: () => ({ registry, base: 4 }),
      draft: () => ({ base: 4, changes: [], summary: [], problems: [], newcomers: [], contested: [] }),
    });
    const { out } = await run('registry import --flexnet - -n', { agent: again, stdin: '# gone\n' });
    assert.deepEqual(out.split('\n').slice(0, 7), [
      '− features/mesh/timeout',
      '    taken back: 900 was imported and no line sets it any more; nothing was there before',
      '− groups/team',
      '    taken back: it was imported and no line makes it any more',
      '− rules/flexnet.line-3',
      '    taken back: it was imported and no line asks for it any more',
      '0 lines taken, 0 in part, 0 left out, 1 without content',
    ]);
    const { out: json } = await run('registry import --flexnet - -n --json', { agent: again, stdin: '' });
    assert.deepEqual(
      JSON.parse(json).data.earlier.map(({ outcome }: Record<string, unknown>) => outcome),
      ['taken-back', 'taken-back', 'taken-back'],
    );
  });

  it('shows the difference and drafts nothing in a dry run', async () => {
    const agent = editing();
    const { out } = await run('registry import --flexnet - -n', { agent, stdin: FILE });
    assert.match(out, /Would draft: \+1 group: team\nWould draft: \+1 rule: flexnet\.line-3\n/);
    assert.deepEqual(agent.commands, []);
  });

  it('makes people with --create, and takes only what concerns the software named', async () => {
    const agent = editing();
    const line = 'registry import --flexnet - --create --software raytracer';
    await run(line, { agent, stdin: 'MAX 1 mesh USER ana\nMAX 1 ray-view USER zoe\n' });
    assert.deepEqual(drafted(agent)?.people.zoe, { name: 'zoe' });
    assert.deepEqual(Object.keys(drafted(agent)?.rules ?? {}), ['flexnet.raytracer.line-2']);
  });

  const refused: readonly [why: string, line: string, stdin: string, exit: number][] = [
    ['a file that is not there', 'registry import --flexnet /missing', '', 3],
    ['a software that is not there', 'registry import --flexnet - --software x', FILE, 3],
    ['a file with more lines than are looked at', 'registry import --flexnet -', '\n'.repeat(100_001), 1],
  ];
  for (const [why, line, stdin, exit] of refused) {
    it(`refuses ${why}, drafting nothing`, async () => {
      const agent = editing();
      const { code } = await run(line, { agent, stdin });
      assert.deepEqual([code, agent.commands], [exit, []]);
    });
  }
});
