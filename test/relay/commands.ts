import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { storeDirectory } from '../../relay/compose.ts';
import { envName, readConfig, SETTINGS, type SettingName } from '../../relay/config.ts';
import { makeRealm } from '../support/realm.ts';
import { dial, roomUrl } from '../support/relay-client.ts';
import { newDirectory, runRelay, startRelayIn } from '../support/relay-server.ts';

async function inDirectory(work: (path: string) => Promise<void>): Promise<void> {
  const directory = await newDirectory();
  try {
    await work(directory.path);
  } finally {
    await directory.remove();
  }
}

describe('the settings of a relay', () => {
  it('come from flag, environment, file and default, in this order', async () => {
    await inDirectory(async (path) => {
      const file = join(path, 'relay.yaml');
      await writeFile(file, 'max-peers: 7\npolicy: open\nmax-queue-bytes: 2MiB\n');
      const env = { LEASEHOLD_RELAY_POLICY: 'list', LEASEHOLD_RELAY_MAX_PEERS: '8' };
      const verdict = readConfig({ 'max-peers': '9' }, env, file);
      ok(verdict.ok);
      equal(verdict.config['max-peers'], 9);
      equal(verdict.config.policy, 'list');
      equal(verdict.config['max-queue-bytes'], 2 * 1024 * 1024);
      const shown = ['max-peers', 'policy', 'max-queue-bytes', 'rate-limit'] as const;
      deepEqual(
        shown.map((name) => verdict.origins.get(name)),
        ['flag', 'env', 'file', 'default'],
      );
    });
  });

  const wrong: readonly [why: string, flags: Readonly<Record<string, unknown>>, problem: RegExp][] = [
    ['a port that is none', { listen: 'here' }, /^listen: expected HOST:PORT/],
    ['no number', { 'max-peers': 'many' }, /^max-peers: /],
    ['a certificate without its key', { 'tls-cert': '/x' }, /both or neither/],
    ['a token policy without a token', { policy: 'token' }, /^register-token: /],
  ];
  for (const [why, flags, problem] of wrong) {
    it(`are refused with a sentence for ${why}`, () => {
      const verdict = readConfig(flags, {}, null);
      ok(!verdict.ok);
      match(verdict.problems.join('\n'), problem);
    });
  }

  it('are refused when a file names one that does not exist', async () => {
    await inDirectory(async (path) => {
      const file = join(path, 'relay.json');
      await writeFile(file, '{"max-pears": 1}');
      const verdict = readConfig({}, {}, file);
      ok(!verdict.ok);
      match(verdict.problems.join('\n'), /^max-pears: no such setting/);
    });
  });

  it('have one name in flags, files and the environment', () => {
    for (const name of Object.keys(SETTINGS) as SettingName[]) {
      match(name, /^[a-z]+(-[a-z]+)*$/);
      match(envName(name), /^LEASEHOLD_RELAY_[A-Z_]+$/);
    }
  });
});

