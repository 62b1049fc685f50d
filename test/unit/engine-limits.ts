import assert from 'node:assert/strict';
import { idleByFeature } from '../../core/engine/idle-seats.ts';
import { step } from '../../core/engine/step.ts';
import { floatingHosts } from '../support/floating.ts';
import {
  answers,
  checkout,
  giveBack,
  LIMITED,
  lender,
  NONE,
  policies,
  type Rules,
  YES,
} from '../support/limited-host.ts';
import { ask, play } from '../support/script.ts';

const KEPT = 'answer no: reserved';

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
    await play(one, ask(giveBack('a')));
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
    assert.deepEqual((await play(host, ask(giveBack('b')))).slice(-2), [
      'tell client 1 ticket 2 granted',
      'tell all lease e granted',
    ]);
    assert.deepEqual(
      (await play(host, ask(giveBack('a')))).filter((said) => said.includes('ticket')),
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
      const said = await play(host, ask(giveBack(id)));
      order.push(...said.filter((one) => one.endsWith('granted') && one.startsWith('tell all')));
    }
    assert.deepEqual(order, [
      'tell all lease e granted',
      'tell all lease f granted',
      'tell all lease d granted',
    ]);
  });
});
