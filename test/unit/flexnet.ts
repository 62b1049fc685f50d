import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { FLEXNET_REASONS } from '../../core/state/flexnet-directives.ts';
import { type FlexnetOptions, importFlexnet } from '../../core/state/flexnet-import.ts';
import { MAX_FLEXNET_LINE, MAX_FLEXNET_LINES, MAX_FLEXNET_TEXT } from '../../core/state/flexnet-lines.ts';
import { COLLECTIONS, parseRegistry, type Registry } from '../../core/state/registry.ts';
import { checkRegistry } from '../../core/state/registry-check.ts';
import { diffRegistry } from '../../core/state/registry-diff.ts';
import { accessTo, mayUse } from '../../core/state/rules.ts';
import { seededRandom } from '../support/random.ts';

const VECTORS = new URL('../../../test/vectors/flexnet/', import.meta.url);
const NAMES = readdirSync(VECTORS)
  .filter((name) => name.endsWith('.opt'))
  .map((name) => name.slice(0, -4));

function read(name: string): string {
  return readFileSync(new URL(name, VECTORS), 'utf8');
}

const parsed = parseRegistry(JSON.parse(read('base.json')));
assert(parsed.ok, parsed.ok ? '' : parsed.detail);
const BASE: Registry = parsed.value;

const PLAIN: FlexnetOptions = { create: false, software: null };

/** How a corpus file is imported: `# import: create software=cad` in its first line. */
function optionsOf(text: string): FlexnetOptions {
  const [, given = ''] = /^# import: (.*)/.exec(text) ?? [];
  return { create: given.includes('create'), software: /software=(\S+)/.exec(given)?.[1] ?? null };
}

function taken(text: string, options = PLAIN, base = BASE) {
  const imported = importFlexnet(base, text, options);
  assert(imported.ok);
  return imported.value;
}

/** The registry after an import as what a draft would hold: of good form and in normal order. */
function whole(registry: Registry): Registry {
  const verdict = parseRegistry(registry);
  assert(verdict.ok, verdict.ok ? '' : verdict.detail);
  return verdict.value;
}

/** What is recorded of an import: each line's fate, the entries that it made or changed, and what is wrong with the result. */
function recorded(text: string) {
  const { lines, registry } = taken(text, optionsOf(text));
  const result = whole(registry);
  const sections = COLLECTIONS.flatMap((name) => {
    const [before, after]: Record<string, unknown>[] = [BASE[name], result[name]];
    const changed = Object.entries(after ?? {}).filter(
      ([id, entry]) => JSON.stringify(entry) !== JSON.stringify(before?.[id]),
    );
    return changed.length === 0 ? [] : [[name, Object.fromEntries(changed)]];
  });
  return {
    lines: lines.flatMap(({ line, outcome, reason, said }) =>
      outcome === 'nothing' ? [] : [{ line, outcome, ...(reason === null ? {} : { reason }), said }],
    ),
    registry: Object.fromEntries(sections),
    problems: checkRegistry(result).map(({ code, path }) => `${path} ${code}`),
  };
}

describe('An options file', () => {
  it('of the corpus is one of at least thirty', () => {
    assert(NAMES.length >= 30);
  });

  for (const name of NAMES) {
    it(`${name}.opt becomes what its expectation says, line by line`, () => {
      assert.deepEqual(recorded(read(`${name}.opt`)), JSON.parse(read(`${name}.json`)));
    });
  }

  for (const name of NAMES) {
    it(`${name}.opt changes nothing when it is imported again`, () => {
      const text = read(`${name}.opt`);
      const once = whole(taken(text, optionsOf(text)).registry);
      const twice = whole(taken(text, optionsOf(text), once).registry);
      assert.deepEqual(diffRegistry(once, twice), []);
    });
  }

  it('tries every reason for which something is left out', () => {
    const met = new Set(
      NAMES.flatMap((name) => recorded(read(`${name}.opt`)).lines.map(({ reason }) => reason)),
    );
    const elsewhere = new Set(['too-long']);
    assert.deepEqual(
      FLEXNET_REASONS.filter((reason) => !met.has(reason) && !elsewhere.has(reason)),
      [],
    );
  });

  it('that has shrunk takes its rules, blocks and reservations back, and leaves those of others alone', () => {
    const others = { ...BASE, rules: { mine: { feature: 'mesh', deny: { people: ['gus'] } } } };
    const text = read('a-site.opt');
    const full = taken(text, PLAIN, others).registry;
    const { registry } = taken('# all gone\n', PLAIN, full);
    assert.deepEqual([registry.rules, registry.reservations, registry.blocks], [others.rules, {}, {}]);
  });
});

