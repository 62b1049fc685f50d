import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orderSocket } from '../../relay/admin/order-socket.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';
import { dial, roomUrl } from '../support/relay-client.ts';
import { newDirectory, runRelay, spawnRelay, startRelayIn } from '../support/relay-server.ts';

describe('the realm commands of a relay that runs', () => {
  let directory: Awaited<ReturnType<typeof newDirectory>>;
  let realm: TestRealm;

  beforeEach(async () => {
    directory = await newDirectory();
    realm = await makeRealm('listed', { hosts: 1, issuers: 1, voters: 1 });
  });

  afterEach(() => directory.remove());

  const realms = (args: readonly string[], input?: Uint8Array) =>
    runRelay(['realm', ...args, '--data-dir', directory.path], input);

  const listed = async () =>
    (JSON.parse((await realms(['list', '--json'])).out) as { items: { realm: string }[] }).items.map(
      (item) => item.realm,
    );

  it('add, list, re-key and remove a realm at a relay in a process of its own', async () => {
    const relay = await spawnRelay(directory.path);
    try {
      equal(await (await dial(roomUrl(relay.port, realm.id))).closed, 4404);
      const added = await realms(['add', '-', '--json'], realm.genesis);
      equal(added.code, 0, added.err);
      const { token } = (JSON.parse(added.out) as { data: { token: string } }).data;
      const reader = await dial(roomUrl(relay.port, realm.id, `?token=${token}`));
      deepEqual(await listed(), [realm.id]);
      match((await realms(['add', '-'], realm.genesis)).err, /is here already/);

      const renewed = JSON.parse((await realms(['token', realm.id, '--json'])).out) as {
        data: { token: string };
      };
      equal(await reader.closed, 4500);
      equal(await (await dial(roomUrl(relay.port, realm.id, `?token=${token}`))).closed, 4401);
      const other = await dial(roomUrl(relay.port, realm.id, `?token=${renewed.data.token}`));

      equal((await realms(['remove', realm.id, '--dry-run'])).code, 0);
      deepEqual(await listed(), [realm.id]);
      equal((await realms(['remove', realm.id, '--confirm', realm.id.slice(0, 8)])).code, 0);
      equal(await other.closed, 4500);
      equal(await (await dial(roomUrl(relay.port, realm.id))).closed, 4404);
      deepEqual(await listed(), []);
    } finally {
      await relay.end('SIGTERM');
    }
  });

  it('find on disk after the end of the relay what it was told while it ran', async () => {
    const relay = await spawnRelay(directory.path);
    equal((await realms(['add', '-'], realm.genesis)).code, 0);
    await relay.end('SIGKILL');
    ok(existsSync(orderSocket(directory.path) ?? ''));
    deepEqual(await listed(), [realm.id]);
    const next = await startRelayIn(directory.path);
    deepEqual(await listed(), [realm.id]);
    await next.stop();
    equal(existsSync(orderSocket(directory.path) ?? ''), false);
  });

  it('reach it through a directory that nobody else may enter', async () => {
    const relay = await startRelayIn(directory.path);
    equal((await stat(join(directory.path, 'operator'))).mode & 0o777, 0o700);
    await relay.stop();
  });

  it('do not reach it through a directory that others may enter, and say who holds the data', async () => {
    await mkdir(join(directory.path, 'operator'));
    await chmod(join(directory.path, 'operator'), 0o755);
    const relay = await startRelayIn(directory.path);
    const refused = await realms(['add', '-'], realm.genesis);
    equal(refused.code, 5);
    await relay.stop();
  });

  it('have beside them check and init, which show the time key while it runs', async () => {
    const relay = await startRelayIn(directory.path);
    await realms(['add', '-'], realm.genesis);
    const data = async (command: string) => {
      const { code, err, out } = await runRelay([command, '--json', '--data-dir', directory.path]);
      equal(code, 0, err);
      return (JSON.parse(out) as { data: { timeKey: string; realms?: number } }).data;
    };
    const [checked, made] = [await data('check'), await data('init')];
    match(checked.timeKey, /^[0-9a-f]{64}$/);
    equal(made.timeKey, checked.timeKey);
    equal(checked.realms, 1);
    match(
      (await runRelay(['check', '--data-dir', directory.path])).out,
      new RegExp(`^time key ${checked.timeKey}$`, 'm'),
    );
    await relay.stop();
  });

  it('take a genesis in hex as well', async () => {
    const file = join(directory.path, 'genesis.hex');
    await writeFile(file, `${Buffer.from(realm.genesis).toString('hex')}\n`);
    const added = await realms(['add', file]);
    equal(added.code, 0, added.err);
    deepEqual(await listed(), [realm.id]);
  });
});
