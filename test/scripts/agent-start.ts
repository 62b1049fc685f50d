import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dial, listen } from '../../core/adapters/rpc-socket.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { clientProof, readAgentFile, writeAgentFile } from '../../core/agent/agent-file.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { lockHolder } from '../../core/agent/lock.ts';
import { toResponseError } from '../../core/agent/request-error.ts';
import { agentPlaces } from '../../core/agent/socket-place.ts';
import { currentSurroundings } from '../../core/agent/surroundings.ts';
import { Fault, isFault } from '../../core/errors.ts';
import { withAgents } from '../support/agent-world.ts';

describe('starting an agent', () => {
  it('gives thirty clients at once one agent', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const clients = await Promise.all(Array.from({ length: 30 }, () => world.connect(dataDir)));
      assert.equal(new Set(clients.map(({ hello }) => hello.pid)).size, 1);
      const status = await clients[29]?.request('status', {});
      assert.deepEqual([status?.agent.clients, status?.agent.mode], [30, 'on-demand']);
    }));

  it('lets one of two that start at once serve, and the other go in peace', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const agents = [world.process('--data-dir', dataDir), world.process('--data-dir', dataDir)];
      const first = await Promise.race(agents.map(({ ended }, i) => ended.then((code) => ({ code, i }))));
      assert.equal(first.code, 0);
      const client = await world.connect(dataDir, { spawn: false });
      assert.equal(client.hello.pid, agents[1 - first.i]?.child.pid);
    }));

  it('takes the place of an agent that was killed, stale socket and all', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const killed = world.process('--data-dir', dataDir);
      await killed.logged('serving');
      killed.child.kill('SIGKILL');
      await killed.ended;
      const client = await world.connect(dataDir);
      assert.notEqual(client.hello.pid, killed.child.pid);
    }));

  it('refuses a data directory that belongs to no realm, and starts nothing there', () =>
    withAgents(async (world) => {
      const empty = join(world.directory, 'empty');
      await mkdir(empty);
      await assert.rejects(world.connect(empty), (error) => isFault(error, 'NOT_A_MEMBER'));
      assert.equal(await world.process('--data-dir', empty).ended, 78);
      assert.deepEqual(await readdir(empty), []);
    }));

  it('ends over a store that does not hold what was written there, and leaves no process', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const store = await openLevelStore(dataPaths(dataDir).store);
      await store.batch([{ key: 'applied', value: Uint8Array.of(1) }]);
      await store.close();
      const agent = world.process('--data-dir', dataDir);
      await agent.logged('not-started');
      assert.equal(await agent.ended, 1);
    }));

  it('is left alone by a client that may not start one', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const connecting = world.connect(dataDir, { spawn: false });
      await assert.rejects(connecting, (error) => isFault(error, 'AGENT_UNAVAILABLE'));
    }));

  it('gives up on a store that somebody holds and does not serve', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const store = await openLevelStore(dataPaths(dataDir).store);
      const starting = world.embedded(dataDir, { patience: 60 });
      await assert.rejects(starting, (error) => isFault(error, 'STORE_LOCKED'));
      await store.close();
    }));

  it('is told from nobody by its lock, whether it answers or not', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      assert.equal(await lockHolder(dataDir, 0), null);
      assert.equal(await lockHolder(join(world.directory, 'none'), 0), null);
      const store = await openLevelStore(dataPaths(dataDir).store);
      assert.deepEqual(await lockHolder(dataDir, 0), { pid: null });
      await store.close();
      const agent = world.process('--data-dir', dataDir);
      await agent.logged('serving');
      assert.deepEqual(await lockHolder(dataDir, 0), { pid: agent.child.pid });
    }));

  it('writes its file again when that is gone, or another is in its place', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const agent = world.process('--data-dir', dataDir);
      await agent.logged('serving');
      const file = dataPaths(dataDir).agent;
      const text = await readFile(file, 'utf8');
      for (const spoil of [() => rm(file), () => writeFile(file, text.replace(/"secret": "[^"]*"/, ''))]) {
        await spoil();
        const client = await world.connect(dataDir, { spawn: false });
        assert.equal(client.hello.pid, agent.child.pid);
        assert.equal(await readFile(file, 'utf8'), text);
      }
      agent.child.kill('SIGTERM');
      await agent.ended;
      await assert.rejects(readFile(file), { code: 'ENOENT' });
    }));

  it('waits for an agent that is just closing', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const store = await openLevelStore(dataPaths(dataDir).store);
      const starting = world.process('--data-dir', dataDir);
      await starting.logged('waiting');
      await store.close();
      await starting.logged('serving');
    }));

  it('refuses a socket directory that somebody else has put there', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const [place] = agentPlaces(currentSurroundings(), dataDir, undefined);
      assert.ok(place?.kind === 'socket');
      const elsewhere = join(world.directory, 'elsewhere');
      await mkdir(elsewhere, { mode: 0o700 });
      await symlink(elsewhere, place.directory);
      await assert.rejects(world.embedded(dataDir), (error) => isFault(error, 'SOCKET_UNSAFE'));
      assert.deepEqual(await readdir(elsewhere), []);
    }));

  it('passes over a socket path that the system would cut, and refuses one that it was told to use', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const long = join(world.directory, 'x'.repeat(100));
      await mkdir(long);
      const around = currentSurroundings();
      const env = { ...around.env, XDG_RUNTIME_DIR: long };
      const agent = await world.embedded(dataDir, { around: { ...around, env } });
      assert.equal(agent?.socket.startsWith(long), false);
      const client = await world.connect(dataDir, { spawn: false });
      assert.equal(client.hello.pid, process.pid);
      await agent?.stop('asked');
      const told = world.embedded(dataDir, { socket: join(long, 's') });
      await assert.rejects(told, (error) => isFault(error, 'SOCKET_PATH_TOO_LONG'));
    }));
});