describe('A line about access that cannot be read', () => {
  const long = ` ${'ana '.repeat(MAX_FLEXNET_LINE)}`;
  const spoiled: readonly [what: string, of: (keyword: string) => string][] = [
    ['with a quote that does not end', (keyword) => `${keyword} mesh USER "bob\n`],
    ['with such a quote before its feature', (keyword) => `${keyword} "mesh USER bob\n`],
    ['with such a quote within its feature', (keyword) => `${keyword} me"sh USER bob\n`],
    ['with a control character', (keyword) => `${keyword} mesh USER bo\x07\n`],
    ['with one in its feature', (keyword) => `${keyword} me\x00sh USER bob\n`],
    ['with one in its keyword', (keyword) => `${keyword.slice(0, 3)}\x00${keyword.slice(3)} mesh USER bob\n`],
    ['of bytes that were no text', (keyword) => `${keyword} m\ufffdsh USER bob\n`],
    ['in wide characters', (keyword) => [...`${keyword} mesh USER bob`].join('\0')],
    ['that goes on after the end', (keyword) => `${keyword} mesh USER bob \\`],
    ['that goes on after the end at once', (keyword) => `${keyword} \\`],
    ['that is too long', (keyword) => `${keyword} mesh USER bob${long}\n`],
  ];
  for (const [what, of] of spoiled) {
    it(`and lets in, ${what}, opens nothing`, () => {
      const { lines, registry } = taken(of('INCLUDE'));
      assert.match(lines[0]?.said ?? '', /it opens nothing/);
      assert.deepEqual(Object.values(registry.rules)[0]?.allow, { people: [] });
      const access = accessTo(whole(registry)).get('mesh');
      assert.equal(access && mayUse(access, 'ana', Object.keys(BASE.hosts)[0] ?? '').allow, false);
    });

    it(`and shuts out, ${what}, keeps the draft from being published`, () => {
      const { lines, registry } = taken(of('EXCLUDE'));
      assert.match(lines[0]?.said ?? '', /cannot be published/);
      const codes = checkRegistry(whole(registry)).map(({ code }) => code);
      assert(codes.includes('rule-matches-nobody'), codes.join());
    });
  }

  it('leaves to others what another line opens', () => {
    const { registry } = taken('INCLUDE mesh USER ana\nINCLUDE mesh USER "bo\n');
    assert.deepEqual(
      Object.values(registry.rules).map(({ allow }) => allow),
      [{ people: ['ana'] }],
    );
  });

  it('keeps the draft from being published, though another line shuts somebody else out', () => {
    const { registry } = taken('EXCLUDE mesh USER ana\nEXCLUDE mesh USER "bo\n');
    assert.deepEqual(
      Object.values(registry.rules).map(({ deny }) => deny),
      [{ people: ['ana'] }, { people: [] }],
    );
  });

  it('shuts out from all where it is about all', () => {
    const { registry } = taken('EXCLUDEALL USER "bo\nINCLUDEALL USER "bo\n');
    const [block] = Object.values(registry.blocks);
    assert.deepEqual(block?.features, Object.keys(BASE.features));
    assert.deepEqual(
      Object.values(registry.rules).map(({ allow, deny }) => allow ?? deny),
      [{ people: [] }, { people: [] }],
    );
  });

  it('may be the one that says who is in a group that is shut out', () => {
    const { lines, registry } = taken('GROUP left ana\nGROUP left "bo\nEXCLUDE mesh GROUP left\n');
    assert.match(lines[2]?.said ?? '', /cannot be published/);
    assert(checkRegistry(whole(registry)).some(({ code }) => code === 'rule-matches-nobody'));
  });
});

