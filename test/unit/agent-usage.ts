import assert from 'node:assert/strict';
import type { AgentConnection } from '../../core/agent/client.ts';
import type { Methods } from '../../core/agent/protocol.ts';
import { reportCompiled } from '../../core/agent/reports/compiled.ts';
import { reportUsage } from '../../core/agent/reports/usage.ts';
import { fetchUsage } from '../../core/agent/usage-log.ts';
import { coverageOf } from '../../core/state/usage-coverage.ts';
import type { PrincipalId } from '../../core/units.ts';
import { checkoutOf, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { drafting, lending } from '../support/lending-host.ts';

const HOUR = 3600;
const ALL = { since: MIDYEAR - HOUR, until: MIDYEAR + 99_999_999 };
const WS01 = 'ws01' as PrincipalId;

async function pass(host: RigHost, span: number): Promise<void> {
  host.clock.advance(span);
  await host.tellTime();
  await host.runtime.tick();
}

/** A connection to a host in this process; the second is how often it was asked for use. */
function agentOf({ runtime }: RigHost): { agent: Pick<AgentConnection, 'request'>; asked: unknown[] } {
  const asked: unknown[] = [];
  const request = async (_: string, params: unknown) => {
    asked.push(params);
    const portion = reportUsage(runtime.model, params as Methods['usage']['params']);
    return JSON.parse(JSON.stringify(portion));
  };
  return { agent: { request } as Pick<AgentConnection, 'request'>, asked };
}

/** A host that has used a seat for an hour and a half, and is still using another. */
async function used(): Promise<RigHost> {
  const { host } = await lending();
  await pass(host, 3);
  await host.submit(checkoutOf('draw', 'ana', 'a'));
  await pass(host, HOUR);
  await pass(host, 1800);
  await host.submit({ do: 'return', lease: 'a', reason: null });
  await host.submit(checkoutOf('draw', 'bo', 'b'));
  await host.submit(checkoutOf('plot', 'bo', 'p'));
  await pass(host, 600);
  return host;
}

describe('The use that an agent knows of', () => {
  it('is told as it came over the socket: sessions that ended, the one that is open, refusals', async () => {
    const { agent } = agentOf(await used());
    const log = await fetchUsage(agent, ALL);
    assert.deepEqual(log.sessions, [
      { host: 'ws01', feature: 'draw', user: 'ana', from: MIDYEAR, until: MIDYEAR + HOUR + 1800 },
      {
        host: 'ws01',
        feature: 'draw',
        user: 'bo',
        from: MIDYEAR + HOUR + 1800,
        until: MIDYEAR + HOUR + 2400,
      },
    ]);
    assert.deepEqual(
      log.denials.map(({ reason, user }) => [user, reason]),
      [['bo', 'no-period']],
    );
  });

  it('covers whole hours, and not the one that is going on', async () => {
    const { agent } = agentOf(await used());
    const log = await fetchUsage(agent, ALL);
    assert.deepEqual(log.covered.get(WS01), [MIDYEAR - HOUR, MIDYEAR]);
    const span = { since: MIDYEAR - HOUR - 5, until: MIDYEAR + HOUR + 2400 };
    const { byHost, hours, share } = coverageOf(log, [WS01, 'ws02' as PrincipalId], span);
    assert.deepEqual([hours, byHost.get(WS01), share], [2, 2, 0.5]);
  });

  it('is what touches the span alone', async () => {
    const { agent } = agentOf(await used());
    const log = await fetchUsage(agent, { since: MIDYEAR, until: MIDYEAR + HOUR });
    assert.deepEqual(
      log.sessions.map(({ user }) => user),
      ['ana'],
    );
    assert.deepEqual(log.denials, []);
  });

  it('comes in portions of a bounded size, each hour in one of them', async () => {
    const { host } = await lending();
    const { agent, asked } = agentOf(host);
    await pass(host, 3);
    const { usage } = host.runtime.model;
    const use = { feature: 'draw', user: 'ana', from: MIDYEAR, until: MIDYEAR + 1 };
    for (let hour = 0; hour < 6; hour++) {
      for (let i = 0; i < 4000; i++) usage.ended.push(use);
      await pass(host, HOUR);
    }
    const log = await fetchUsage(agent, ALL);
    assert.equal(log.sessions.length, 24_000);
    assert.equal(asked.length, 2);
  });

  it('counts nothing that a log says after its end', async () => {
    const host = await used();
    const { agent } = agentOf(host);
    host.runtime.model.state.membership.forks.set(host.log, { seq: 1 });
    host.runtime.model.usage.ended.length = 0;
    const log = await fetchUsage(agent, { since: 0, until: MIDYEAR + HOUR });
    assert.deepEqual([...log.covered.values()].flat(), []);
  });
});

describe('The draft as compiled', () => {
  it('is what publishing would sign, with its lots', async () => {
    const { host } = await lending();
    await host.submit(
      drafting(({ features }) => {
        features.draw = { name: 'Drawing', software: 'cad', seats: 9 };
      })(host),
    );
    const compiled = reportCompiled(host.runtime.model);
    assert(compiled?.ok);
    assert.deepEqual([compiled.base, compiled.version], [2, 3]);
    assert.deepEqual(compiled.lots.draw, { ws01: 9 });
  });

  it('is every problem of a draft that does not compile', async () => {
    const { host } = await lending();
    await host.submit(drafting(({ people }) => delete people.bo && delete people.ana)(host));
    await host.submit(
      drafting(({ rules }) => {
        rules.who = { feature: 'draw', allow: { people: ['ana'] } };
      })(host),
    );
    const compiled = reportCompiled(host.runtime.model);
    assert(compiled !== null && !compiled.ok);
    assert.ok(compiled.problems.some(({ path }) => path.startsWith('rules.who')));
  });
});
