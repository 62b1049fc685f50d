import assert from 'node:assert/strict';
import type { Effect } from '../../core/engine/effect.ts';
import { step } from '../../core/engine/step.ts';
import type { Hash } from '../../core/units.ts';
import { exchange, invitedHost } from '../support/host-rig.ts';
import { drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { hearAck, lender, own, policy, seats, two } from '../support/publishing-host.ts';
import { ask, play } from '../support/script.ts';
import { signedBy } from '../support/signed-by.ts';

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
