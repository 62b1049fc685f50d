import assert from 'node:assert/strict';
import type { PublicKey } from '../../core/units.ts';
import { startRelay } from '../../relay/compose.ts';
import { readConfig } from '../../relay/config.ts';
import { longTermKey } from '../../relay/time-service.ts';

/** A whole relay in this process, on a free port, open to new realms, with signed time. */
export interface LiveRelay {
  readonly url: string;
  readonly key: PublicKey;
  stop(): Promise<void>;
}

/** Starts a relay in a directory; started there again it is the same relay, on another port unless one is given. */
export async function liveRelay(directory: string, port = 0): Promise<LiveRelay> {
  const flags = {
    ...{ listen: `127.0.0.1:${port}`, 'admin-listen': 'off', 'data-dir': directory },
    ...{ policy: 'open', 'log-level': 'silent', 'shutdown-timeout': 0 },
  };
  const verdict = readConfig(flags, {}, null);
  assert.ok(verdict.ok, verdict.ok ? '' : verdict.problems.join('; '));
  const relay = await startRelay(verdict.config);
  const key = await longTermKey(directory);
  return { url: `ws://127.0.0.1:${relay.port}`, key, stop: () => relay.stop() };
}
