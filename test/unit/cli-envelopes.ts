import assert from 'node:assert/strict';
import type { Io } from '../../core/cli/io.ts';
import { main } from '../../core/cli/main.ts';
import { type Hash, toHex } from '../../core/units.ts';
import { encodeCbor } from '../../core/wire/cbor.ts';
import { COMMANDS, READING } from '../support/command-tree.ts';
import { fakeAgent, RELAY_TIME, versionOf } from '../support/fake-agent.ts';
import { fakeIo, run, type Setting, until } from '../support/fake-io.ts';
import { grantedRegistry } from '../support/grants.ts';
import { runRelay } from '../support/relay-server.ts';
import { EVERYWHERE } from '../support/rollouts.ts';
import { reportFile } from '../support/roughtime.ts';
import { withTempDir } from '../support/temp-dir.ts';

const REGISTRY = await grantedRegistry({});
const HASH = 'bb'.repeat(32) as Hash;
const LOG = '{"level":30,"event":"serving"}\nhalf a li';

function setting(): Setting {
  const agent = fakeAgent({
    rollout: () => EVERYWHERE,
    registry: () => ({ registry: REGISTRY, base: 42 }),
    draft: () => ({ base: 42, changes: [], summary: [], problems: [], newcomers: [], contested: [] }),
    versions: () => [versionOf(42)],
    configuration: () => ({
      ...{ realm: 'bb', hosts: { 'lab-3': ['cc'] } },
      ...{ version: 42, content: 'aa' },
      bytes: toHex(encodeCbor(new Map([['lots', new Map() as never]]))),
    }),
    seats: () => ({
      features: [
        {
          feature: 'sim.pro',
          name: 'Solver',
          seats: 8,
          overdraft: 0,
          hosts: [],
          moves: [],
          explained: ['ws-01: 8'],
        },
      ],
      next: null,
    }),
    compiled: () => ({
      ...{ ok: true, base: 42, version: 43, realm: HASH, parent: HASH, registry: REGISTRY, lots: {} },
    }),
    usage: () => ({ entries: [], next: null }),
    'time-proof': () => ({ report: null }),
    attest: () => ({ attestation: '{}' }),
    verify: () => ({ checks: [{ version: 1, check: 'genesis', ok: true, detail: '' }] }),
  });
  const files = {
    '/report.json': reportFile('gnomon-reference-v1'),
    '/r.json': JSON.stringify(REGISTRY),
    '/data/agent.log': LOG,
  };
  return { agent, files };
}

/** How each reading command is called here, and the kind of its first envelope. */
const CALLS: Readonly<Record<string, readonly [line: string, kind: string]>> = {
  status: ['status', 'Status'],
  doctor: ['doctor', 'CheckList'],
  'time status': ['time status', 'Time'],
  'time report': ['time report', 'TimeProof'],
  'time attest': ['time attest --for lab', 'TimeAttestation'],
  'time verify': ['time verify /report.json', 'TimeProofCheck'],
  'agent status': ['agent status', 'Agent'],
  'agent logs': ['agent logs', 'AgentLog'],
  'lease list': ['lease list', 'LeaseList'],
  'lease check': ['lease check sim.pro', 'FeatureCheck'],
  reread: ['reread', 'Rollout'],
  'registry list': ['registry list', 'CollectionList'],
  'registry show': ['registry show policy', 'Entry'],
  'registry find': ['registry find a', 'FoundList'],
  'registry export': ['registry export', 'Registry'],
  'registry validate': ['registry validate /r.json', 'Validation'],
  'registry schema': ['registry schema', 'RegistrySchema'],
  'registry grant list': ['registry grant list', 'GrantList'],
  'registry grant show': ['registry grant show order-1', 'Grant'],
  'draft status': ['draft status', 'Draft'],
  'draft diff': ['draft diff', 'ChangeList'],
  'config preview': ['config preview', 'Preview'],
  'config show': ['config show', 'Configuration'],
  'config diff': ['config diff v42', 'ChangeList'],
  'config log': ['config log', 'VersionList'],
  'config verify': ['config verify', 'VersionCheckList'],
  'rollout status': ['rollout status', 'Rollout'],
  'rollout watch': ['rollout watch', 'RolloutProgress'],
  'rollout wait': ['rollout wait', 'Rollout'],
  'rollout why': ['rollout why', 'RolloutReasons'],
  'report usage': ['report usage --since 7d', 'UsageReport'],
  'report peaks': ['report peaks --since 7d', 'PeakReport'],
  'report denials': ['report denials --since 7d', 'DenialReport'],
  'seats list': ['seats list', 'SeatList'],
  'seats explain': ['seats explain sim.pro', 'SeatExplanation'],
  'identity show': ['identity show', 'Identity'],
  help: ['help exit-codes', 'Help'],
  completion: ['completion bash', 'Completion'],
};