describe('A damaged options file', () => {
  const SITE = read('a-site.opt');

  /** Every line of the file is in exactly one outcome, and the registry is of good form. */
  function assertAccounted(text: string): void {
    const { lines, registry } = taken(text);
    whole(registry);
    let last = 0;
    for (const { line } of lines) {
      assert(line > last);
      last = line;
    }
    assert(lines.length <= text.split('\n').length);
  }

  it('cut off after any character is taken as far as it goes', () => {
    for (let end = 0; end <= SITE.length; end++) assertAccounted(SITE.slice(0, end));
  });

  it('with any character replaced by a NUL loses that line, and says so', () => {
    for (let at = 0; at < SITE.length; at++) {
      const text = `${SITE.slice(0, at)}\0${SITE.slice(at + 1)}`;
      assertAccounted(text);
      const [line] = taken(text).lines.filter(({ reason }) => reason === 'bad-text');
      const inComment = SITE.slice(SITE.lastIndexOf('\n', at - 1) + 1, at).startsWith('#');
      const atEnd = SITE[at] === '\n' || SITE[at] === '#';
      if (!inComment && !atEnd) assert(line !== undefined, JSON.stringify(text.slice(at - 20, at + 20)));
    }
  });

  it('with characters shuffled in and out ends in a registry of good form', () => {
    const random = seededRandom(7);
    const signs = [
      '\\\n',
      '"',
      '\n',
      ' ',
      ':',
      '#',
      '\0',
      '\u202e',
      'GROUP ',
      'ALL',
      '9',
      '__proto__',
      'constructor',
    ];
    for (let round = 0; round < 150; round++) {
      let text = SITE;
      for (let n = 0; n < 3; n++) {
        const at = random.int(text.length);
        const sign = random.pick(signs);
        text = text.slice(0, at) + sign + text.slice(at + random.int(8));
      }
      assertAccounted(text);
    }
  });

  it('with a line of a megabyte loses that line alone, continued or not', () => {
    const names = 'ana '.repeat(MAX_FLEXNET_LINE);
    for (const long of [`GROUP long ${names}`, `GROUP long ${'ana \\\n'.repeat(MAX_FLEXNET_LINE)}bo`]) {
      const { lines } = taken(`${long}\nMAX 1 mesh USER ana\n`);
      assert.deepEqual(
        lines.map(({ outcome, reason }) => `${outcome} ${reason}`),
        ['left-out too-long', 'taken null'],
      );
      assert(lines.every(({ text }) => text.length <= 120));
    }
  });

  const bounds: readonly [why: string, text: string][] = [
    ['lines', '#\n'.repeat(MAX_FLEXNET_LINES + 1)],
    ['characters', ' '.repeat(MAX_FLEXNET_TEXT + 1)],
  ];
  for (const [why, text] of bounds) {
    it(`of more ${why} than are looked at is refused whole`, () => {
      const { ok, ...verdict } = importFlexnet(BASE, text, PLAIN);
      assert.equal(ok, false);
      assert.equal('reason' in verdict && verdict.reason, 'too-long');
    });
  }

  it('of groups in a long chain is read in time that grows with its lines, and says where it stopped', () => {
    const chain = Array.from({ length: 2000 }, (_, i) => `GROUP g${i} g${i + 1} ana`).join('\n');
    const { lines } = taken(`${chain}\nGROUP g2000 bo\nMAX 1 mesh GROUP g0\n`);
    assert(lines.some(({ reason }) => reason === 'too-long'));
    assert.equal(lines.at(-1)?.outcome, 'taken');
  });

  it('names entries that only an object inherits, and finds none', () => {
    const { lines, registry } = taken(
      'MAX 1 constructor USER ana\nMAX 1 mesh USER __proto__\nGROUP __proto__ ana\nMAX 1 mesh GROUP toString\n',
    );
    assert.deepEqual(
      lines.map(({ outcome, reason }) => reason ?? outcome),
      ['unknown-feature', 'unknown-person', 'taken', 'unknown-group'],
    );
    assert.deepEqual(Object.keys(registry.groups).sort(), ['proto', 'staff']);
  });
});
