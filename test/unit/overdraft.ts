import assert from 'node:assert/strict';
import { reportCapacity } from '../../core/agent/reports/capacity.ts';
import type { SeatReport } from '../../core/agent/seat-report.ts';
import { previewUsage } from '../../core/decide/preview.ts';
import { compile } from '../../core/state/compile.ts';
import { importFlexnet } from '../../core/state/flexnet-import.ts';
import { codesOf } from '../../core/state/grants.ts';
import type { Registry, RegistryImport } from '../../core/state/registry.ts';
import { type Hash, type LogId, type PublicKey, seconds } from '../../core/units.ts';
import { signedGrants } from '../../core/verify/grant.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';
import { codeOf, type Granting, grantedRegistry, NORTHLIGHT } from '../support/grants.ts';
import { foundedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { nodeCrypto } from '../support/keys.ts';
import { PUBLISH } from '../support/lending-host.ts';
import { answers, giveBack, NONE, YES } from '../support/limited-host.ts';
import { keyOfLog } from '../support/registries.ts';
import { ask, play, tick } from '../support/script.ts';
import { HOUR, session, usageLog } from '../support/usage.ts';

async function compiled(registry: Registry) {
  const grants = new Set(await signedGrants(codesOf(registry), nodeCrypto));
  const keyOf = (log: LogId) => keyOfLog(log) as PublicKey;
  const on = { realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash };
  return compile({ registry, ...on, parentRoster: null, keyOf, grants });
}

function overdraw(registry: Registry, overdraft: number): Registry {
  const { 'ray-batch': batch, ...features } = registry.features;
  assert(batch);
  return { ...registry, features: { ...features, 'ray-batch': { ...batch, overdraft } } };
}

const ALLOWED: Granting = { overdraft: { 'ray-batch': 2 } };

describe('Seats in overdraft', () => {
  const cases: readonly [why: string, grantings: readonly Granting[], overdraft: number, said: RegExp[]][] = [
    ['may be as many as licence codes allow', [ALLOWED], 2, []],
    ['may be fewer than they allow', [ALLOWED], 1, []],
    [
      'may not be more',
      [ALLOWED],
      3,
      [
        /^features\.ray-batch\.overdraft overdraft-not-granted: 3 seats beyond those there are, 2 are allowed by northlight from 2030-01-01 in the period ray-2030: set overdraft=2, or import/,
      ],
    ],
    [
      'are not those that a code grants beyond the seats there are',
      [{ features: { 'ray-batch': 50, 'ray-view': 2 } }],
      1,
      [/overdraft-not-granted: 1 seats .* 0 are allowed by northlight/],
    ],
    [
      'of two codes add up only while both are in force',
      [ALLOWED, { id: 'b', ...ALLOWED, until: '2030-06-30' }],
      4,
      [/overdraft-not-granted: 4 seats .* 2 are allowed by northlight from 2030-07-01/],
    ],
  ];
  for (const [why, grantings, overdraft, said] of cases) {
    it(why, async () => {
      const verdict = await compiled(overdraw(await grantedRegistry(...grantings), overdraft));
      const problems = (verdict.problems ?? []).map(
        ({ code, message, path }) => `${path} ${code}: ${message}`,
      );
      assert.equal(problems.length, said.length, problems.join('\n'));
      for (const [i, one] of said.entries()) assert.match(problems[i] ?? '', one);
    });
  }

  it('are nobody’s to allow where no vendor grants the seats', async () => {
    const registry = overdraw(await grantedRegistry(ALLOWED), 1);
    registry.software.raytracer = { name: 'Ray tracer' };
    const verdict = await compiled(registry);
    assert(!verdict.ok);
    assert.equal(verdict.reason, 'overdraft-not-granted');
    assert.match(
      verdict.detail ?? '',
      /nobody grants the seats of raytracer: leave overdraft out, or set software\.raytracer\.grantedBy/,
    );
  });

  it('are shared out among hosts as one pool with the others', async () => {
    const verdict = await compiled(overdraw(await grantedRegistry(ALLOWED), 2));
    assert(verdict.ok);
    const lots = verdict.value.lots.get('ray-batch') ?? new Map<string, number>();
    const sum = [...lots.values()].reduce((all, seats) => all + seats, 0);
    assert.equal(sum, (verdict.value.registry.features['ray-batch']?.seats ?? 0) + 2);
  });

  it('are used in a preview', async () => {
    const verdict = await compiled(overdraw(await grantedRegistry(ALLOWED), 2));
    assert(verdict.ok);
    const seats = verdict.value.registry.features['ray-batch']?.seats ?? 0;
    const sessions = Array.from({ length: seats + 3 }, (_, i) =>
      session('ray-batch', i % 2 === 0 ? 'ana' : 'bo', 'ws01', MIDYEAR, MIDYEAR + HOUR),
    );
    const question = { usage: usageLog({ sessions }), since: seconds(MIDYEAR), later: seconds(0) };
    const { denials } = previewUsage({ configuration: verdict.value, ...question });
    assert.deepEqual(
      denials.map(({ reason, refused, granted }) => [reason, granted + refused]),
      [['no-seat', 1]],
    );
  });
});

describe('seats list and seats explain', () => {
  const leases = [1, 2, 3].map((since) => ({ user: 'ana', tool: 'plotter', since, end: 9 }));
  const holder = { host: 'ws01', name: 'ws01', now: 4, lot: 4, came: 0, went: 0, free: 1, leases };
  const report: SeatReport = {
    ...{ feature: 'draw', name: 'draw', seats: 2, overdraft: 2, moves: [], explained: [] },
    hosts: [{ ...holder, withheld: 0, withheldUntil: null, none: null, heard: 'here', lastSeen: null }],
  };
  const agent = fakeAgent({
    seats: ({ feature }) => ({
      features: [report, { ...report, feature: 'plot', overdraft: 0 }].filter(
        (one) => feature === undefined || one.feature === feature,
      ),
      next: null,
    }),
  });

  it('say how many of the seats in overdraft are used, and that there are any', async () => {
    const { out } = await run('seats list', { agent });
    assert.match(out, /^draw: 3 of 2 seats known to be in use, overdraft: 1 of 2$/m);
    assert.match(out, /^plot .*: 3 of 2 seats known to be in use$/m);
    assert.match(
      (await run('seats explain draw', { agent })).out,
      /^draw: 2 seats, and 2 more in overdraft$/m,
    );
    assert.match((await run('seats explain plot', { agent })).out, /^plot: 2 seats$/m);
  });
});

/** A host whose three drawing seats may be overdrawn by one. */
async function overdrawing(): Promise<RigHost> {
  const granting = { product: 'cad', features: { draw: 3 }, overdraft: { draw: 1 } } as const;
  const sections: RegistryImport = {
    vendors: { northlight: { name: 'Northlight', keys: [NORTHLIGHT.key] } },
    software: { cad: { name: 'CAD', grantedBy: 'northlight' } },
    features: { draw: { name: 'Drawing', software: 'cad', seats: 3, overdraft: 1 } },
    periods: { draw: { feature: 'draw', from: '2030-01-01', until: '2030-12-31' } },
    grants: { 'order-1': { code: await codeOf(granting) } },
  };
  const host = await foundedHost(sections);
  await host.tellTime();
  const published = await host.submit(PUBLISH);
  assert(published.ok, JSON.stringify(published));
  await host.runtime.tick();
  await play(host, tick(host.runtime.model, MIDYEAR));
  return host;
}

describe('A host with seats in overdraft', () => {
  it('lends the seats and those beyond them, and not one more', async () => {
    const host = await overdrawing();
    assert.deepEqual(await answers(host, ['a ana', 'b bo', 'c ana', 'd bo', 'e ana']), [
      ...[YES, YES, YES, YES],
      NONE,
    ]);
    await play(host, ask(giveBack('a')));
    assert.deepEqual(await answers(host, ['f ana']), [YES]);
  });

  it('tells the seats that there were from those beyond them', async () => {
    const host = await overdrawing();
    const { features } = reportCapacity(host.runtime.model, { since: MIDYEAR, until: MIDYEAR + HOUR });
    assert.deepEqual(
      features.draw?.map(({ overdraft, seats, version }) => ({ overdraft, seats, version })),
      [{ overdraft: 1, seats: 3, version: 2 }],
    );
  });
});

describe('MAX_OVERDRAFT of an options file', () => {
  async function imported(text: string, ...grantings: readonly Granting[]) {
    const result = importFlexnet(await grantedRegistry(...grantings), text, {
      create: false,
      software: null,
    });
    assert(result.ok);
    const [line] = result.value.lines;
    const { overdraft } = result.value.registry.features['ray-batch'] ?? {};
    return [line?.outcome, line?.reason, overdraft, line?.said];
  }
  const set = (seats: number) => `features/ray-batch/overdraft=${seats}`;

  const cases: readonly [why: string, grantings: Granting[], seats: number, became: unknown[]][] = [
    ['is taken as far as codes allow', [ALLOWED], 1, ['taken', null, 1, set(1)]],
    [
      'sets no more than they allow',
      [ALLOWED],
      7,
      ['in-part', 'not-granted', 2, `${set(2)}: licence codes allow no more`],
    ],
    [
      'is left out where none allows any',
      [{}],
      1,
      [
        ...['left-out', 'not-granted', undefined],
        'no licence code allows seats beyond those of ray-batch throughout its periods',
      ],
    ],
    [
      'is left out where what is allowed ends before the period does',
      [{}, { id: 'b', ...ALLOWED, until: '2030-06-30' }],
      1,
      [
        ...['left-out', 'not-granted', undefined],
        'no licence code allows seats beyond those of ray-batch throughout its periods',
      ],
    ],
    ['of none is taken, whatever is allowed', [{}], 0, ['taken', null, 0, set(0)]],
  ];
  for (const [why, grantings, seats, became] of cases) {
    it(why, async () => {
      assert.deepEqual(await imported(`MAX_OVERDRAFT ray-batch ${seats}\n`, ...grantings), became);
    });
  }
});
