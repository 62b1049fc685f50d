import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { importFlexnet } from '../../core/state/flexnet-import.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { diffRegistry } from '../../core/state/registry-diff.ts';

type Group = Registry['groups'][string];

function whole(registry: Registry): Registry {
  const verdict = parseRegistry(registry);
  assert(verdict.ok, verdict.ok ? '' : verdict.detail);
  return verdict.value;
}

const BASE = whole(
  JSON.parse(readFileSync(new URL('../../../test/vectors/flexnet/base.json', import.meta.url), 'utf8')),
);

function taken(base: Registry, text: string, software: string | null = null) {
  const imported = importFlexnet(base, text, { create: false, software });
  assert(imported.ok);
  const { earlier, lines, registry } = imported.value;
  return {
    registry: whole(registry),
    earlier: earlier.flatMap(({ outcome, path, said }) =>
      path.startsWith('groups/') ? [`${path} ${outcome}: ${said}`] : [],
    ),
    lines: lines.map(({ said }) => said),
  };
}

/** The registry with a group as somebody writes it. */
function withGroup(registry: Registry, id: string, group: Group): Registry {
  return whole({ ...registry, groups: { ...registry.groups, [id]: group } });
}

/** The people or hosts of each group beside those there were. */
function madeIn({ groups }: Registry) {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([id, { hosts, members }]) =>
      Object.hasOwn(BASE.groups, id) ? [] : [[id, members ?? hosts]],
    ),
  );
}

function imported(registry: Registry, id: string): Group {
  const group = registry.groups[id];
  assert(group?.imported !== undefined);
  return group;
}

