import assert from 'node:assert/strict';
import { readApplied } from '../../core/engine/applying.ts';
import type { Effect } from '../../core/engine/effect.ts';
import { step } from '../../core/engine/step.ts';
import { VOID_AFTER } from '../../core/engine/voting.ts';
import { note } from '../../core/state/evidence.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Hash } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { checkoutOf, exchange, invitedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { again, drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { ask, play, tick, withoutUsage } from '../support/script.ts';
import { signedBy } from '../support/signed-by.ts';

const DAY = 86_400;
/** The number and the start of the term in which MIDYEAR lies, for the class of the founder. */
const INDEX = Math.floor(MIDYEAR / DAY);
const TERM = INDEX * DAY;

const seats = (count: number) =>
  drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: count }));
const policy = (change: Partial<Registry['policy']>) =>
  drafting((registry) => Object.assign(registry.policy, change));

async function lender(change?: (host: RigHost) => ReturnType<ReturnType<typeof drafting>>): Promise<RigHost> {
  const { host } = await lending();
  await play(host, tick(host.runtime.model, MIDYEAR));
  if (change === undefined) return host;
  await play(host, ask(change(host)));
  await play(host, ask(PUBLISH));
  return host;
}

async function publish(host: RigHost, count: number): Promise<string[]> {
  await play(host, ask(seats(count)(host)));
  return play(host, ask(PUBLISH));
}

function own({ log, runtime }: RigHost): readonly VerifiedRecord[] {
  return runtime.model.state.ledger.logs.get(log) ?? [];
}

function acksIn(host: RigHost) {
  return own(host).flatMap((record) => (record.type === 'ack' ? [record.body] : []));
}

/** Two hosts that vote, publish and edit, and know the same. */
async function two(): Promise<{ founder: RigHost; other: RigHost }> {
  const { host: founder } = await lending();
  const other = await invitedHost(founder, 'ws02', 202, ['voter', 'issuer', 'editor']);
  await exchange(founder, other);
  await founder.submit(PUBLISH);
  await exchange(founder, other);
  for (const host of [founder, other]) await host.tellTime();
  await exchange(founder, other);
  return { founder, other };
}

/** Lets a host have the newest ack of another, and not what it acked. */
function hearAck(host: RigHost, from: RigHost): void {
  const ack = own(from).findLast(({ type }) => type === 'ack');
  assert(ack?.type === 'ack');
  note(host.runtime.model.state.membership.evidence, ack);
}

