import { deepEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Who may import whom (DESIGN: rooms): a room takes from itself and from those listed, and nothing else of this project. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'core/wire': [],
  'core/verify': ['core/wire'],
  'core/ledger': ['core/verify', 'core/wire'],
  'core/state': ['core/ledger', 'core/verify', 'core/wire'],
  'core/decide': ['core/state', 'core/ledger', 'core/verify', 'core/wire'],
  'core/engine': ['core/decide', 'core/state', 'core/ledger', 'core/verify', 'core/wire'],
  'core/runtime': ['core/engine', 'core/decide', 'core/state', 'core/ledger', 'core/verify', 'core/wire'],
  'core/adapters': ['core/verify', 'core/wire'],
  'core/start': [
    ...['core/adapters', 'core/runtime', 'core/decide', 'core/state', 'core/verify', 'core/wire'],
  ],
  'core/agent': [
    ...['core/adapters', 'core/runtime', 'core/engine', 'core/decide', 'core/state', 'core/ledger'],
    ...['core/verify', 'core/wire'],
  ],
  'core/cli': [
    ...['core/agent', 'core/adapters', 'core/runtime', 'core/engine', 'core/decide', 'core/state'],
    ...['core/ledger', 'core/verify', 'core/wire'],
  ],
  'core/vendor': ['core/cli', 'core/agent', 'core/adapters', 'core/state', 'core/wire'],
  'extension/src/model': ['core/agent', 'core/engine'],
  'extension/src': ['extension/src/model', 'core/cli', 'core/agent', 'core/adapters', 'core/engine'],
  'extension/pack': [],
  relay: ['core/adapters', 'core/state', 'core/decide', 'core/ledger', 'core/verify', 'core/wire'],
};

/** What every room may use: the ground that all stand on. */
const GROUND = new Set(['core/units.ts', 'core/result.ts', 'core/errors.ts', 'core/ports.ts']);

const PURE = ['core/wire', 'core/verify', 'core/ledger', 'core/state', 'core/decide', 'core/engine'];
const IMPURE_PACKAGES = /^(node:|yjs$|level$|y-websocket$|ws$|vscode$)/;
/** The draft document is a Yjs document in memory, with the client id given. */
const MAY_USE_YJS = /^core\/state\/draft(s|-[a-z]+)\.ts$/;

function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, target]) => target ?? '');
}

function roomOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT).find((room) => file.startsWith(`${room}/`));
}

describe('the rooms', () => {
  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${room} imports only from ${['itself', ...allowed].join(', ')}`, () => {
      const files = sources(room);
      ok(files.length > 0, `no files in ${room}`);
      const strays = files.flatMap((file) =>
        importsOf(file)
          .filter((target) => target.startsWith('.'))
          .map((target) => normalize(join(dirname(file), target)))
          .filter((target) => !GROUND.has(target) && ![room, ...allowed].includes(roomOf(target) ?? ''))
          .map((target) => `${file} → ${target}`),
      );
      deepEqual(strays, []);
    });
  }

  it('that are pure use no package that reaches the world', () => {
    const strays = PURE.flatMap(sources).flatMap((file) =>
      importsOf(file)
        .filter((target) => IMPURE_PACKAGES.test(target) && !(target === 'yjs' && MAY_USE_YJS.test(file)))
        .map((target) => `${file} → ${target}`),
    );
    deepEqual(strays, []);
  });

  it('make verified records in core/verify alone', () => {
    const makers = [...Object.keys(MAY_IMPORT)]
      .flatMap(sources)
      .filter((file) =>
        / as (?:unknown as )?(?:Verified|InertRecord)/.test(readFileSync(join(ROOT, file), 'utf8')),
      )
      .filter((file) => !file.startsWith('core/verify/'));
    deepEqual(makers, []);
  });

  it('have names that say what is inside', () => {
    const nameless = /\/(utils?|helpers?|types|common|misc)\.ts$/;
    deepEqual(
      [...Object.keys(MAY_IMPORT)].flatMap(sources).filter((file) => nameless.test(file)),
      [],
    );
  });
});