describe('--json', () => {
  it('is tried here on every reading command', () => {
    const visible = READING.filter((path) => !path.startsWith('_'));
    assert.deepEqual(Object.keys(CALLS).sort(), [...visible].sort());
    const paths = COMMANDS.map(([path]) => path);
    assert.deepEqual(
      READING.filter((path) => !paths.includes(path)),
      [],
    );
  });

  for (const [path, [line, kind]] of Object.entries(CALLS)) {
    it(`makes ${path} print nothing but envelopes, the first of kind ${kind}`, async () => {
      const { err, out } = await run(`${line} --json`, setting());
      const [first, ...others] = envelopesIn(out);
      assert.equal(first?.kind, kind, out + err);
      for (const each of [first, ...others]) {
        assert.equal(each?.apiVersion, 'leasehold/v1');
        assert(each.relayTime === null || each.relayTime === Math.floor(RELAY_TIME), out);
        assert.equal('data' in (each ?? {}) || Array.isArray(each?.items), true, out);
      }
    });
  }

  it('shows the lines of the log as the fields that the agent wrote', async () => {
    const { out } = await run('agent logs --json', setting());
    assert.deepEqual(JSON.parse(out).items, [{ level: 30, event: 'serving' }, { text: 'half a li' }]);
  });

  it('shows each line that the log grows by, however it is cut', async () => {
    const io = fakeIo(setting());
    const grow: Io['files']['follow'] = async (_path, _lines, tell) => {
      for (const piece of ['{"event":"on', 'e"}\n{"event":"two"}\n', '{"ev']) tell(piece);
      return () => undefined;
    };
    Object.assign(io.files, { follow: grow });
    const ending = main(['agent', 'logs', '--follow', '--json'], io);
    await until(() => io.out.length === 2);
    io.signal('SIGINT');
    assert.equal(await ending, 130);
    assert.deepEqual(
      io.out.map((line) => JSON.parse(line)),
      ['one', 'two'].map((event) => ({
        ...{ apiVersion: 'leasehold/v1', kind: 'AgentLogEntry', relayTime: null, data: { event } },
      })),
    );
  });

  it('shows what a version waits for as facts beside the sentences', async () => {
    const waiting = {
      ...EVERYWHERE,
      causes: [
        { kind: 'silent-voter', voter: 'ws01', lastSeen: null, text: 'ws01 is silent' },
        { kind: 'not-applied', host: 'lab-3', state: 'acked', lastSeen: 5, text: 'lab-3 is not there' },
      ],
    } as const;
    const agent = fakeAgent({ rollout: () => waiting });
    const all = JSON.parse((await run('rollout why --json', { agent })).out).data;
    assert.deepEqual(all.causes, waiting.causes);
    assert.deepEqual(all.reasons, ['ws01 is silent', 'lab-3 is not there']);
    const one = JSON.parse((await run('rollout why lab-3 --json', { agent })).out).data;
    assert.deepEqual([one.causes, one.reasons], [[waiting.causes[1]], ['lab-3 is not there']]);
  });

  it('leaves what is written for other tools as it is without it', async () => {
    assert.equal(
      (await run('registry export --format json', setting())).out.startsWith('{\n  "realm"'),
      true,
    );
    assert.match((await run('registry schema', setting())).out, /^\{\n {2}"\$schema"/);
    assert.equal((await run('agent logs', setting())).out, `${LOG}\n`);
  });
});

/** What an operator of a relay can run: groups, then their commands. */
async function relayCommands(path: readonly string[] = []): Promise<readonly (readonly string[])[]> {
  const { out } = await runRelay([...path, '--help']);
  const names = [...out.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name ?? '');
  const below = names.filter((name) => name !== 'help');
  if (!/^Commands:$/m.test(out)) return [path];
  return (await Promise.all(below.map((name) => relayCommands([...path, name])))).flat();
}

describe('leasehold-relay', () => {
  const reading: Readonly<Record<string, string>> = {
    check: 'RelayCheck',
    key: 'RelayKey',
    'realm list': 'RelayRealmList',
    version: 'RelayVersion',
  };

  it('takes --json on what reads and --dry-run too on what changes; serve and time run', async () => {
    const paths = (await relayCommands()).map((path) => path.join(' '));
    assert.deepEqual(
      [...paths].sort(),
      [
        'check',
        'init',
        'key',
        'realm add',
        'realm list',
        'realm remove',
        'realm token',
        'serve',
        'time',
        'version',
      ].sort(),
    );
    for (const path of paths) {
      const { out } = await runRelay([...path.split(' '), '--help']);
      if (path === 'serve' || path === 'time') continue;
      assert.match(out, /--json/, path);
      assert.equal(/--dry-run/.test(out), reading[path] === undefined, path);
    }
  });

  for (const [path, kind] of Object.entries(reading)) {
    it(`prints an envelope of ${kind} for ${path}`, () =>
      withTempDir(async (directory) => {
        const at = path === 'version' ? [] : ['--data-dir', directory];
        if (path === 'key') await runRelay(['init', ...at]);
        const { code, err, out } = await runRelay([...path.split(' '), '--json', ...at]);
        assert.equal(code, 0, err);
        const [envelope] = envelopesIn(out);
        assert.deepEqual([envelope?.apiVersion, envelope?.kind], ['leasehold/v1', kind]);
        assert.equal('data' in (envelope ?? {}) || Array.isArray(envelope?.items), true, out);
      }));
  }
});

interface Envelope {
  readonly apiVersion: string;
  readonly relayTime?: number | null;
  readonly kind: string;
  readonly items?: unknown;
}

/** One document, or one a line. */
function envelopesIn(text: string): readonly Envelope[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}
