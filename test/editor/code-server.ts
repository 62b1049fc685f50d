import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = join(ROOT, '.cache/code-server/node_modules/code-server');

/** A real VS Code server with the packed extension, and a folder to open. */
export interface CodeServer {
  /** Where its workbench is, with the folder open. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Settings of its user, so that nothing but the extension is to be seen or asked for. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'window.commandCenter': false,
};

/** Installs a VSIX into a server of its own below `root` and starts it, on a port of the system's choice. */
export async function startCodeServer(
  root: string,
  vsix: string,
  env: NodeJS.ProcessEnv,
): Promise<CodeServer> {
  const [folder, extensions, data] = ['folder', 'extensions', 'user'].map((name) => join(root, name));
  for (const path of [folder, extensions, join(data ?? '', 'User')])
    await mkdir(path ?? '', { recursive: true });
  await writeFile(join(data ?? '', 'User/settings.json'), JSON.stringify(SETTINGS));
  // An empty address, or it would ask a marketplace.
  const around = { ...env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
  const config = join(root, 'config.yaml');
  const base = [
    PROGRAM,
    '--config',
    config,
    '--extensions-dir',
    extensions ?? '',
    '--user-data-dir',
    data ?? '',
  ];
  await promisify(execFile)(process.execPath, [...base, '--install-extension', vsix], { env: around });
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'];
  const serve = [
    ...base,
    '--auth',
    'none',
    '--bind-addr',
    '127.0.0.1:0',
    '--disable-getting-started-override',
  ];
  const log = await open(join(root, 'server.log'), 'a');
  const child = spawn(process.execPath, [...serve, ...quiet], {
    ...{ env: around, stdio: ['ignore', 'pipe', log.fd] },
    // A process group of its own, so that all that it starts ends with it.
    detached: true,
  });
  const gone = once(child, 'exit');
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as Readable }).on('line', (line) => {
      const [, found] = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    void gone.then(() => reject(new Error('the server has ended')));
  });
  return {
    url: `http://localhost:${port}/?folder=${folder}`,
    async stop() {
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await gone;
      await log.close();
    },
  };
}
