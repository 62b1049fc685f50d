import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '../../core/adapters/random.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import type { AgentClient } from '../../core/agent/client.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { formatInvitation, makeInvitation } from '../../core/agent/invitation.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { joinRealm } from '../../core/agent/realm-setup.ts';
import { isFault } from '../../core/errors.ts';
import type { Registry } from '../../core/state/registry.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { type AgentWorld, statusWhen, withAgents } from '../support/agent-world.ts';
import { fillUp, remount, withFileSystem } from '../support/file-system.ts';
import { liveRelay } from '../support/live-relay.ts';

describe('an agent on a disk of its own', () => {
  it('tells whoever asks, and whoever comes later, that the disk is full, and goes on when it is not', () =>
    onDisk(async ({ connect, disk }) => {
      const client = await connect();
      const free = await fillUp(disk);
      const fault = await renameUntil(client).catch((error: unknown) => error);
      assert.ok(isFault(fault, 'DISK_FULL'), String(fault));
      await client.closed;
      await assert.rejects(connect(), (error) => isFault(error, 'DISK_FULL'));
      await free();
      const next = await connect();
      assert.equal((await next.request('status', {})).newest, 1);
    }));

  it('tells whoever starts it that the disk can only be read', () =>
    onDisk(async ({ connect, disk }) => {
      remount(disk, 'ro');
      await assert.rejects(connect(), (error) => isFault(error, 'STORE_UNWRITABLE'));
      remount(disk, 'rw');
      assert.equal((await (await connect()).request('status', {})).newest, 1);
    }));

  it('tells whoever starts it that somebody else holds the store', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const store = await openLevelStore(dataPaths(dataDir).store);
      // So long that only the agent's own word can end it.
      const patient = world.connect(dataDir, { timeout: 3600 });
      await assert.rejects(patient, (error) => isFault(error, 'STORE_LOCKED'));
      const impatient = world.connect(dataDir, { timeout: 3 });
      await assert.rejects(impatient, (error) => isFault(error, 'STORE_LOCKED'));
      await store.close();
    }));
});

describe('a relay on a full disk', () => {
  it('postpones what is written, and has it all once there is space', () =>
    withFileSystem('48m', (disk) =>
      withAgents(async (world) => {
        const relay = await liveRelay(join(disk, 'relay'));
        try {
          const entry = { url: relay.url, key: relay.key, token: null, register: null };
          const dataDir = await world.founded('host', [entry]);
          const founder = await world.connect(dataDir);
          await statusWhen(founder, (status) => status.relay.state === 'synced');
          const newcomer = await world.connect(await invited(world, founder, entry));
          await statusWhen(newcomer, ({ join }) => join?.state === 'kept');

          const free = await fillUp(disk);
          const before = (await founder.request('status', {})).records;
          for (const name of ['One', 'Two', 'Three']) await rename(founder, name, 400);
          const away = await statusWhen(founder, ({ relay: { state } }) => state === 'disconnected');
          assert.match(away.relay.detail ?? '', /4500/);
          assert.ok(away.records > before);
          await free();
          await statusWhen(newcomer, ({ records }) => records >= away.records);
          await statusWhen(founder, ({ relay: { state } }) => state === 'synced');
        } finally {
          await relay.stop();
        }
      }),
    ));
});

interface OnDisk {
  readonly disk: string;
  connect(): Promise<AgentClient>;
}

/** An agent whose data directory is on a small disk of its own, with everything else elsewhere. */
function onDisk(work: (set: OnDisk) => Promise<void>): Promise<void> {
  return withFileSystem('32m', (disk) =>
    withAgents(async (world) => {
      const dataDir = join(disk, 'host');
      await mkdir(dataDir, { mode: 0o700 });
      await cp(await world.founded('host'), dataDir, { recursive: true });
      await work({ disk, connect: () => world.connect(dataDir) });
    }),
  );
}

async function renameUntil(client: AgentClient): Promise<never> {
  for (let n = 1; ; n++) await rename(client, `Optics lab ${n}`, 0);
}

/** Changes the draft, by as many notes as to fill a page of the disk at once. */
async function rename(client: AgentClient, name: string, people: number): Promise<void> {
  const { registry } = await client.request('registry', { version: 'draft' });
  const more = Array.from({ length: people }, (_, i) => [
    `p-${name.toLowerCase()}-${i}`,
    { name: `Person ${i}` },
  ]);
  const changed = { ...(registry as Registry), realm: { name } };
  const people_ = { ...changed.people, ...Object.fromEntries(more) };
  await client.request('command', {
    command: { do: 'set-registry', registry: { ...changed, people: people_ } },
  });
}

async function invited(
  world: AgentWorld,
  founder: AgentClient,
  { key, url }: Pick<Awaited<ReturnType<typeof liveRelay>>, 'key' | 'url'>,
): Promise<string> {
  const file = await readRealmFile(join(world.directory, 'host'));
  assert.ok(file !== null);
  const { wall } = (await founder.request('status', {})).time;
  const { command, invitation } = await makeInvitation(systemRandom, {
    ...{ realm: file.realm, realmName: '', kind: 'host', id: 'ws02' as PrincipalId, name: 'Workstation 2' },
    ...{ class: 'laptop', roles: [], until: seconds(Math.floor(wall) + 3600) },
    relays: [{ url, key, token: null }],
  });
  await founder.request('command', { command });
  const dataDir = join(world.directory, 'newcomer');
  const joined = await joinRealm({
    ...{ dataDir, stateDir: world.stateDir, invitation: formatInvitation(invitation), now: seconds(wall) },
  });
  assert.equal(joined.ok, true);
  return dataDir;
}
