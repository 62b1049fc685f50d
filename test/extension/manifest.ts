import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DENIALS } from '../../extension/src/model/denial.ts';
import { FAILURES } from '../../extension/src/model/failure.ts';

const EXTENSION = fileURLToPath(new URL('../../../extension/', import.meta.url));
const MOST_IN_PALETTE = 25;

interface Menu {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly version: string;
  readonly contributes: {
    readonly views: Readonly<
      Record<string, readonly { id: string; icon?: string; accessibilityHelpContent?: string }[]>
    >;
    readonly viewsWelcome: readonly { view: string; when?: string; contents: string }[];
    readonly commands: readonly { command: string; category?: string; title: string }[];
    readonly menus: Readonly<Record<string, readonly Menu[]>>;
    readonly configuration: readonly { properties: Readonly<Record<string, { scope: string }>> }[];
  };
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
}

const text = (path: string) => readFileSync(join(EXTENSION, path), 'utf8');
const json = <T>(path: string) => JSON.parse(text(path)) as T;
const MANIFEST = json<Manifest>('package.json');
const NAMES = json<Record<string, string>>('package.nls.json');
const JAPANESE_NAMES = json<Record<string, string>>('package.nls.ja.json');
const JAPANESE = json<Record<string, string>>('l10n/bundle.l10n.ja.json');
const { commands, menus, views, viewsWelcome } = MANIFEST.contributes;
const VIEWS = Object.values(views).flat();
const SOURCES = readdirSync(join(EXTENSION, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => text(join('src', name)));
const STATES = ['starting', 'no-realm', 'failed', 'connected'];

/** Whatever takes something away from somebody. */
const DESTRUCTIVE = /\.(return|remove|discard|leave|revoke)/;

describe('the manifest of the extension', () => {
  it('gives every view an icon and help for who cannot see it', () => {
    deepEqual(
      VIEWS.filter(({ accessibilityHelpContent, icon }) => !icon || !accessibilityHelpContent),
      [],
    );
  });

  it('says in every view what to do next, in each state', () => {
    for (const { id } of VIEWS) {
      const states = viewsWelcome.filter(({ view }) => view === id).map(({ when }) => when);
      deepEqual(
        states,
        STATES.map((state) => `leasehold.state == ${state}`),
      );
    }
  });

  it('gives every command a category and a title that is translated', () => {
    deepEqual(
      commands.filter(({ category, title }) => category !== '%category%' || !/^%.+%$/.test(title)),
      [],
    );
  });

  it('shows 25 commands in the palette at most', () => {
    const hidden = (menus.commandPalette ?? []).filter(({ when }) => when === 'false');
    ok(commands.length - hidden.length <= MOST_IN_PALETTE);
  });

  it('hides from the palette what is about a row', () => {
    const onRows = new Set((menus['view/item/context'] ?? []).map(({ command }) => command));
    const hidden = new Set((menus.commandPalette ?? []).map(({ command }) => command));
    deepEqual(
      [...onRows].filter((command) => !hidden.has(command)),
      [],
    );
  });

  it('offers what takes something away only on rows that it fits', () => {
    const items = Object.values(menus)
      .flat()
      .filter(({ command, when }) => DESTRUCTIVE.test(command) && when !== 'false');
    ok(items.length > 0);
    deepEqual(
      items.filter(({ when = '' }) => !/view == \S+ && viewItem (==|=~) /.test(when)),
      [],
    );
  });

  it('names in menus and welcomes only commands that there are', () => {
    const known = new Set(commands.map(({ command }) => command));
    const named = Object.values(menus)
      .flat()
      .map(({ command }) => command);
    const linked = Object.values({ ...NAMES })
      .flatMap((one) => [...one.matchAll(/\(command:([\w.]+)\)/g)])
      .map(([, command]) => command ?? '');
    deepEqual(
      [...named, ...linked].filter((command) => !known.has(command)),
      [],
    );
  });

  it('has exactly the commands that are registered', () => {
    const table = /const COMMANDS[\s\S]*?= \{\n([\s\S]*?)\n\};/.exec(text('src/commands.ts'))?.[1] ?? '';
    const registered = [...table.matchAll(/^ {2}'([\w.]+)':/gm)].map(([, name]) => name ?? '');
    deepEqual(registered.sort(), commands.map(({ command }) => command).sort());
  });

  it('has exactly the settings that are read', () => {
    const read = [...text('src/settings.ts').matchAll(/all\.get[^(]*\('([\w.]+)'/g)].map(
      ([, name]) => `leasehold.${name}`,
    );
    const offered = MANIFEST.contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
    deepEqual(read.sort(), offered.sort());
  });

  it('takes no path from the settings of a folder that nobody trusts', () => {
    const { restrictedConfigurations } = MANIFEST.capabilities.untrustedWorkspaces;
    ok(restrictedConfigurations.includes('leasehold.agent.dataDir'));
    const [, agent] = MANIFEST.contributes.configuration;
    equal(agent?.properties['leasehold.agent.dataDir']?.scope, 'machine');
  });

  it('is of the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(EXTENSION, '../package.json'), 'utf8'));
    equal(MANIFEST.version, version);
  });
});

describe('the words of the extension', () => {
  const named = new Set([...text('package.json').matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? ''));
  const tables = [
    ...Object.values(DENIALS).flatMap((one) => [one.text, one.short]),
    ...Object.values(FAILURES).map((one) => one.text),
  ];
  const said = new Set([
    ...tables,
    ...SOURCES.flatMap((source) =>
      [...source.matchAll(/\bsay\(\s*'([^']+)'/g)].map(([, words]) => words ?? ''),
    ),
  ]);

  it('are there in English and in Japanese for each key of the manifest, and for nothing else', () => {
    deepEqual(Object.keys(NAMES).sort(), [...named].sort());
    deepEqual(Object.keys(JAPANESE_NAMES).sort(), [...named].sort());
  });

  it('are there in Japanese for each text of the program, and for nothing else', () => {
    deepEqual(Object.keys(JAPANESE).sort(), [...said].sort());
  });

  it('are Japanese in the Japanese files, but for names', () => {
    const latin = [...Object.entries(JAPANESE), ...Object.entries(JAPANESE_NAMES)].filter(
      ([, words]) => !/[\u3040-\u30ff\u4e00-\u9fff]/.test(words),
    );
    deepEqual(latin.map(([key]) => key).sort(), ['Id', 'category', 'container', 'displayName']);
  });

  it('have the same places for values in both languages, but for what a Japanese sentence leaves out', () => {
    const places = (words: string) => [...new Set(words.match(/\{\d\}/g))].sort().join();
    const differ = Object.entries(JAPANESE).filter(([english, words]) => places(english) !== places(words));
    deepEqual(differ, []);
  });

  it('are given to the reader whole, and never put together in the program', () => {
    deepEqual(
      SOURCES.flatMap((source) => [...source.matchAll(/\bsay\(\s*[`"][^)]*/g)].map(([call]) => call)),
      [],
    );
  });
});
