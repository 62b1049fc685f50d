import { deepEqual, equal, rejects } from 'node:assert/strict';
import { setImmediate as immediately } from 'node:timers/promises';
import type { AgentConnection } from '../../core/agent/client.ts';
import { Fault } from '../../core/errors.ts';
import { AgentSession } from '../../extension/src/agent-session.ts';
import type { Snapshot } from '../../extension/src/model/snapshot.ts';
import { type FakeAgent, fakeAgent, QUIET } from '../support/fake-agent.ts';

const DRAFT = { base: 42, changes: [], summary: [], problems: [], newcomers: ['ws-02'], contested: [] };

/** Sessions of a test, to be closed after it. */
const open: AgentSession[] = [];

function sessionWith(connect: () => Promise<AgentConnection>, looksAtConfiguration = false): AgentSession {
  const session = new AgentSession({
    connect,
    wantsConfiguration: () => looksAtConfiguration,
    log: () => {},
  });
  open.push(session);
  return session;
}

/** Resolves with the next snapshot that fits. */
function told(session: AgentSession, fits: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve) => {
    const stop = session.onChange((snapshot) => {
      if (!fits(snapshot)) return;
      stop();
      resolve(snapshot);
    });
  });
}

const isConnected = ({ kind }: Snapshot) => kind === 'connected';

describe("a window's session with the agent", () => {
  afterEach(async () => {
    for (const session of open.splice(0)) await session.close();
  });

  it('tells what the agent says, and begins without', async () => {
    const session = sessionWith(async () => fakeAgent());
    equal(session.snapshot.kind, 'starting');
    const first = told(session, isConnected);
    void session.run();
    const snapshot = await first;
    deepEqual(snapshot.kind === 'connected' && snapshot.said.status, QUIET);
  });

  it('asks for versions, rollout and draft only where somebody looks at them', async () => {
    const asked = async (looks: boolean): Promise<readonly string[]> => {
      const agent = fakeAgent({ draft: () => DRAFT });
      const session = sessionWith(async () => agent, looks);
      const first = told(session, isConnected);
      void session.run();
      await first;
      return [...agent.asked].sort();
    };
    const always = ['features', 'overview', 'status', 'unsigned'];
    deepEqual(await asked(false), always);
    deepEqual(await asked(true), [...always, 'draft', 'rollout', 'versions'].sort());
  });

  it('makes one reading of a burst of events', async () => {
    const agent = fakeAgent();
    const session = sessionWith(async () => agent);
    const first = told(session, isConnected);
    void session.run();
    await first;
    await immediately();
    agent.asked.length = 0;
    const next = told(session, isConnected);
    for (let i = 0; i < 100; i++) agent.push({ event: 'state' });
    await next;
    // Whatever else was to be asked at that moment has been by now.
    await immediately();
    equal(agent.asked.filter((method) => method === 'status').length, 1);
  });

  it('connects again when the agent is gone, and hears the new one', async () => {
    const agents: FakeAgent[] = [];
    const session = sessionWith(async () => {
      const agent = fakeAgent();
      agents.push(agent);
      return agent;
    });
    const heard: string[] = [];
    session.onEvent(({ event }) => heard.push(event));
    const first = told(session, isConnected);
    void session.run();
    await first;
    const again = told(session, isConnected);
    agents[0]?.cut();
    await again;
    equal(agents.length, 2);
    agents[1]?.push({ event: 'state' });
    deepEqual(heard, ['state']);
  });

  it('waits for a person where the host belongs to no realm, and connects as soon as one asks', async () => {
    let isMember = false;
    let attempts = 0;
    const session = sessionWith(async () => {
      attempts++;
      if (!isMember) throw new Fault('NOT_A_MEMBER', { detail: '/data' });
      return fakeAgent();
    });
    const none = told(session, ({ kind }) => kind === 'no-realm');
    void session.run();
    await none;
    equal(attempts, 1);
    isMember = true;
    const joined = told(session, isConnected);
    session.retry();
    await joined;
  });

  it('says which fault keeps it from the agent, without the words of the table', async () => {
    const session = sessionWith(async () => {
      throw new Fault('DISK_FULL', { detail: '/data' });
    });
    const failed = told(session, ({ kind }) => kind === 'failed');
    void session.run();
    deepEqual(await failed, { kind: 'failed', code: 'DISK_FULL', detail: '/data' });
  });

  it('gives whoever asks for a connection the outcome of an attempt made for him', async () => {
    let isUp = false;
    const agent = fakeAgent();
    const session = sessionWith(async () => {
      if (!isUp) throw new Fault('AGENT_UNAVAILABLE', { detail: 'none yet' });
      return agent;
    });
    const failed = told(session, ({ kind }) => kind === 'failed');
    void session.run();
    await failed;
    await rejects(session.agent(), { code: 'AGENT_UNAVAILABLE' });
    isUp = true;
    equal(await session.agent(), agent);
  });

  it('ends the connection with the window, also one that is made just then', async () => {
    const agent = fakeAgent();
    let give: (made: AgentConnection) => void = () => undefined;
    const session = sessionWith(() => new Promise((resolve) => (give = resolve)));
    const ended = session.run();
    await session.close();
    give(agent);
    await ended;
    equal(agent.isClosed, true);
  });
});
