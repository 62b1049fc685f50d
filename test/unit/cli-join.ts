import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInvitation } from '../../core/agent/invitation.ts';
import type { StatusReport } from '../../core/agent/protocol.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { main } from '../../core/cli/main.ts';
import { Fault } from '../../core/errors.ts';
import { fakeAgent, QUIET, RELAY } from '../support/fake-agent.ts';
import { fakeIo, ran, run, type Setting, until } from '../support/fake-io.ts';
import { at, INIT, invitationTo } from '../support/founding.ts';
import { withTempDir } from '../support/temp-dir.ts';

describe('invite and join', () => {
  it('hand over one line, which makes a newcomer of another directory', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const line = await invitationTo(root);
      assert.match(line, /^leasehold-invite:1:[\w-]+$/);
      const there = { ...at(root), dataDir: join(root, 'there'), files: { '/inv': `${line}\n` } };
      const { code, err, out } = await run('join /inv', there);
      assert.equal(code, 0, err);
      assert.equal(out, '✓ Joined Fern Lab as host ws-02\n');
      const file = await readRealmFile(join(root, 'there'));
      assert.equal(file?.principal, 'ws-02');
      assert.equal(file?.realm, (await readRealmFile(join(root, 'data')))?.realm);
    }));

  const ends: readonly [why: string, change: Partial<StatusReport>, exit: number, said: RegExp][] = [
    [
      'an invitation in whose place a relay knows another key',
      {
        join: { state: 'refused', reason: 'invitation-not-accepted', text: 'used already, or not as issued' },
      },
      5,
      /^✗ invitation not accepted: used already, or not as issued$/m,
    ],
    [
      'an invitation that no relay knows',
      {
        join: { state: 'refused', reason: 'invitation-unknown', text: 'the relay knows no such invitation' },
      },
      3,
      /no such invitation/,
    ],
    [
      'an invitation to a realm that the relay does not serve',
      { join: { state: 'refused', reason: 'relay-refuses', text: 'the relay does not serve this room' } },
      4,
      /does not serve this room/,
    ],
  ];
  for (const [why, change, exit, said] of ends) {
    it(`refuse ${why} with ${exit}, and leave no directory behind`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        const files = { '/inv': await invitationTo(root) };
        const agent = fakeAgent({ status: () => ({ ...QUIET, ...change }) });
        const { code, err, out } = await run('join /inv', {
          ...{ ...at(root), dataDir: join(root, 'there'), files, agent },
        });
        assert.deepEqual([code, out], [exit, '']);
        assert.match(err, said);
        assert.deepEqual(agent.asked, ['status', 'stop']);
        assert.deepEqual((await readdir(root)).sort(), ['data']);
      }));
  }

  const unsent: readonly [why: string, setting: () => Setting, said: RegExp][] = [
    [
      'the relay is down',
      () => ({
        agent: fakeAgent({
          status: () => ({
            ...{ ...QUIET, join: { state: 'waiting' } },
            relay: { ...RELAY, url: 'wss://r.example', state: 'disconnected', detail: 'ECONNREFUSED' },
          }),
        }),
      }),
      /Nobody else has heard of it: wss:\/\/r\.example cannot be reached: ECONNREFUSED/,
    ],
    ['the agent cannot be started', () => ({ agent: new Fault('DISK_FULL') }), /no space is left/],
  ];
  for (const [why, setting, said] of unsent) {
    it(`join though ${why}, and say that nobody has heard of it`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        const files = { '/inv': await invitationTo(root) };
        const there = { ...at(root), dataDir: join(root, 'there'), files, ...setting() };
        const { code, err, out } = await run('join /inv --json', there);
        const talk = await run('join /inv', { ...there, dataDir: join(root, 'elsewhere') });
        assert.deepEqual([code, JSON.parse(out).data.sent, err], [0, false, '']);
        assert.match(talk.err, said);
        assert.equal((await readRealmFile(join(root, 'there')))?.principal, 'ws-02');
      }));
  }

  for (const line of ['join /inv', 'join /inv --dry-run']) {
    it(`refuse a socket that no agent could listen on before anything is made: ${line}`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        const files = { '/inv': await invitationTo(root) };
        const env = { LEASEHOLD_AGENT_SOCKET: `/${'s'.repeat(129)}` };
        const there = { ...at(root, { env, files }), dataDir: join(root, 'there') };
        const { code, err, io, out } = await run(line, there);
        assert.deepEqual([code, out, io.connected.length], [9, '', 0]);
        assert.match(err, /too long for this system: expected 95 bytes at most, came 130/);
        assert.deepEqual((await readdir(root)).sort(), ['data']);
      }));
  }

  it('join after a time without an answer, and say so', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const files = { '/inv': await invitationTo(root) };
      const agent = fakeAgent({ status: () => ({ ...QUIET, join: { state: 'waiting' } }) });
      const io = fakeIo({ ...at(root), dataDir: join(root, 'there'), files, agent });
      const joining = ran(io, main('join /inv --timeout 3s'.split(' '), io));
      await until(() => io.timers.some(({ span }) => span === 3));
      io.timers.find(({ span }) => span === 3)?.fire();
      const { code, err } = await joining;
      assert.equal(code, 0);
      assert.match(err, /no relay has answered in time/);
    }));

  it('warn of an open invitation for the same host, which the new one replaces', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const answer = { ok: true, kind: 'recorded', log: 1 as never, seq: 1, replaces: [2 as never] } as const;
      const { err } = await run('invite host ws-02', at(root, { agent: fakeAgent({}, () => answer) }));
      assert.match(err, /ws-02 has 1 open invitation already: only the newest counts/);
    }));

  it('have the issuer sign what the line says, and not its secret', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const agent = fakeAgent({}, () => ({ ok: true, kind: 'recorded', log: 1 as never, seq: 1 }));
      const { out } = await run(
        'invite person ben --name Ben --role editor,issuer --valid 2d --json',
        at(root, { agent }),
      );
      const { data } = JSON.parse(out);
      const parsed = parseInvitation(data.invitation);
      assert.ok(parsed.ok);
      const [command] = agent.commands;
      assert.ok(command?.do === 'invite');
      const { seed, ...open } = parsed.value;
      assert.deepEqual(
        { ...command, do: undefined },
        {
          do: undefined,
          log: open.log,
          key: open.key,
          kind: 'person',
          id: 'ben',
          name: 'Ben',
          class: null,
          roles: ['editor', 'issuer'],
          until: (QUIET.time.upper ?? 0) + 172_800,
        },
      );
      assert.ok(!JSON.stringify(command).includes(Buffer.from(seed).toString('hex')));
    }));

  it('do not tell a newcomer what the relay asks of founders', () =>
    withTempDir(async (root) => {
      const words = ['--relay', 'wss://r.example', '--register-token-file', '/t', '--relay-token-file', '/u'];
      await run([...INIT, ...words], at(root, { files: { '/t': 'founders only', '/u': 'readers' } }));
      const line = await invitationTo(root);
      const parsed = parseInvitation(line);
      assert.deepEqual(parsed.ok && parsed.value.relays, [
        { url: 'wss://r.example', key: null, token: 'readers' },
      ]);
      assert.ok(!Buffer.from(line.split(':')[2] ?? '', 'base64url').includes('founders only'));
    }));

  for (const [what, between] of [
    ['lines', '\n'],
    ['copies without a break', ''],
  ] as const) {
    it(`refuse two invitations at once, given as ${what}, and say that there are two`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        const stdin = `${await invitationTo(root)}${between}${await invitationTo(root)}\n`;
        for (const line of ['join -', 'join - -n']) {
          const { code, err } = await run(line, { ...at(root), dataDir: join(root, 'there'), stdin });
          assert.equal(code, 1);
          assert.match(err, /^✗ expected one invitation, came 2$/m);
        }
      }));
  }

  it('sign nothing in a dry run', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const agent = fakeAgent();
      assert.equal((await run('invite host ws-02 -n', at(root, { agent }))).code, 0);
      assert.deepEqual(agent.commands, []);
    }));

  const slips: readonly [why: string, line: string, setting: Setting, exit: number][] = [
    ['an invitation as a word, where everybody can see it', 'join leasehold-invite:1:abc', {}, 2],
    ['a text that is no invitation', 'join -', { stdin: 'hello' }, 1],
    ['a damaged invitation', 'join -', { stdin: 'leasehold-invite:1:oWFh' }, 1],
    ['a file that is not there', 'join /inv', {}, 3],
    ['an invitation from where there is no realm', 'invite host ws-02', {}, 4],
    ['an invitation that is over at once', 'invite host ws-02 --valid 0s', {}, 2],
    ['an invitation that nobody could carry over in time', 'invite host ws-02 --valid 59s', {}, 2],
    ['a role that is none', 'invite host ws-02 --role king', {}, 4],
  ];
  for (const [why, line, setting, exit] of slips) {
    it(`refuse ${why} with ${exit}`, () =>
      withTempDir(async (root) => assert.equal((await run(line, at(root, setting))).code, exit)));
  }
});
