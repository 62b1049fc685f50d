import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a join ended: as the command line says it. */
export type Joined =
  | { readonly ok: true; readonly realm: string; readonly id: string; readonly sent: boolean }
  | { readonly ok: false; readonly message: string; readonly hint: string | null };

/** What the command line prints with --json. */
interface Printed {
  readonly data?: {
    readonly realmName: string;
    readonly realm: string;
    readonly id: string;
    readonly sent: boolean;
  };
  readonly error?: { readonly message: string; readonly hint?: string | null };
}

/**
 * Takes an invitation up with the command line that ships beside the agent: the store is opened in its process, and
 * never in the one that runs extensions. The invitation goes over its standard input, where no process list shows it.
 */
export async function joinRealm(main: string, dataDir: string, invitation: string): Promise<Joined> {
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...env } = process.env;
  const asNode = process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
  const child = spawn(process.execPath, [main, '--json', '--no-input', '--data-dir', dataDir, 'join', '-'], {
    env: { ...env, ...asNode },
    windowsHide: true,
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      said[name] += piece;
    });
  }
  // A program that ends before it has read says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(invitation);
  await once(child, 'close');
  const data = printed(said.stdout)?.data;
  if (data !== undefined) {
    const { id, realm, realmName, sent } = data;
    return { ok: true, realm: realmName === '' ? realm : realmName, id, sent };
  }
  const error = printed(said.stderr.trim().split('\n').at(-1) ?? '')?.error;
  const message = error?.message ?? said.stderr.trim();
  return { ok: false, message, hint: error?.hint ?? null };
}

/** An object that a program printed, or undefined where it printed something else. */
function printed(text: string): Printed | undefined {
  try {
    return JSON.parse(text) as Printed;
  } catch {
    return undefined;
  }
}
