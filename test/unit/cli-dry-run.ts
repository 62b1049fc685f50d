import assert from 'node:assert/strict';
import { join } from 'node:path';
import { counterFile } from '../../core/adapters/counter-file.ts';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { formatInvitation, parseInvitation } from '../../core/agent/invitation.ts';
import type { Methods } from '../../core/agent/protocol.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import type { CommandReason } from '../../core/engine/effect.ts';
import type { LogId } from '../../core/units.ts';
import { COMMANDS, READING } from '../support/command-tree.ts';
import { type FakeAgent, fakeAgent } from '../support/fake-agent.ts';
import { run, type Setting } from '../support/fake-io.ts';
import { at, INIT, invitationTo } from '../support/founding.ts';
import { codeOf, grantedRegistry } from '../support/grants.ts';
import { REPORT } from '../support/leases.ts';
import { withTempDir } from '../support/temp-dir.ts';

const CANDIDATE = 'c4'.repeat(32);
const CHANGE = { path: 'realm.name', kind: 'changed', before: 'A', after: 'B' } as const;

/** An agent that has everything that commands look at before they ask it to act, and then refuses for this reason. */
function refusing(reason: CommandReason, change: Partial<Methods['draft']['result']> = {}): FakeAgent {
  const drafted = { changes: [CHANGE], summary: [], problems: [], newcomers: [], contested: [] };
  return fakeAgent(
    {
      registry: () => ({ registry: REGISTRY, base: 2 }),
      draft: () => ({ base: 2, ...drafted, ...change }),
      unsigned: () => [
        {
          ...{ candidate: CANDIDATE, version: 3, author: 'ben', message: 'x' },
          ...{ changes: [], summary: [], refused: null },
        },
      ],
      leases: () => [REPORT],
    },
    () => ({ ok: false, reason, detail: 'because' }),
  );
}

const REGISTRY = await grantedRegistry({});
const CODE = await codeOf({ id: 'order-2' });
const FILES = { files: { '/i.json': JSON.stringify({ realm: { name: 'Other' } }) } };
const MAKE: Setting = {
  env: { PATH: '/bin' },
  places: { '/bin/make': { real: '', mode: 0o755, uid: 0, fileSystem: null, freeBytes: null } },
};

/** What the agent refuses, command by command. */
const REFUSED: readonly [line: string, reason: CommandReason, exit: number, setting?: Setting][] = [
  ['lease borrow sim.pro --hours 2', 'no-term', 13],
  ['borrow sim.pro --hours 2', 'no-seat', 6],
  ['seats give sim.pro --to ws-02 --hours 1', 'no-seat', 6],
  ['seats return sim.pro', 'not-found', 3],
  ['config publish -m x', 'undecided-version', 5],
  ['config publish -m x', 'not-an-issuer', 4],
  ['config sign c4 --yes', 'already-signed', 5],
  ['config void v3 --yes', 'not-next-undecided', 5],
  ['draft discard --yes', 'not-an-editor', 4],
  ['registry add software/cad name=CAD', 'not-an-editor', 4],
  ['registry set realm name=Other', 'not-an-editor', 4],
  ['registry remove rules/ray-designers', 'not-an-editor', 4],
  ['registry import /i.json', 'not-an-editor', 4, FILES],
  [`registry grant import ${CODE}`, 'not-an-editor', 4],
  ['registry grant remove order-1', 'not-an-editor', 4],
  ['revoke ws01 --reason x --confirm=ws01', 'not-an-issuer', 4],
  ['lease remove b1946ac9 --reason x --yes', 'not-an-issuer', 4],
  ['remove b1946ac9 --reason x --yes', 'not-an-issuer', 4],
  ['lease checkout sim.pro', 'expired', 7],
  ['checkout sim.pro --hold', 'no-seat', 6],
  ['lease run --feature sim.pro -- make', 'no-seat', 125, MAKE],
  ['run --feature sim.pro -- make', 'unknown-feature', 125, MAKE],
];

/** Commands whose refusals are tried below, or that begin, enter or run what is not there yet. */
const ELSEWHERE = [
  'invite',
  'leave',
  'identity rotate',
  'identity export',
  'lease return',
  'return',
  'init',
  'join',
  'agent start',
  'agent stop',
  'time set-clock',
];

