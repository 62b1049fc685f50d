import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '../../core/adapters/random.ts';
import type { AgentClient } from '../../core/agent/client.ts';
import { formatInvitation, makeInvitation } from '../../core/agent/invitation.ts';
import type { Methods, StatusReport } from '../../core/agent/protocol.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { joinRealm } from '../../core/agent/realm-setup.ts';
import type { Registry } from '../../core/state/registry.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { CLOSE_CODES } from '../../core/wire/close-codes.ts';
import { type AgentWorld, answerWhen, statusWhen, stopAgent, withAgents } from '../support/agent-world.ts';
import { type LiveRelay, liveRelay } from '../support/live-relay.ts';

describe('a realm of agents around a relay', () => {
  it('takes in a newcomer by an invitation as text, without a token, and both lease by the version that names it', () =>
    withRelay(async (world, relay) => {
      const founder = await leasing(world, relay);
      const newcomer = await world.connect(await invited(world, relay, founder));
      const waiting = await statusWhen(newcomer, ({ newest }) => newest === 2);
      assert.deepEqual([waiting.host?.id, waiting.alarms[0]?.code], ['ws02', 'not-a-member']);
      await draftWhen(founder, ({ newcomers }) => newcomers.length > 0);
      const published = await command(founder, { do: 'publish', message: 'welcome', expect: 2 });
      assert.ok(published.ok && published.kind === 'published');
      assert.deepEqual(published.admitted, ['ws02']);
      const member = await statusWhen(newcomer, ({ applied }) => applied === 3);
      assert.deepEqual([member.host?.roles, member.alarms], [['voter'], []]);
      const rollout = await rolloutWhen(founder, ({ hosts }) =>
        hosts.every(({ state }) => state === 'applied'),
      );
      assert.deepEqual([rollout.acks, rollout.quorum, rollout.why], [2, 2, []]);
      const heard = rollout.hosts.find(({ id }) => id === 'ws02')?.lastSeen;
      assert.equal(typeof heard, 'number');
      const { checks } = await newcomer.request('verify', {});
      assert.deepEqual(
        checks.filter(({ ok }) => !ok),
        [],
      );
    }));

  it('tells a newcomer whom nobody has invited that the relay does not know it', () =>
    withRelay(async (world, relay) => {
      const founder = await leasing(world, relay);
      const newcomer = await world.connect(await invited(world, relay, founder, { record: false }));
      const status = await statusWhen(newcomer, ({ relay: { state } }) => state === 'refused');
      assert.equal(status.relay.detail, CLOSE_CODES['not-a-member'].sentence);
    }));

  it('tells a newcomer whose invitation has expired by the time that the relay signs', () =>
    withRelay(async (world, relay) => {
      const founder = await leasing(world, relay);
      const newcomer = await world.connect(await invited(world, relay, founder, { until: -60 }));
      const { alarms, join } = await statusWhen(newcomer, (status) => status.join?.state === 'refused');
      assert.ok(join?.state === 'refused');
      assert.deepEqual([join.reason, alarms[0]?.code], ['invitation-expired', 'join-refused']);
    }));

  it('sends what was drafted while the relay was away once it is back', () =>
    withRelay(async (world, relay) => {
      const founder = await leasing(world, relay);
      const newcomer = await world.connect(await invited(world, relay, founder));
      await draftWhen(founder, ({ newcomers }) => newcomers.length > 0);
      await command(founder, { do: 'publish', message: 'welcome', expect: 2 });
      await statusWhen(newcomer, ({ applied }) => applied === 3);
      await statusWhen(founder, ({ newest }) => newest === 3);
      await relay.stop();
      await statusWhen(founder, ({ relay: { state } }) => state === 'disconnected');
      await rename(founder, 'Renamed');
      const again = await liveRelay(join(world.directory, 'relay'), Number(new URL(relay.url).port));
      try {
        assert.equal((await statusWhen(newcomer, ({ newest }) => newest === 4)).realm?.name, 'Renamed');
      } finally {
        await again.stop();
      }
    }));

  for (const [why, keepsCounter] of [
    ['by the counter outside its data directory', true],
    ['by what the relay holds of its log, though the counter was restored with it', false],
  ] as const) {
    it(`does not sign with a data directory from a backup, which it knows ${why}`, () =>
      withRelay(async (world, relay) => {
        const dataDir = await world.founded('host', [relayEntry(relay)]);
        const first = await world.connect(dataDir);
        await statusWhen(first, ({ time }) => time.upper !== null);
        await stopAgent(first, dataDir);
        const backup = join(world.directory, 'backup');
        await cp(dataDir, backup, { recursive: true });

        const second = await world.connect(dataDir);
        await command(second, { do: 'publish', message: 'one', expect: 1 });
        await statusWhen(second, ({ applied, relay: { state } }) => applied === 2 && state === 'synced');
        await rename(second, 'Renamed');
        await stopAgent(second, dataDir);

        await rm(dataDir, { recursive: true });
        await cp(backup, dataDir, { recursive: true });
        if (!keepsCounter) await rm(world.stateDir, { recursive: true });
        const restored = await world.connect(dataDir);
        await statusWhen(restored, ({ alarms }) => alarms.some(({ code }) => code === 'identity-stale'));
        const answer = await command(restored, { do: 'publish', message: 'again', expect: null });
        assert.equal(answer.ok ? 'ok' : answer.reason, 'identity-stale');
      }));
  }
});