describe('The engine: acks', () => {
  it('states the terms that the log has opened, those opened ahead included', async () => {
    const host = await lender();
    await publish(host, 5);
    const [first, second] = acksIn(host);
    assert.deepEqual([first?.version, [...(first?.terms ?? [])]], [2, [['office', INDEX + 2]]]);
    assert.deepEqual([second?.version, [...(second?.terms ?? [])]], [3, [['office', INDEX + 2]]]);
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

describe('The engine: applying', () => {
  it('writes the version with its content before it says that it has applied it', async () => {
    const host = await lender();
    const { model } = host.runtime;
    await play(host, ask(checkoutOf('draw', 'ana', 'a')));
    await publish(host, 5);
    const effects = withoutUsage(step(model, ask({ do: 'return', lease: 'a', reason: null })));
    const newest = model.state.membership.versions.at(-1);
    const write = effects[3];
    assert(write?.kind === 'write' && newest !== undefined);
    const applied = readApplied(write.writes[0]?.value ?? new Uint8Array());
    assert.equal(applied?.id, newest.id);
    assert.deepEqual(applied?.content, model.applied?.bytes);
    const said = effects[4];
    assert(said?.kind === 'append');
    const body = { version: 3, candidate: newest.id, content: newest.content };
    assert.deepEqual(said.record, { type: 'applied', body });
  });

  it('waits for the last of several leases', async () => {
    const host = await lender();
    for (const id of ['a', 'b']) await play(host, ask(checkoutOf('draw', 'ana', id)));
    await publish(host, 5);
    const first = await play(host, ask({ do: 'return', lease: 'a', reason: null }));
    assert.equal(first.at(-1), 'append holding b');
    const last = await play(host, ask({ do: 'return', lease: 'b', reason: null }));
    assert.equal(last.at(-1), 'tell all version 3 applied');
  });

  it('tells what it holds once, with whom and until when, and again only when that has changed', async () => {
    const host = await lender();
    await play(host, ask(checkoutOf('draw', 'ana', 'a')));
    await publish(host, 5);
    const holding = own(host).findLast(({ type }) => type === 'holding');
    assert(holding?.type === 'holding');
    assert.deepEqual(holding.body, {
      version: 3,
      leases: [
        {
          ...{ id: 'a', feature: 'draw', user: 'ana', tool: 'drafter', pid: 4802 },
          ...{ since: MIDYEAR, end: TERM + DAY },
        },
      ],
    });
    assert.deepEqual(await play(host, tick(host.runtime.model, MIDYEAR + 1)), []);
    assert.deepEqual(await play(host, { kind: 'compared' }), []);
  });

  const deadlines: readonly [why: string, deadline: number | undefined, end: number][] = [
    ['the end of the present term where the policy sets none', undefined, TERM + DAY],
    ['the end of the present term where the policy would give longer', 10 * DAY, TERM + DAY],
    ['what the policy gives where that is sooner', 60, MIDYEAR + 60],
    ['at once where the policy gives no time', 0, MIDYEAR],
  ];
  for (const [why, deadline, end] of deadlines) {
    it(`is due at ${why}`, async () => {
      const host = await lender(deadline === undefined ? undefined : policy({ deadline }));
      await play(host, ask(checkoutOf('draw', 'ana', 'a')));
      await publish(host, 5);
      assert.equal(host.runtime.model.draining?.deadline, end);
    });
  }
});

describe('The engine: publishing and signing', () => {
  it('answers with the candidate that is in the log, once it is there', async () => {
    const host = await lender();
    await play(host, ask(seats(5)(host)));
    const effects = step(host.runtime.model, ask(PUBLISH));
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['append'],
    );
    const [append] = effects;
    assert(append?.kind === 'append' && append.record.type === 'candidate');
    assert.deepEqual([append.call, append.record.body.version], [1, 3]);
    const record = await signedBy(host, append.record);
    const [told] = step(host.runtime.model, { kind: 'appended', records: [{ record, call: append.call }] });
    assert.deepEqual(told, {
      ...{ kind: 'answer', call: 1 },
      answer: {
        ...{ ok: true, kind: 'published', version: 3, candidate: record.hash },
        ...{ signatures: 1, needed: 1, admitted: [] },
      },
    } satisfies Effect);
  });

  it('is refused while another candidate for the version has acks and is not decided', async () => {
    const { founder, other } = await two();
    await founder.submit(seats(7)(founder));
    const first = await founder.submit(PUBLISH);
    assert(first.ok);
    await other.submit(seats(8)(other));
    const rivals = own(founder).filter(({ type }) => type === 'candidate' || type === 'draft');
    Object.assign(other.runtime.model, { compared: false, vouched: true });
    await play(other, { kind: 'records', records: rivals.slice(-2) });
    hearAck(other, founder);
    assert.deepEqual(await play(other, ask(PUBLISH)), ['answer no: undecided-version']);
  });

  it('is refused while drafts of the newest version have not arrived', async () => {
    const host = await lender();
    host.runtime.model.state.settled.pop();
    assert.deepEqual(await play(host, ask(PUBLISH)), ['answer no: conflict']);
  });

  it('is signed once by each issuer, the author included', async () => {
    const { founder, other } = await two();
    await founder.submit(policy({ issuers: 2 })(founder));
    const raised = await founder.submit(PUBLISH);
    assert(raised.ok && raised.kind === 'published');
    await exchange(founder, other);
    await other.submit({ do: 'sign', candidate: raised.candidate as Hash });
    await exchange(founder, other);
    await founder.submit(seats(7)(founder));
    const published = await founder.submit(PUBLISH);
    assert(published.ok && published.kind === 'published');
    assert.deepEqual([published.signatures, published.needed], [1, 2]);
    await exchange(founder, other);
    const sign = ask({ do: 'sign', candidate: published.candidate as Hash });
    assert.deepEqual(await play(founder, sign), ['answer no: already-signed']);
    assert.deepEqual((await play(other, sign)).slice(0, 2), ['append sign', 'answer recorded']);
    assert.equal((await play(other, sign))[0]?.startsWith('answer no: '), true);
  });
});

describe('The engine: a candidate that makes an issuer', () => {
  const grown = drafting(({ hosts, policy }) => {
    Object.assign(hosts.ws02 ?? {}, { roles: ['issuer', 'voter'] });
    Object.assign(policy, { issuers: 2 });
  });

  async function raised() {
    const { host: founder } = await lending();
    const [other, third] = [
      await invitedHost(founder, 'ws02', 202, ['voter']),
      await invitedHost(founder, 'ws03', 203),
    ];
    const share = async () => {
      for (const host of [other, third, other]) await exchange(founder, host);
    };
    await share();
    await founder.submit(PUBLISH);
    await share();
    await founder.submit(grown(founder));
    const published = await founder.submit(PUBLISH);
    assert(published.ok && published.kind === 'published');
    await share();
    return { founder, other, third, share, candidate: published.candidate as Hash };
  }

  it('is signed by whom it makes one, or a realm of one issuer could never ask for two', async () => {
    const { candidate, founder, other, share } = await raised();
    const version = () => founder.runtime.model.state.membership.versions.at(-1)?.version;
    assert.equal(version(), 3);
    assert.equal((await other.submit({ do: 'sign', candidate })).ok, true);
    await share();
    await share();
    assert.equal(version(), 4);
  });

  it('is signed by nobody else who is none', async () => {
    const { candidate, third } = await raised();
    assert.deepEqual(await play(third, ask({ do: 'sign', candidate })), ['answer no: not-an-issuer']);
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
});
