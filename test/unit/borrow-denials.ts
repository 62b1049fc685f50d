import assert from 'node:assert/strict';
import { decideBorrow } from '../../core/engine/borrowing.ts';
import { checkoutQuestion } from '../../core/engine/checkout-question.ts';
import type { Answer } from '../../core/engine/effect.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { floatingHosts, lotOf, settle } from '../support/floating.ts';
import { checkoutOf, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { drafting, PUBLISH } from '../support/lending-host.ts';
import { policies } from '../support/limited-host.ts';

const DAY = 86_400;
const MIDNIGHT = (Math.floor(MIDYEAR / DAY) + 1) * DAY;

function borrow(host: RigHost, id: string, until: number, user = 'ana', feature = 'draw'): Promise<Answer> {
  const command = checkoutOf(feature, user, id);
  assert(command.do === 'checkout');
  return host.submit({ ...command, request: { ...command.request, until: seconds(until) } });
}

const told = (answer: Answer) => (answer.ok ? 'yes' : `${answer.reason}: ${answer.detail}`);

async function pair(changes: RegistryImport = {}): Promise<[RigHost, RigHost]> {
  return (await floatingHosts(['ws02'], changes)) as [RigHost, RigHost];
}

describe('Borrowing is denied', () => {
  it('to a stranger, and of a feature that is not there', async () => {
    const [a] = await pair();
    assert.match(told(await borrow(a, 'x', MIDNIGHT, 'zoe')), /^unknown-user: zoe/);
    assert.match(told(await borrow(a, 'x', MIDNIGHT, 'ana', 'constructor')), /^unknown-feature: no feature/);
  });

  it('beyond the end of the period, before it is asked whether its terms are open', async () => {
    const [a] = await pair();
    const newYear = Date.UTC(2031, 0, 1) / 1000;
    assert.match(told(await borrow(a, 'x', newYear)), /^no-term: /);
    assert.equal(told(await borrow(a, 'x', newYear + 1)), 'expired: its period ends at 2031-01-01T00:00:00Z');
  });

  it('for a time that may be past', async () => {
    const [a] = await pair();
    const { model } = a.runtime;
    const until = seconds(MIDYEAR + 100);
    const reasonAt = (upper: number) => {
      model.time = { ...model.time, lower: seconds(MIDYEAR + 90), upper: seconds(upper) };
      const question = checkoutQuestion(model, 'draw', 'ana');
      assert(question !== null);
      const decision = decideBorrow(model, question, until);
      return decision.allow ? 'yes' : decision.reason;
    };
    assert.deepEqual([reasonAt(MIDYEAR + 99), reasonAt(MIDYEAR + 100)], ['yes', 'expired']);
  });

  it('while a version is about to be applied', async () => {
    const [a] = await pair();
    await a.submit(checkoutOf('draw', 'ana', 'held'));
    await a.submit(drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 9 }))(a));
    await a.submit(PUBLISH);
    assert.match(told(await borrow(a, 'x', MIDNIGHT)), /^draining: /);
  });

  it('where the only seat that is free here ends sooner', async () => {
    const [a, b] = await pair();
    const gift = { to: 'ws02' as PrincipalId, feature: 'draw', seats: 1, until: seconds(MIDNIGHT) };
    assert.equal((await a.submit({ do: 'give', ...gift })).ok, true);
    await settle(a, b);
    assert.equal(lotOf(b), 2);
    assert.equal((await borrow(b, 'own', MIDNIGHT + DAY)).ok, true);
    const end = new Date(MIDNIGHT * 1000).toISOString().replace('.000', '');
    assert.equal(told(await borrow(b, 'x', MIDNIGHT + 3600)), `no-seat: a seat is free here until ${end}`);
    assert.equal(told(await borrow(b, 'y', MIDNIGHT)), 'yes');
    assert.equal(told(await borrow(b, 'z', MIDNIGHT)), 'no-seat: none of its seats here is free');
  });

  it('beyond the limit of a rule', async () => {
    const [a] = await pair(policies({ r: { feature: 'draw', for: { people: ['ana'] }, max: 1 } }));
    assert.equal(told(await borrow(a, 'x', MIDNIGHT)), 'yes');
    assert.match(told(await borrow(a, 'y', MIDNIGHT)), /^limit-reached: rule r allows 1/);
  });

  it('of seats that are kept for others, and not to them', async () => {
    const [a] = await pair(policies({ r: { feature: 'draw', for: { people: ['bo'] }, keep: 3 } }));
    assert.match(told(await borrow(a, 'x', MIDNIGHT)), /^reserved: 2 of the free seats here/);
    assert.equal(told(await borrow(a, 'y', MIDNIGHT, 'bo')), 'yes');
  });
});
