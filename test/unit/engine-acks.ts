import assert from 'node:assert/strict';
import { step } from '../../core/engine/step.ts';
import { VOID_AFTER } from '../../core/engine/voting.ts';
import { newestOf } from '../../core/state/membership.ts';
import { exchange, invitedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { again, lending, PUBLISH } from '../support/lending-host.ts';
import { hearAck, lender, own, publish, seats, two } from '../support/publishing-host.ts';
import { ask, play, tick } from '../support/script.ts';
import { signedBy } from '../support/signed-by.ts';
import { DAY } from '../support/working-host.ts';

/** The number of the term in which MIDYEAR lies, for the class of the founder. */
const INDEX = Math.floor(MIDYEAR / DAY);

function acksIn(host: RigHost) {
  return own(host).flatMap((record) => (record.type === 'ack' ? [record.body] : []));
}

describe('The engine: acks', () => {
  it('states the terms that the log has opened, those opened ahead included', async () => {
    const host = await lender();
    await publish(host, 5);
    const [first, second] = acksIn(host);
    assert.deepEqual([first?.version, [...(first?.terms ?? [])]], [2, [['office', INDEX + 2]]]);
    assert.deepEqual([second?.version, [...(second?.terms ?? [])]], [3, [['office', INDEX + 2]]]);
  });

  it('states the highest term that the log has opened, though it opened a lower one after it', async () => {
    const host = await lender();
    const { id, version } = newestOf(host.runtime.model.state.membership);
    const body = { version, of: id, class: 'office', term: INDEX };
    const record = await signedBy(host, { type: 'term', body });
    await play(host, { kind: 'appended', records: [{ record, call: null }] });
    await publish(host, 5);
    assert.deepEqual([...(acksIn(host).at(-1)?.terms ?? [])], [['office', INDEX + 2]]);
  });

  it('gives the slot of a version once, whatever comes afterwards, and after a reload', async () => {
    const { host, ports } = await lending();
    await host.submit(seats(5)(host));
    await host.submit(PUBLISH);
    for (const woken of [host, (await again(host, ports)).host]) {
      const { model } = woken.runtime;
      assert.deepEqual([...model.slots.keys()], [2, 3]);
      model.state.membership.versions.pop();
      const said = await play(woken, tick(model, MIDYEAR));
      assert.deepEqual(
        said.filter((line) => line.startsWith('append ack')),
        [],
      );
    }
  });

  it('is one a turn: what it has used up is known before the next', async () => {
    const host = await lender();
    const { model } = host.runtime;
    Object.assign(model, { compared: false, vouched: true });
    await publish(host, 5);
    const effects = step(model, { kind: 'compared' });
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['append'],
    );
  });

  it('is not given by a host that others know to have signed two histories', async () => {
    const host = await lender();
    Object.assign(host.runtime.model, { compared: false, vouched: true });
    await publish(host, 5);
    host.runtime.model.state.membership.forks.set(host.log, { seq: 3 });
    assert.deepEqual(await play(host, { kind: 'compared' }), []);
  });
});

describe('The engine: a contested version', () => {
  async function contested() {
    const { founder, other } = await two();
    await founder.submit(seats(7)(founder));
    await founder.submit(PUBLISH);
    return { founder, other };
  }

  it('is left alone by a host that has given it its slot', async () => {
    const { founder } = await contested();
    const { model } = founder.runtime;
    for (const passed of [1, VOID_AFTER, VOID_AFTER])
      await play(founder, tick(model, MIDYEAR, MIDYEAR, passed));
    assert.deepEqual(
      acksIn(founder).filter(({ candidate }) => candidate === null),
      [],
    );
    assert.deepEqual(await play(founder, ask({ do: 'void', version: 4 })), ['answer no: slot-taken']);
  });

  it('is voided on order without waiting, once', async () => {
    const { founder, other } = await contested();
    hearAck(other, founder);
    const order = ask({ do: 'void', version: 4 });
    assert.deepEqual((await play(other, order)).slice(0, 2), ['append ack 4 void', 'answer done']);
    assert.deepEqual(await play(other, order), ['answer no: slot-taken']);
    assert.equal(acksIn(other).findLast(() => true)?.candidate, null);
  });

  it('is not acked for a candidate that arrives after the void', async () => {
    const { founder, other } = await contested();
    hearAck(other, founder);
    await other.submit({ do: 'void', version: 4 });
    await exchange(founder, other);
    assert.deepEqual(acksIn(other).filter(({ version }) => version === 4).length, 1);
    assert.equal(founder.runtime.model.state.membership.versions.length, 3);
  });

  it('is skipped with the acks that close it, and not with those of the hosts that do not vote', async () => {
    const { founder, other } = await two();
    const third = await invitedHost(founder, 'ws03', 203, []);
    for (const host of [other, third, other]) await exchange(founder, host);
    await founder.submit(PUBLISH);
    for (const host of [other, third, other]) await exchange(founder, host);
    await founder.submit(seats(7)(founder));
    await founder.submit(PUBLISH);
    await exchange(founder, third);
    await other.submit({ do: 'void', version: 5 });
    await exchange(founder, other, third);
    const { model } = founder.runtime;
    const acks = model.state.membership.evidence.acks.get(5) ?? [];
    assert.deepEqual(acks.map(({ log }) => log).sort(), [founder.log, other.log, third.log]);
    const [append] = step(model, ask(PUBLISH));
    assert(append?.kind === 'append' && append.record.type === 'candidate');
    const deciding = acks.filter(({ log }) => log !== third.log).map(({ bytes }) => bytes);
    assert.deepEqual(append.record.body.skips, [{ version: 5, acks: deciding }]);
  });
});