describe('A group of an options file that is imported again', () => {
  for (const [keyword, side, members] of [
    ['GROUP', 'members', 'ana bo'],
    ['HOST_GROUP', 'hosts', 'ws01 ws02'],
  ] as const) {
    it(`is taken back with its ${keyword} line, and that is said once`, () => {
      const once = taken(BASE, `${keyword} team ${members}`).registry;
      assert.deepEqual(imported(once, 'team')[side], members.split(' '));
      const { earlier, registry } = taken(once, '# gone');
      assert.deepEqual(registry, BASE);
      assert.deepEqual(earlier, ['groups/team taken-back: it was imported and no line makes it any more']);
      assert.deepEqual(taken(registry, '# gone').earlier, []);
    });

    it(`loses a member that the ${keyword} line no longer names, and keeps its id`, () => {
      const once = taken(BASE, `${keyword} team ${members}`).registry;
      const { earlier, registry } = taken(once, `# moved\n${keyword} team ${members.split(' ')[1]}`);
      assert.deepEqual([madeIn(registry), earlier], [{ team: [members.split(' ')[1]] }, []]);
      assert.deepEqual(taken(registry, '').registry, BASE);
    });
  }

  it('is taken back when nobody is left in it', () => {
    const once = taken(BASE, 'GROUP team ana').registry;
    assert.deepEqual(taken(once, 'GROUP team nobody').registry, BASE);
  });

  const changes: readonly [what: string, change: (group: Group) => Group][] = [
    ['a member more', (group) => ({ ...group, members: ['ana', 'bo', 'cy'] })],
    ['a member less', (group) => ({ ...group, members: ['ana'] })],
    ['hosts', (group) => ({ ...group, hosts: ['ws01'] })],
    ['another name', (group) => ({ ...group, name: 'Team of the lab' })],
    ['a note', (group) => ({ ...group, note: 'Asked for by the lab' })],
  ];
  for (const [what, change] of changes) {
    it(`is kept as somebody's own once it was given ${what}, and that is said once`, () => {
      const once = taken(BASE, 'GROUP team ana bo').registry;
      const { imported: _, ...mine } = change(imported(once, 'team'));
      const { earlier, registry } = taken(withGroup(once, 'team', change(imported(once, 'team'))), '# gone');
      assert.deepEqual(registry, withGroup(BASE, 'team', mine));
      assert.deepEqual(earlier, [
        "groups/team kept: it was changed since it was imported; it is nobody's import any more",
      ]);
      assert.deepEqual(taken(registry, '# gone').earlier, []);
    });

    it(`is made beside the one that was given ${what}`, () => {
      const once = taken(BASE, 'GROUP team ana bo').registry;
      const changed = withGroup(once, 'team', change(imported(once, 'team')));
      const { lines, registry } = taken(changed, 'GROUP team ana bo\nMAX 1 mesh GROUP team');
      const { imported: _, ...mine } = change(imported(once, 'team'));
      assert.deepEqual(registry.groups.team, mine);
      assert.deepEqual(registry.groups['team-2']?.members, ['ana', 'bo']);
      assert.deepEqual(registry.rules['flexnet.line-2']?.for, { groups: ['team-2'] });
      assert.equal(lines[0], 'groups/team-2 (people: 2)');
      assert.deepEqual(
        diffRegistry(registry, taken(registry, 'GROUP team ana bo\nMAX 1 mesh GROUP team').registry),
        [],
      );
    });
  }

  it('never fills a group of its name that somebody made, nor takes that one back', () => {
    const before = withGroup(BASE, 'team', { name: 'team', members: ['cy'] });
    const once = taken(before, 'GROUP team ana bo').registry;
    assert.deepEqual(madeIn(once), { team: ['cy'], 'team-2': ['ana', 'bo'] });
    assert.deepEqual(taken(once, '').registry, before);
  });

  it('keeps the group of its own though somebody has made one with an id before it', () => {
    const before = withGroup(BASE, 'team', { name: 'team', members: ['cy'] });
    const once = taken(before, 'GROUP team ana bo').registry;
    const { team: _, ...groups } = once.groups;
    assert.deepEqual(madeIn(taken({ ...once, groups }, 'GROUP team ana').registry), { 'team-2': ['ana'] });
  });

  for (const side of ['allow', 'deny', 'for'] as const) {
    it(`is kept while a rule of somebody's names it in its \`${side}\`, and that is said`, () => {
      const once = taken(BASE, 'GROUP team ana\nEXCLUDE mesh GROUP team').registry;
      const mine = {
        feature: 'mesh',
        [side]: { groups: ['team'] },
        ...(side === 'for' ? { max: 1 } : {}),
      };
      const { earlier, registry } = taken({ ...once, rules: { ...once.rules, mine } }, '');
      assert.deepEqual(registry.groups.team, { name: 'team', members: ['ana'] });
      assert.deepEqual(Object.keys(registry.rules), ['mine']);
      assert.deepEqual(earlier, [
        "groups/team kept: no line makes it any more, but rules/mine names it; it is nobody's import any more",
      ]);
    });
  }

  it('is neither filled nor taken back by a file for another software that has one of its name', () => {
    const cad = taken(BASE, 'GROUP team ana', 'cad').registry;
    const both = taken(cad, 'GROUP team bo', 'raytracer').registry;
    assert.deepEqual(madeIn(both), { team: ['ana'], 'team-2': ['bo'] });
    assert.deepEqual(madeIn(taken(both, '', 'raytracer').registry), { team: ['ana'] });
    assert.deepEqual(madeIn(taken(both, '', 'cad').registry), { 'team-2': ['bo'] });
  });

  it('keeps its id, by which rules of others know it, when lines change places', () => {
    const once = taken(BASE, 'GROUP "A team" ana\nGROUP a-team bo').registry;
    assert.deepEqual(madeIn(once), { 'a-team': ['ana'], 'a-team-2': ['bo'] });
    const { registry } = taken(once, 'GROUP a-team bo\nGROUP "A team" ana');
    assert.deepEqual(diffRegistry(once, registry), []);
  });

  it('keeps the ids of a group of people and one of hosts of the same name when lines change places', () => {
    const once = taken(BASE, 'GROUP team ana\nHOST_GROUP team ws01').registry;
    assert.deepEqual(madeIn(once), { team: ['ana'], 'team-2': ['ws01'] });
    const { registry } = taken(once, 'HOST_GROUP team ws01\nGROUP team ana');
    assert.deepEqual(diffRegistry(once, registry), []);
  });

  it('does not become another one that comes before it in the file and would have its id', () => {
    const once = taken(BASE, 'GROUP "A team" ana').registry;
    const { registry } = taken(once, 'GROUP a-team bo\nGROUP "A team" ana');
    assert.deepEqual(madeIn(registry), { 'a-team': ['ana'], 'a-team-2': ['bo'] });
  });

  it('has one entry each for names that are alike as far as a name is kept', () => {
    const [one, other] = [`${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`];
    const text = `GROUP ${one} ana\nGROUP ${other} bo`;
    const once = taken(BASE, text).registry;
    assert.deepEqual(Object.values(madeIn(once)), [['ana'], ['bo']]);
    assert.deepEqual(diffRegistry(once, taken(once, text).registry), []);
  });

  it('is never named by half a character', () => {
    const { registry } = taken(BASE, `GROUP ${'x'.repeat(199)}😀 ana`);
    assert.deepEqual(
      Object.values(registry.groups)
        .map(({ name }) => name)
        .sort()[1],
      'x'.repeat(199),
    );
  });
});
