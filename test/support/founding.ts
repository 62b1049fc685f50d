import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fakeAgent } from './fake-agent.ts';
import { run, type Setting } from './fake-io.ts';

/** The words that found a realm. */
export const INIT = ['init', 'Fern Lab', '--host', 'lab-3', '--recovery-file', '/keys'];

/** A machine whose directories are below one that goes away. */
export function at(root: string, setting: Setting = {}): Setting {
  return {
    ...setting,
    dataDir: join(root, 'data'),
    env: { ...setting.env, LEASEHOLD_STATE_DIR: join(root, 'state') },
  };
}

/** The line that an issuer in `root` makes for somebody. */
export async function invitationTo(root: string, line = 'invite host ws-02 --role voter'): Promise<string> {
  const agent = fakeAgent({}, () => ({ ok: true, kind: 'recorded', log: 1 as never, seq: 1 }));
  const { code, err, out } = await run(line, at(root, { agent }));
  assert.equal(code, 0, err);
  return out.trim();
}