describe('meeting an agent', () => {
  it('of another protocol version ends in AGENT_PROTOCOL, for an older client', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const agent = await world.embedded(dataDir);
      const secret = (await readAgentFile(dataDir))?.secret ?? '';
      const connection = await dial(agent?.socket ?? '');
      const hello = connection.sendRequest('hello', helloOf(secret, [2, 9]));
      await assert.rejects(hello, (error: { data?: unknown }) => {
        assert.deepEqual(error.data, { fault: 'AGENT_PROTOCOL' });
        return true;
      });
      connection.end();
      await agent?.stop('asked');
    }));

  it('of another protocol version ends in AGENT_PROTOCOL at once, for a newer client', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const socket = join(world.directory, 'later');
      const refusing = () => Promise.reject(toResponseError(new Fault('AGENT_PROTOCOL')));
      const server = await listen(socket, (peer) => peer.onRequest('hello', refusing), { removeStale: true });
      await writeAgentFile(dataDir, { pid: process.pid, version: '9', socket, secret: '12'.repeat(32) });
      await assert.rejects(world.connect(dataDir), (error) => isFault(error, 'AGENT_PROTOCOL'));
      await server.close();
    }));

  it('that does not know the secret of the data directory is not believed, whatever it says', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const socket = join(world.directory, 'squatter');
      const claim = {
        ...{ protocol: 1, version: '0.1.0', pid: 1, nonce: 'cd'.repeat(32), proof: 'ef'.repeat(32) },
        ...{ host: 'ws01', realm: null },
      };
      const server = await listen(socket, (peer) => peer.onRequest('hello', () => claim), {
        removeStale: true,
      });
      await writeAgentFile(dataDir, { pid: 1, version: '0.1.0', socket, secret: '12'.repeat(32) });
      await assert.rejects(world.connect(dataDir), /does not know the secret/);
      await server.close();
    }));

  it('is not the one of the directory from which this one was copied', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const agent = await world.embedded(dataDir);
      const copy = join(world.directory, 'copy');
      await cp(dataDir, copy, { recursive: true });
      assert.equal((await readAgentFile(dataDir))?.socket, agent?.socket);
      assert.equal(await readAgentFile(copy), null);
      await assert.rejects(world.connect(copy, { spawn: false }), (error) =>
        isFault(error, 'AGENT_UNAVAILABLE'),
      );
      await agent?.stop('asked');
    }));

  it('without the secret of the data directory gives a client no answer', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const agent = await world.embedded(dataDir);
      const connection = await dial(agent?.socket ?? '');
      await assert.rejects(connection.sendRequest('status', {}), /say hello before status/);
      const hello = connection.sendRequest('hello', helloOf('00'.repeat(32), [1, 1]));
      await assert.rejects(hello, /does not know the secret/);
      await assert.rejects(connection.sendRequest('status', {}), /say hello before status/);
      connection.end();
      await agent?.stop('asked');
    }));
});

function helloOf(secret: string, protocol: readonly [number, number]) {
  const nonce = 'ab'.repeat(32);
  const proof = clientProof(secret, nonce);
  return { protocol, client: 'test', version: '9', pid: 1, startTime: null, nonce, proof };
}
