import assert from 'node:assert/strict';
import { idleByFeature } from '../../core/engine/idle-seats.ts';
import type { Command } from '../../core/engine/input.ts';
import type { CheckoutRequest } from '../../core/engine/lease.ts';
import { step } from '../../core/engine/step.ts';
import type { Registry, RegistryImport } from '../../core/state/registry.ts';
import { floatingHosts } from '../support/floating.ts';
import { foundedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { again, drafting, PUBLISH } from '../support/lending-host.ts';
import { runtimePorts } from '../support/runtime-ports.ts';
import { ask, play, tick } from '../support/script.ts';

type Rules = Registry['rules'];
type Feature = Partial<Registry['features'][string]>;

function policies(rules: Rules, draw: Feature = {}): RegistryImport {
  return {
    rules,
    groups: { team: { name: 'Team', members: ['ana'] } },
    features: { draw: { name: 'Drawing', software: 'cad', seats: 3, ...draw } },
    periods: { draw: { feature: 'draw', from: '2030-01-01', until: '2030-12-31' } },
  };
}

async function lender(rules: Rules, draw: Feature = {}) {
  const ports = runtimePorts();
  const host = await foundedHost(policies(rules, draw), ports);
  await host.tellTime();
  await host.submit(PUBLISH);
  await host.runtime.tick();
  await play(host, tick(host.runtime.model, MIDYEAR));
  return { host, ports };
}

function checkout(id: string, user: string, more: Partial<CheckoutRequest> = {}): Command {
  const process = { tool: 'drafter', pid: null, startTime: null };
  const request = { feature: 'draw', user, tie: 'connection', wait: false, process, ...more } as const;
  return { do: 'checkout', request, id, secret: `secret of ${id}` };
}

const GIVEN_BACK = (lease: string): Command => ({ do: 'return', lease, reason: null });

/** What each checkout is answered, in order: `a ana` is one for the lease `a` by `ana`. */
async function answers(host: RigHost, wishes: readonly string[], more: Partial<CheckoutRequest> = {}) {
  const said: string[] = [];
  for (const wish of wishes) {
    const [id = '', user = ''] = wish.split(' ');
    const effects = await play(host, ask(checkout(id, user, more)));
    said.push(...effects.filter((effect) => effect.startsWith('answer')));
  }
  return said;
}

function held({ runtime }: RigHost): readonly string[] {
  return [...runtime.model.leases.values()].map(({ lease }) => `${lease.id} ${lease.tie}`);
}

function inUse({ runtime }: RigHost): number {
  return runtime.model.inUse.get('draw') ?? 0;
}

const YES = 'answer lease';
const LIMITED = 'answer no: limit-reached';
const KEPT = 'answer no: reserved';
const NONE = 'answer no: no-seat';

describe('A rule about numbers', () => {
  const cases: readonly [
    why: string,
    rules: Rules,
    wishes: readonly string[],
    expected: readonly string[],
  ][] = [
    [
      'limits a person to its max, and nobody else',
      { r: { feature: 'draw', for: { people: ['ana'] }, max: 1 } },
      ['a ana', 'b ana', 'c bo'],
      [YES, LIMITED, YES],
    ],
    [
      'limits those of a group together',
      { r: { feature: 'draw', for: { people: ['bo'], groups: ['team'] }, max: 2 } },
      ['a ana', 'b bo', 'c bo'],
      [YES, YES, LIMITED],
    ],
    [
      'limits a host whoever asks there',
      { r: { feature: 'draw', for: { hosts: ['ws01'] }, max: 1 } },
      ['a ana', 'b bo'],
      [YES, LIMITED],
    ],
    [
      'limits everybody together when it is for nobody in particular',
      { r: { feature: 'draw', max: 0 } },
      ['a ana'],
      [LIMITED],
    ],
    [
      'keeps the last seats for a group: others find none, its people do',
      { r: { feature: 'draw', for: { groups: ['team'] }, keep: 2 } },
      ['a bo', 'b bo', 'c ana', 'd ana', 'e ana'],
      [YES, KEPT, YES, YES, NONE],
    ],
    [
      'counts what its people use as kept already',
      { r: { feature: 'draw', for: { groups: ['team'] }, keep: 1 } },
      ['a ana', 'b bo', 'c bo'],
      [YES, YES, YES],
    ],
  ];
  for (const [why, rules, wishes, expected] of cases) {
    it(why, async () => {
      const { host } = await lender(rules);
      assert.deepEqual(await answers(host, wishes), expected);
    });
  }

  it('counts what other hosts have told of their leases, and a stranger among them not', async () => {
    const rules = { r: { feature: 'draw', for: { people: ['ana'] }, max: 1 } };
    const [one, two] = await floatingHosts(['ws02'], policies(rules));
    assert(one !== undefined && two !== undefined);
    const telling = { free: new Map<string, number>(), used: [{ feature: 'draw', user: 'ana' }] };
    await one.runtime.meet(new Map([[999 as typeof two.log, telling]]));
    assert.deepEqual(await answers(one, ['a ana']), [YES]);
    await play(one, ask(GIVEN_BACK('a')));
    await one.runtime.meet(new Map([[two.log, telling]]));
    assert.deepEqual(await answers(one, ['b ana', 'c bo']), [LIMITED, YES]);
  });

  it('keeps seats for those who use others elsewhere', async () => {
    const rules = { r: { feature: 'draw', for: { people: ['ana'] }, keep: 3 } };
    const [one, two] = await floatingHosts(['ws02'], policies(rules));
    assert(one !== undefined && two !== undefined);
    const used = [{ feature: 'draw', user: 'ana' }];
    await one.runtime.meet(new Map([[two.log, { free: new Map<string, number>(), used }]]));
    assert.deepEqual(await answers(one, ['a bo', 'b ana']), [KEPT, YES]);
  });

  it('asks no other host for a seat that would be of no use to who waits', async () => {
    const rules = { r: { feature: 'draw', for: { people: ['ana'] }, max: 0 } };
    const [one, two] = await floatingHosts(['ws02'], policies(rules));
    assert(one !== undefined && two !== undefined);
    await one.runtime.meet(new Map([[two.log, { free: new Map([['draw', 1]]) }]]));
    const effects = await play(one, ask(checkout('a', 'ana', { wait: true })));
    assert.deepEqual(effects, ['answer queued']);
  });

  it('keeps its seats from other hosts, too: what is kept for some is not idle', async () => {
    const { host } = await lender({ r: { feature: 'draw', for: { people: ['ana'] }, keep: 2 } });
    assert.equal(idleByFeature(host.runtime.model).get('draw'), 1);
  });
});

describe('A limited checkout that waits', () => {
  it('does not keep those behind it waiting for a seat that is free for them', async () => {
    const { host } = await lender({ r: { feature: 'draw', for: { people: ['ana'] }, max: 1 } });
    await answers(host, ['a ana', 'b bo', 'c bo']);
    assert.deepEqual(await answers(host, ['d ana', 'e bo'], { wait: true }), [
      'answer queued',
      'answer queued',
    ]);
    assert.deepEqual((await play(host, ask(GIVEN_BACK('b')))).slice(-2), [
      'tell client 1 ticket 2 granted',
      'tell all lease e granted',
    ]);
    assert.deepEqual(
      (await play(host, ask(GIVEN_BACK('a')))).filter((said) => said.includes('ticket')),
      ['tell client 1 ticket 1 granted'],
    );
  });
});

describe('A priority', () => {
  it('puts who waits before those that came sooner, and says so in their positions', async () => {
    const { host } = await lender({ r: { feature: 'draw', for: { people: ['ana'] }, priority: 5 } });
    await answers(host, ['a bo', 'b bo', 'c bo']);
    const { model } = host.runtime;
    const places = ['d bo', 'e ana', 'f ana'].flatMap((wish) => {
      const [id = '', user = ''] = wish.split(' ');
      return step(model, ask(checkout(id, user, { wait: true })));
    });
    const positions = places.flatMap((effect) =>
      effect.kind === 'answer' && effect.answer.ok && effect.answer.kind === 'queued'
        ? [effect.answer.position]
        : [],
    );
    assert.deepEqual(positions, [1, 1, 2]);
    const order: string[] = [];
    for (const id of ['a', 'b', 'c']) {
      const said = await play(host, ask(GIVEN_BACK(id)));
      order.push(...said.filter((one) => one.endsWith('granted') && one.startsWith('tell all')));
    }
    assert.deepEqual(order, [
      'tell all lease e granted',
      'tell all lease f granted',
      'tell all lease d granted',
    ]);
  });
});

describe('A seat that lingers', () => {
  const LINGER = { linger: 600 };

  it('stays counted after its return until its time is over, on disk and in no further answer', async () => {
    const { host } = await lender({}, { seats: 1, ...LINGER });
    await answers(host, ['a ana']);
    assert.deepEqual(await play(host, ask(GIVEN_BACK('a'))), [
      'write lease/a',
      'tell all lease a returned',
      'answer returned',
    ]);
    assert.deepEqual([held(host), inUse(host)], [['a linger'], 1]);
    assert.deepEqual(await answers(host, ['b bo']), [NONE]);
    assert.deepEqual(await play(host, ask(GIVEN_BACK('a'))), ['answer no: not-found']);
    assert.deepEqual(await play(host, ask({ do: 'return-all' })), ['answer returned']);
    const attach: Command = { do: 'attach', lease: 'a', secret: 'secret of a' };
    assert.deepEqual(await play(host, ask(attach)), ['answer no: not-found']);
    await play(host, tick(host.runtime.model, MIDYEAR + 599));
    assert.equal(inUse(host), 1);
    assert.deepEqual(await play(host, tick(host.runtime.model, MIDYEAR + 600)), [
      'delete lease/a',
      'tell all lease a ended',
    ]);
    assert.deepEqual(await answers(host, ['b bo']), [YES]);
  });

  it("is its user's to take up again, in one write", async () => {
    const { host } = await lender({}, { seats: 1, ...LINGER });
    await answers(host, ['a ana']);
    await play(host, ask(GIVEN_BACK('a')));
    assert.deepEqual(await play(host, ask(checkout('b', 'ana'))), [
      'write lease/b, delete lease/a',
      'answer lease',
      'tell all lease b granted',
    ]);
    assert.deepEqual([held(host), inUse(host)], [['b connection'], 1]);
  });

  it('is not counted beside the lease that takes it up again', async () => {
    const { host } = await lender({ r: { feature: 'draw', for: { people: ['ana'] }, max: 1 } }, LINGER);
    await answers(host, ['a ana']);
    await play(host, ask(GIVEN_BACK('a')));
    assert.deepEqual(await answers(host, ['b ana', 'c ana']), [YES, LIMITED]);
  });

  it('survives a crash, and counts no less after it', async () => {
    const { host, ports } = await lender({}, { seats: 1, ...LINGER });
    await host.submit(checkout('a', 'ana'));
    await host.submit(GIVEN_BACK('a'));
    const { host: next } = await again(host, ports);
    assert.deepEqual([held(next), inUse(next)], [['a linger'], 1]);
  });

  it('does not hold up a version that waits to be applied', async () => {
    const { host } = await lender({}, { seats: 1, ...LINGER });
    await answers(host, ['a ana']);
    await play(host, ask(GIVEN_BACK('a')));
    await play(host, ask(drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 2 }))(host)));
    await play(host, ask(PUBLISH));
    await play(host, tick(host.runtime.model, MIDYEAR + 1));
    assert.deepEqual([held(host), host.runtime.model.applied?.version.version], [[], 3]);
  });
});