describe('--dry-run', () => {
  it('is there on every command that changes something, and tried for each', () => {
    const changing = COMMANDS.filter(([path]) => !READING.includes(path));
    const without = changing.filter(([, { options }]) => !options.some(({ long }) => long === '--dry-run'));
    assert.deepEqual(
      without.map(([path]) => path),
      [],
    );
    const untried = changing.filter(
      ([path]) => !ELSEWHERE.includes(path) && !REFUSED.some(([line]) => line.startsWith(`${path} `)),
    );
    assert.deepEqual(
      untried.map(([path]) => path),
      [],
    );
  });

  for (const [line, reason, exit, setting = {}] of REFUSED) {
    it(`of ${line} foresees that the agent refuses it: ${reason}`, async () => {
      const real = await run(line, { ...setting, agent: refusing(reason) });
      assert.equal(real.code, exit, real.err);
      const agent = refusing(reason);
      const dry = await run(dryOf(line), { ...setting, agent });
      assert.deepEqual([dry.code, dry.out, dry.err], [real.code, real.out, real.err]);
      assert.deepEqual(agent.commands, []);
    });
  }

  const PROBLEM = { path: 'features', code: 'other', text: 'wrong' };
  const notAllowed: readonly [line: string, reason: CommandReason, draft: string, exit: number][] = [
    ['config publish -m x', 'not-an-issuer', 'empty', 4],
    ['config publish -m x', 'not-a-member', 'empty', 4],
    ['config publish -m x', 'identity-stale', 'empty', 4],
    ['config publish -m x', 'not-an-issuer', 'wrong', 4],
    ['config publish -m x --expect v1', 'not-an-issuer', 'good', 4],
    ['draft discard --yes', 'not-an-editor', 'empty', 4],
    ['draft discard', 'not-an-editor', 'good', 4],
    ['config publish -m x', 'not-compared', 'empty', 13],
    ['draft discard --yes', 'not-compared', 'empty', 0],
  ];
  for (const [line, reason, draft, exit] of notAllowed) {
    it(`and ${line} itself end with ${exit} where the draft is ${draft}: ${reason}`, async () => {
      const change = {
        ...(draft === 'empty' ? { changes: [] } : {}),
        ...(draft === 'wrong' ? { problems: [PROBLEM] } : {}),
      };
      for (const all of [line, dryOf(line)]) {
        const agent = refusing(reason, change);
        const { code, err } = await run(all, { agent });
        assert.equal(code, exit, err);
        assert.deepEqual(agent.commands, []);
      }
    });
  }

  const slips: readonly [line: string, exit: number][] = [
    ['lease return none', 3],
    ['lease return', 2],
    ['revoke ws01 --reason x --confirm=ws02', 2],
    ['config publish -m x --schedule 99 99 * * *', 2],
    ['config publish -m x --schedule * * * * * *', 2],
    ['config publish -m x --schedule 0 0 30 2 *', 2],
  ];
  for (const [line, exit] of slips) {
    it(`ends as the command itself for ${line}`, async () => {
      const words = line
        .replace(/--schedule .*/, '')
        .trim()
        .split(' ');
      const cron = /--schedule (.*)/.exec(line)?.[1];
      const all = cron === undefined ? words : [...words, '--schedule', cron];
      assert.equal((await run(all, { agent: refusing('malformed') })).code, exit);
      assert.equal((await run([...all, '-n'], { agent: refusing('malformed') })).code, exit);
    });
  }

  const home: readonly [why: string, line: string, setting: Setting, exit: number][] = [
    ['an unknown class', 'invite host ws-02 --class submarine', { agent: refusing('not-found') }, 3],
    ['no issuer', 'invite host ws-02', { agent: refusing('not-an-issuer') }, 4],
    ['another name', 'leave --confirm=ws-01', {}, 2],
    ['open leases', 'leave --confirm=lab-3', { agent: busy() }, 5],
    ['open leases', 'identity rotate /mine --yes', { agent: busy() }, 5],
    ['an invitation for another', 'identity rotate /other --yes', {}, 5],
    ['an invitation that was used', 'identity rotate /used --yes', {}, 5],
    ['a passphrase that is not there', 'identity rotate /mine --yes --passphrase-file /none', {}, 3],
    ['a passphrase that is not there', 'identity export --export-passphrase-file /none', {}, 3],
    ['a key that is not there', 'identity export ffff --export-passphrase-file /p', {}, 3],
  ];
  for (const [why, line, setting, exit] of home) {
    it(`of ${line} foresees ${why}`, () =>
      withTempDir(async (root) => {
        const files = await invitations(root);
        const all = () => at(root, { files, ...setting });
        const dry = await run(dryOf(line), all());
        const real = await run(line, all());
        assert.equal(real.code, exit, real.err);
        assert.deepEqual([dry.code, dry.out, dry.err], [real.code, real.out, real.err]);
        assert.equal((await readRealmFile(join(root, 'data')))?.principal, 'lab-3');
        assert.equal((await listIdentities(join(root, 'data'))).length, 1);
      }));
  }

  it('of what would be done says so with 0, and does nothing', () =>
    withTempDir(async (root) => {
      const files = await invitations(root);
      for (const line of ['leave', 'identity rotate /mine', 'identity export --export-passphrase-file /p']) {
        const { code, err, out } = await run(dryOf(line), at(root, { files }));
        assert.deepEqual([code, out.startsWith('Would ')], [0, true], err);
        assert.ok(!out.includes('container'));
      }
      assert.equal((await listIdentities(join(root, 'data'))).length, 1);
    }));
});

function dryOf(line: string): string {
  return line.includes(' -- ') ? line.replace(' -- ', ' -n -- ') : `${line} -n`;
}

function busy(): FakeAgent {
  const reason = 'one lease is open';
  return fakeAgent({ leases: () => [REPORT], stop: () => ({ stopping: false, reason }) });
}

/** A realm in `root`, with an invitation for its host, one for another, and one whose log this machine has written to. */
async function invitations(root: string): Promise<Readonly<Record<string, string>>> {
  await run(INIT, at(root));
  const mine = await invitationTo(root, 'invite host lab-3');
  const other = await invitationTo(root, 'invite host ws-02');
  const parsed = parseInvitation(mine);
  assert.ok(parsed.ok);
  const log = (parsed.value.log - 1) as LogId;
  await counterFile(join(root, 'state'), parsed.value.realm).raise(log, 1);
  const used = formatInvitation({ ...parsed.value, log });
  return { '/mine': mine, '/other': other, '/used': used, '/p': 'carry it\n' };
}
