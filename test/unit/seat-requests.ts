import assert from 'node:assert/strict';
import type { Effect } from '../../core/engine/effect.ts';
import { acceptOffers, answerRequests, noteRequest } from '../../core/engine/seat-giving.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import { type Hash, type LogId, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import type { Verified } from '../../core/verify/record.ts';
import { floatingHosts, settle } from '../support/floating.ts';
import { checkoutOf, exchange, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { drafting, PUBLISH } from '../support/lending-host.ts';
import { hashNamed } from '../support/rosters.ts';

type Request = Verified<'seat-request'>;

async function pair(changes?: RegistryImport): Promise<[RigHost, RigHost]> {
  return (await floatingHosts(['ws02'], changes)) as [RigHost, RigHost];
}

/** A host asks another for a seat of `draw` for the next minute. */
function requestOf(by: RigHost, of: RigHost, more: Partial<Request['body']> = {}, key?: PublicKey): Request {
  const body = { feature: 'draw', seats: 1, from: MIDYEAR, until: MIDYEAR + 60, by: MIDYEAR + 30, ...more };
  return {
    ...{
      type: 'seat-request',
      hash: hashNamed('request'),
      log: by.log,
      key: key ?? by.signer.key,
      proven: true,
    },
    body: { ask: [of.log], ...body },
  } as unknown as Request;
}

/** To which logs a host sends seats, that is asked for them and then waits for a second. */
function answered({ runtime: { model } }: RigHost, request: Request): readonly LogId[] {
  noteRequest(model, request);
  model.running = seconds(model.running + 1);
  return recipients(answerRequests(model));
}

function recipients(effects: readonly Effect[]): readonly LogId[] {
  return effects.flatMap((effect) =>
    effect.kind === 'append' && effect.record.type === 'transfer' ? [effect.record.body.to] : [],
  );
}

/** Lets a host lend a seat, so that the version which the founder then publishes has to wait there. */
async function awaitVersion(host: RigHost, founder: RigHost): Promise<void> {
  assert.equal((await host.submit(checkoutOf('draw', 'ana', 'held'))).ok, true);
  const change = drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 9 }));
  await founder.submit(change(founder));
  await founder.submit(PUBLISH);
  await exchange(host, founder);
}

describe('A request for seats', () => {
  it('is answered with one by who is asked and has one to spare', async () => {
    const [a, b] = await pair();
    assert.deepEqual(answered(a, requestOf(b, a)), [b.log]);
    assert.equal(a.runtime.model.requests.size, 0);
  });

  it('is answered once', async () => {
    const [a, b] = await pair();
    answered(a, requestOf(b, a));
    assert.deepEqual(answerRequests(a.runtime.model), []);
  });

  const others: readonly [why: string, request: (a: RigHost, b: RigHost) => Request][] = [
    ['that names others', (a, b) => requestOf(b, a, { ask: [b.log] })],
    ['that is late', (a, b) => requestOf(b, a, { by: MIDYEAR - 60 })],
    ['of a log that is no member', (a, b) => requestOf({ ...b, log: 909 as LogId }, a)],
    ['by another key than its member has', (a, b) => requestOf(b, a, {}, a.signer.key)],
    ['of a feature that is not there', (a, b) => requestOf(b, a, { feature: 'constructor' })],
  ];
  for (const [why, request] of others) {
    it(`is not answered ${why}`, async () => {
      const [a, b] = await pair();
      assert.deepEqual(answered(a, request(a, b)), []);
      assert.equal(a.runtime.model.requests.size, 0);
    });
  }

  it('is not kept for a moment if it is history or about others, of which there is much', async () => {
    const [a, b] = await pair();
    noteRequest(a.runtime.model, requestOf(b, a, { by: MIDYEAR - 60 }));
    noteRequest(a.runtime.model, requestOf(b, a, { ask: [b.log] }));
    assert.equal(a.runtime.model.requests.size, 0);
  });

  it('is not answered by a host that does not know the time', async () => {
    const [a, b] = await pair();
    const { model } = a.runtime;
    const { time } = model;
    model.time = { ...time, lower: null };
    noteRequest(model, requestOf(b, a));
    model.time = time;
    assert.deepEqual(answerRequests(model), []);
  });

  it('is not answered where a rule bars the host that asks', async () => {
    const rules = { bar: { feature: 'draw', deny: { hosts: ['ws02'] } } };
    const [a, b] = await pair({ rules });
    assert.deepEqual(answered(a, requestOf(b, a)), []);
  });

  it('is not answered by whoever comes second once it is late', async () => {
    const [a, b] = await pair();
    const { model } = a.runtime;
    noteRequest(model, requestOf(b, a, { ask: [999 as LogId, a.log], by: MIDYEAR + 5 }));
    model.running = seconds(model.running + 60);
    model.time = { ...model.time, lower: seconds(MIDYEAR + 6), upper: seconds(MIDYEAR + 6) };
    assert.deepEqual([answerRequests(model), model.requests.size], [[], 0]);
  });

  it('is not answered by whoever comes second once the first has answered', async () => {
    const [a, b] = await pair();
    const { model } = a.runtime;
    const request = requestOf(b, a, { ask: [999 as LogId, a.log] });
    noteRequest(model, request);
    model.state.seats.answered.add(request.hash);
    model.running = seconds(model.running + 60);
    assert.deepEqual([answerRequests(model), model.requests.size], [[], 0]);
  });

  it('waits while a version is about to be applied, and is answered after it', async () => {
    const [a, b] = await pair();
    await awaitVersion(a, a);
    const { model } = a.runtime;
    const request = requestOf(b, a);
    assert.deepEqual(answered(a, request), []);
    assert.deepEqual([...model.requests.keys()], [request.hash]);
    await a.submit({ do: 'return-all' });
    await settle(a, b);
    assert.equal(model.state.seats.answered.has(request.hash), true);
  });
});

describe('Seats that were sent to a host', () => {
  /** What a host that has accepted a seat would accept if it were offered once more, by where its model stands. */
  async function offeredAgain(
    change: (host: RigHost, founder: RigHost) => Promise<void> | void,
  ): Promise<readonly Hash[]> {
    const [a, b] = await pair();
    const gift = { feature: 'draw', seats: 1, until: seconds(MIDYEAR + 60) };
    assert.equal((await a.submit({ do: 'give', to: 'ws02' as PrincipalId, ...gift })).ok, true);
    await settle(a, b);
    const { model } = b.runtime;
    const [hash] = model.state.seats.credits.keys();
    assert(hash !== undefined);
    await change(b, a);
    model.state.seats.offered.set(b.log, new Set([hash]));
    return acceptOffers(model).flatMap((effect) =>
      effect.kind === 'append' && effect.record.type === 'accept' ? [effect.record.body.of] : [],
    );
  }

  it('are accepted until their term is over, to the second', async () => {
    const midnight = (Math.floor(MIDYEAR / 86_400) + 1) * 86_400;
    const at = (instant: number) =>
      offeredAgain(({ runtime: { model } }) => {
        model.time = { ...model.time, lower: seconds(instant), upper: seconds(instant) };
      });
    assert.deepEqual([(await at(midnight - 1)).length, await at(midnight)], [1, []]);
  });

  it('are not accepted while a version is about to be applied', async () => {
    assert.deepEqual(await offeredAgain(awaitVersion), []);
  });
});