describe('A feature that counts users', () => {
  const PER_USER = { seats: 1, per: 'user' } as const;

  it('gives the second process of a user the same seat, and another user none', async () => {
    const { host } = await lender({}, PER_USER);
    assert.deepEqual(await answers(host, ['a ana', 'b ana', 'c bo', 'd ana']), [YES, YES, NONE, YES]);
    assert.equal(inUse(host), 1);
  });

  it('keeps the seat until the last of the processes has given it back, whichever was first', async () => {
    const { host } = await lender({}, { ...PER_USER, linger: 60 });
    await answers(host, ['a ana', 'b ana', 'c ana']);
    assert.equal((await play(host, ask(GIVEN_BACK('a'))))[0], 'delete lease/a, write lease/b, write lease/c');
    assert.deepEqual(await answers(host, ['x bo']), [NONE]);
    await play(host, ask(GIVEN_BACK('c')));
    assert.deepEqual([held(host), inUse(host)], [['b connection'], 1]);
    await play(host, ask(GIVEN_BACK('b')));
    assert.deepEqual([held(host), inUse(host)], [['b linger'], 1]);
  });

  it('serves who waits and shares a seat by now, though those before find none', async () => {
    const { host } = await lender({}, PER_USER);
    const { model } = host.runtime;
    model.time = { ...model.time, lower: null, upper: null };
    model.lots = null;
    await answers(host, ['a ana', 'b bo', 'c ana'], { wait: true });
    await play(host, tick(model, MIDYEAR));
    assert.deepEqual([held(host), model.queue.length], [['a connection', 'c connection'], 1]);
  });

  it('renews all who share a seat together', async () => {
    const { host } = await lender({}, PER_USER);
    await answers(host, ['a ana', 'b ana']);
    const end = host.runtime.model.leases.get('a')?.lease.end ?? 0;
    await play(host, tick(host.runtime.model, end - 60));
    const ends = [...host.runtime.model.leases.values()].map(({ lease }) => lease.end);
    assert.deepEqual(ends, [end + 86_400, end + 86_400]);
  });
});