describe('leasehold-relay', () => {
  it('makes its time key once, and only says so in a dry run', async () => {
    await inDirectory(async (path) => {
      const at = ['--json', '--data-dir', join(path, 'relay')];
      const dry = JSON.parse((await runRelay(['init', '--dry-run', ...at])).out);
      equal(dry.data.timeKey, null);
      const first = JSON.parse((await runRelay(['init', ...at])).out);
      const again = JSON.parse((await runRelay(['init', ...at])).out);
      equal(first.kind, 'RelayInit');
      match(first.data.timeKey, /^[0-9a-f]{64}$/);
      equal(again.data.timeKey, first.data.timeKey);
    });
  });

  it('adds, lists, re-keys and removes a realm', async () => {
    await inDirectory(async (path) => {
      const realm = await makeRealm('listed', { hosts: 1, issuers: 1, voters: 1 });
      const at = ['--json', '--data-dir', path];
      const { data: added } = JSON.parse((await runRelay(['realm', 'add', '-', ...at], realm.genesis)).out);
      equal(added.realm, realm.id);
      equal((await runRelay(['realm', 'add', '-', ...at], realm.genesis)).code, 5);
      const listed = JSON.parse((await runRelay(['realm', 'list', ...at])).out);
      equal(listed.items[0].name, 'Realm listed');
      equal(JSON.stringify(listed).includes(added.token), false);
      const { data: renewed } = JSON.parse((await runRelay(['realm', 'token', realm.id, ...at])).out);
      const relay = await startRelayIn(path);
      equal(await (await dial(roomUrl(relay.port, realm.id, `?token=${added.token}`))).closed, 4401);
      const reader = await dial(roomUrl(relay.port, realm.id, `?token=${renewed.token}`));
      await relay.stop();
      equal(await reader.closed, 4503);
      equal((await runRelay(['realm', 'remove', realm.id, '--confirm=Realm listed', ...at])).code, 0);
      deepEqual(JSON.parse((await runRelay(['realm', 'list', ...at])).out).items, []);
    });
  });

  const unconfirmed: readonly [how: string, args: readonly string[], typed: string | null][] = [
    ['nobody is there to name it', [], null],
    ['nothing is named', ['--confirm='], null],
    ['another is named', ['--confirm=Realm other'], null],
    ['another is named in a dry run', ['--confirm=Realm other', '--dry-run'], null],
    ['another is typed', [], 'yes'],
  ];
  for (const [how, args, typed] of unconfirmed) {
    it(`keeps a realm, and ends with 2, where ${how}`, async () => {
      await inDirectory(async (path) => {
        const realm = await makeRealm('kept', { hosts: 1, issuers: 1, voters: 1 });
        const at = ['--data-dir', path];
        await runRelay(['realm', 'add', '-', ...at], realm.genesis);
        const refused = await runRelay(['realm', 'remove', realm.id, ...args, ...at], undefined, typed);
        equal(refused.code, 2);
        match(
          refused.err,
          typed === null ? /expected --confirm=[0-9a-f]{8}, or the name/ : /^not confirmed$/m,
        );
        match((await runRelay(['realm', 'list', ...at])).out, new RegExp(realm.id));
      });
    });
  }

  it('removes a realm whose name is typed, and asks nothing for a dry run', async () => {
    await inDirectory(async (path) => {
      const realm = await makeRealm('gone', { hosts: 1, issuers: 1, voters: 1 });
      const at = ['--data-dir', path];
      await runRelay(['realm', 'add', '-', ...at], realm.genesis);
      equal((await runRelay(['realm', 'remove', realm.id, '--dry-run', ...at])).code, 0);
      match((await runRelay(['realm', 'list', ...at])).out, new RegExp(realm.id));
      const removed = await runRelay(['realm', 'remove', realm.id, ...at], undefined, ' Realm gone \n');
      equal(removed.code, 0, removed.err);
      equal((await runRelay(['realm', 'list', ...at])).out, '');
    });
  });

  it('ends with 2 for what is no genesis or no setting, and with 3 for what is not there', async () => {
    await inDirectory(async (path) => {
      const at = ['--data-dir', path];
      equal((await runRelay(['realm', 'add', '-', ...at], Uint8Array.of(1))).code, 2);
      equal((await runRelay(['realm', 'add', join(path, 'none'), ...at])).code, 3);
      equal((await runRelay(['realm', 'remove', 'nobody', ...at])).code, 3);
      equal((await runRelay(['check', '--policy', 'x', ...at])).code, 2);
      equal((await runRelay(['serve', '--no-such-flag'])).code, 2);
    });
  });

  it('ends with 5 where another process holds the data directory, and with 8 where it is damaged', async () => {
    await inDirectory(async (path) => {
      const held = await openLevelStore(storeDirectory(path));
      const { code, err } = await runRelay(['serve', '--data-dir', path]);
      await held.close();
      equal(code, 5);
      match(err, /^another process holds the data directory: .+\n$/);
      await writeFile(join(storeDirectory(path), 'CURRENT'), 'nonsense');
      equal((await runRelay(['serve', '--data-dir', path])).code, 8);
    });
  });

  for (const setting of ['listen', 'admin-listen']) {
    it(`says which address of --${setting} another process has, and what helps`, async () => {
      await inDirectory(async (path) => {
        const other = createServer();
        await once(other.listen(0, '127.0.0.1'), 'listening');
        const { port } = other.address() as AddressInfo;
        const at = ['--listen', '127.0.0.1:0', '--admin-listen', 'off', '--time', 'off'];
        const taken = [`--${setting}`, `127.0.0.1:${port}`];
        const { code, err } = await runRelay(['serve', '--data-dir', path, ...at, ...taken]);
        other.close();
        equal(code, 1);
        const [what, hint] = err.split('\n');
        equal(what, `nothing can listen at this address: 127.0.0.1:${port}: another process listens there`);
        equal(
          hint,
          '  name another address with --listen, --admin-listen, --time-udp or --time-tcp, or end what listens there',
        );
      });
    });
  }

  it('counts what it has with its noun', async () => {
    await inDirectory(async (path) => {
      const at = ['--data-dir', path];
      equal((await runRelay(['init', ...at])).code, 0);
      match((await runRelay(['check', ...at])).out, /^ok, 0 realms$/m);
      const realm = await makeRealm('counted', { hosts: 1, issuers: 1, voters: 1 });
      equal((await runRelay(['realm', 'add', '-', ...at], realm.genesis)).code, 0);
      match((await runRelay(['check', ...at])).out, /^ok, 1 realm$/m);
    });
  });

  it('checks settings without starting, and keeps secrets to itself', async () => {
    await inDirectory(async (path) => {
      const secret = ['--policy', 'token', '--register-token', 'sesame'];
      const { code, out } = await runRelay(['check', '--data-dir', path, ...secret]);
      equal(code, 0);
      match(out, /^policy: "token" \(flag\)$/m);
      equal(out.includes('sesame'), false);
    });
  });

  it('fails a check where the data directory could not be made', async () => {
    await inDirectory(async (path) => {
      await writeFile(join(path, 'file'), '');
      const { code, err, out } = await runRelay(['check', '--data-dir', join(path, 'file', 'a', 'b')]);
      equal(code, 1);
      match(err, /^the data directory cannot be written: .*\n$/);
      equal(out, '');
    });
  });

  it('leaves nothing behind where it checks', async () => {
    await inDirectory(async (path) => {
      equal((await runRelay(['check', '--data-dir', join(path, 'a', 'b')])).code, 0);
      deepEqual(await readdir(path), []);
    });
  });

  it('answers the plain pages, and operators on a listener of their own', async () => {
    await inDirectory(async (path) => {
      const relay = await startRelayIn(path);
      const page = async (port: number | null, at: string) => {
        const response = await fetch(`http://127.0.0.1:${port}${at}`);
        return [response.status, await response.text()] as const;
      };
      deepEqual(await page(relay.port, '/livez'), [200, 'ok\n']);
      deepEqual(await page(relay.port, '/readyz?verbose'), [
        200,
        '[+]store ok\n[+]disk ok\n[+]accepting ok\nok\n',
      ]);
      equal((await page(relay.port, '/metrics'))[0], 404);
      equal(JSON.parse((await page(relay.port, '/version'))[1]).name, 'leasehold-relay');
      equal(JSON.parse((await page(relay.adminPort, '/status.json'))[1]).kind, 'RelayStatus');
      match((await page(relay.adminPort, '/metrics'))[1], /^leasehold_relay_ready 1$/m);
      await relay.stop();
    });
  });
});
