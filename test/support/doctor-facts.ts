import assert from 'node:assert/strict';
import type { RelayReport, StatusReport } from '../../core/agent/protocol.ts';
import type { Check } from '../../core/cli/check.ts';
import { examine, type Facts } from '../../core/cli/doctor-checks.ts';
import { QUIET, RELAY } from './fake-agent.ts';
import { NOW } from './fake-io.ts';

/** A host on which nothing is wrong. */
export const WELL: Facts = {
  dataDir: '/data',
  calendar: { timeZone: 'UTC', now: NOW },
  realm: { id: 'ab'.repeat(32), principal: 'lab-3' },
  status: { ...QUIET, agent: { ...QUIET.agent, mode: 'service' } },
  agentTrouble: null,
  socketPath: '/run/user/1000/leasehold-abcd0123/s',
  socketBytes: 35,
  fileSystem: { kind: 'ext4', local: true },
  freeBytes: 2 ** 33,
  dataMode: { mode: 0o700, foreign: false },
  dataTrouble: null,
  keyMode: 0o600,
  hasKey: true,
  knocked: [],
};

/** What is said of one thing, if anything is. */
export function found(facts: Facts, name: string): Check | undefined {
  return examine(facts).find((check) => check.name === name);
}

/** The same host, whose agent says something else. */
export function withStatus(change: Partial<StatusReport>): Facts {
  return { ...WELL, status: { ...(WELL.status ?? QUIET), ...change } };
}

/** The same host, whose one relay is otherwise, and perhaps more. */
export function withRelay(change: Partial<RelayReport>, more: Partial<StatusReport> = {}): Facts {
  return withStatus({ relays: [{ ...RELAY, ...change }], ...more });
}

/** What an agent says that no relay has signed time for. */
export const UNSIGNED = {
  time: { ...QUIET.time, lower: null, upper: null, offlineAge: null, maxOffline: 0 },
};

/** That one thing is found to be so, and that it is said what to do. */
export function finds(facts: Facts, name: string, state: Check['state'], said: RegExp): void {
  const check = found(facts, name);
  assert.equal(check?.state, state);
  assert.match(check?.text ?? '', said);
  assert.ok(check?.fix);
}

/** That one thing is waited for, and that nothing is called wrong. */
export function waitsFor(facts: Facts, name: string, said: RegExp): void {
  const check = found(facts, name);
  assert.equal(check?.state, 'waits');
  assert.match(check?.text ?? '', said);
  assert.deepEqual(
    examine(facts).filter(({ state }) => state === 'bad'),
    [],
  );
}