function withRelay(work: (world: AgentWorld, relay: LiveRelay) => Promise<void>): Promise<void> {
  return withAgents(async (world) => {
    const relay = await liveRelay(join(world.directory, 'relay'));
    try {
      await work(world, relay);
    } finally {
      await relay.stop();
    }
  });
}

/** A founder with signed time that has applied version 2. */
async function leasing(world: AgentWorld, relay: LiveRelay): Promise<AgentClient> {
  const dataDir = await world.founded('host', [relayEntry(relay)]);
  const client = await world.connect(dataDir);
  await statusWhen(client, ({ time }) => time.upper !== null);
  await command(client, { do: 'publish', message: 'one', expect: 1 });
  await statusWhen(client, ({ applied }) => applied === 2);
  return client;
}

/** A data directory that has taken up an invitation by the founder; unless told, the founder has recorded it. */
async function invited(
  world: AgentWorld,
  relay: LiveRelay,
  founder: AgentClient,
  { record = true, until = 3600 }: { readonly record?: boolean; readonly until?: number } = {},
): Promise<string> {
  const status = await founder.request('status', {});
  const { invitation, command: asked } = await makeInvitation(systemRandom, {
    realm: (await realmOf(world)).realm,
    realmName: status.realm?.name ?? '',
    ...{ kind: 'host', id: 'ws02' as PrincipalId, name: 'Workstation 2', class: 'laptop', roles: ['voter'] },
    until: seconds(Math.floor(status.time.wall) + until),
    relays: [{ url: relay.url, key: relay.key, token: null }],
  });
  if (record) assert.equal((await command(founder, asked)).ok, true);
  const dataDir = join(world.directory, 'newcomer');
  const joined = await joinRealm({
    ...{ dataDir, stateDir: world.stateDir, invitation: formatInvitation(invitation) },
    // Its own clock is an hour behind.
    now: seconds(status.time.wall - 3600),
  });
  assert.equal(joined.ok, true);
  return dataDir;
}

async function realmOf(world: AgentWorld) {
  const file = await readRealmFile(join(world.directory, 'host'));
  assert.ok(file !== null);
  return file;
}

async function rename(client: AgentClient, name: string): Promise<void> {
  const { registry } = await client.request('registry', { version: 'draft' });
  await command(client, { do: 'set-registry', registry: { ...(registry as Registry), realm: { name } } });
  const published = await command(client, { do: 'publish', message: name, expect: null });
  assert.equal(published.ok ? 'ok' : published.detail, 'ok');
}

function relayEntry({ key, url }: LiveRelay) {
  return { url, key, token: null, register: null };
}

function command(
  client: AgentClient,
  asked: Methods['command']['params']['command'],
): Promise<Methods['command']['result']> {
  return client.request('command', { command: asked });
}

async function draftWhen(
  client: AgentClient,
  wanted: (draft: Methods['draft']['result']) => boolean,
): Promise<void> {
  await answerWhen(client, () => client.request('draft', {}), wanted);
}

function rolloutWhen(
  client: AgentClient,
  wanted: (rollout: NonNullable<StatusReport['pending']>) => boolean,
): Promise<NonNullable<StatusReport['pending']>> {
  const ask = async () => {
    const rollout = await client.request('rollout', { version: null });
    assert.ok(rollout !== null);
    return rollout;
  };
  return answerWhen(client, ask, wanted);
}
