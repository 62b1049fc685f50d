import { deepEqual, equal } from 'node:assert/strict';
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LeaseReport } from '../../core/agent/protocol.ts';
import type { Lease } from '../../core/engine/lease.ts';
import { AgentSession } from '../../extension/src/agent-session.ts';
import { KeptLeases } from '../../extension/src/kept-leases.ts';
import { type FakeAgent, fakeAgent } from '../support/fake-agent.ts';
import { removeTree } from '../support/temp-dir.ts';
import { lease } from '../support/window.ts';

const NAME = { id: 'aa01', secret: '5e'.repeat(32) };

/** What a window keeps that has this agent and these files. */
function keptWith(agent: FakeAgent, directory: string): KeptLeases {
  const session = new AgentSession({
    connect: async () => agent,
    wantsConfiguration: () => false,
    log: () => {},
  });
  return new KeptLeases(session, directory);
}

/** An agent that has this lease, and gives it to who knows its secret. */
function agentWith(reports: readonly LeaseReport[]): FakeAgent {
  return fakeAgent({ leases: () => reports }, (command) =>
    command.do === 'attach' && command.secret === NAME.secret
      ? { ok: true, kind: 'lease', lease: { ...lease(), ...NAME } as unknown as Lease }
      : { ok: false, reason: 'not-found', detail: 'no lease' },
  );
}

const orphan = lease({ state: 'orphaned', tie: 'connection', freesIn: 20 });

describe('the leases of a window', () => {
  let directory = '';

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'leasehold-test-')), 'leases');
  });

  afterEach(() => removeTree(dirname(directory)));

  it('are taken up again by a window that is reloaded', async () => {
    const before = keptWith(fakeAgent(), directory);
    await before.note(NAME);
    before.keep(fakeAgent(), NAME);
    before.dispose();
    const agent = agentWith([orphan]);
    const after = keptWith(agent, directory);
    deepEqual([await after.resume(agent), after.has(NAME.id)], [1, true]);
    deepEqual(agent.commands, [{ do: 'attach', lease: NAME.id, secret: NAME.secret }]);
  });

  it('are left to another window that holds them now', async () => {
    const agent = agentWith([lease({ tie: 'connection' })]);
    const kept = keptWith(agent, directory);
    await kept.note(NAME);
    deepEqual(
      [await kept.resume(agent), agent.commands.length, await readdir(directory)],
      [0, 0, ['aa01.json']],
    );
  });

  it('are forgotten with their secrets when they are over', async () => {
    const agent = agentWith([]);
    const kept = keptWith(agent, directory);
    await kept.note(NAME);
    deepEqual([await kept.resume(agent), await readdir(directory)], [0, []]);
  });

  it('are forgotten when the agent says that they have ended', async () => {
    const agent = agentWith([orphan]);
    const kept = keptWith(agent, directory);
    await kept.note(NAME);
    await kept.resume(agent);
    agent.push({ event: 'lease', lease: NAME.id, state: 'draining' });
    equal(kept.has(NAME.id), true);
    agent.push({ event: 'lease', lease: NAME.id, state: 'removed' });
    equal(kept.has(NAME.id), false);
  });

  it('have secrets that only their user can read', async () => {
    const kept = keptWith(fakeAgent(), directory);
    await kept.note(NAME);
    const modes = [await stat(directory), await stat(join(directory, 'aa01.json'))].map(
      ({ mode }) => mode & 0o777,
    );
    deepEqual(modes, [0o700, 0o600]);
  });

  it('are not asked for where no file names one', async () => {
    const agent = agentWith([orphan]);
    const kept = keptWith(agent, directory);
    deepEqual([await kept.resume(agent), agent.asked.length], [0, 0]);
  });
});
