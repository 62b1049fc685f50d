import assert from 'node:assert/strict';
import { reportLeases } from '../../core/agent/reports/leases.ts';
import { reportVerify } from '../../core/agent/reports/verify.ts';
import { readLease } from '../../core/engine/lease-store.ts';
import { seconds } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { referTo, timeNamed } from '../../core/verify/time-reference.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { checkoutOf, foundedHost, MIDYEAR, type RigHost } from '../support/host-rig.ts';
import { nodeCrypto } from '../support/keys.ts';
import { again, PUBLISH } from '../support/lending-host.ts';
import { own, seats } from '../support/publishing-host.ts';
import { runtimePorts } from '../support/runtime-ports.ts';
import { timeAuthority } from '../support/time-authority.ts';

const DAY = 86_400;
const [RELAY, OTHER] = [timeAuthority('relay'), timeAuthority('other')];

/** A relay answers a host at this instant. */
async function answer({ clock, runtime }: RigHost, at: number): Promise<void> {
  const running = clock.running();
  const token = await RELAY.token(at);
  await runtime.see({ token, sentAt: running, receivedAt: running, boot: clock.boot() });
}

/** A host that a relay has answered at noon, with version 2 applied, and what it runs on. */
async function answered(ports = runtimePorts()): Promise<RigHost> {
  const host = await foundedHost({ relays: { main: { url: 'ws://relay.example', key: RELAY.key } } }, ports);
  await answer(host, MIDYEAR);
  await host.submit(PUBLISH);
  await host.runtime.tick();
  return host;
}

async function lease(host: RigHost, id = 'a') {
  const given = await host.submit(checkoutOf('draw', 'ana', id));
  assert(given.ok && given.kind === 'lease');
  return given.lease;
}

/** The own log from the first record that carries a time, as `type` or `type: instant that it names`, and `+` where it carries one. */
function timed(host: RigHost): readonly string[] {
  return own(host).flatMap((record) => {
    if (record.type === 'heads') return [`heads${'+'.repeat(record.body.times?.length ?? 0)}`];
    if (record.type !== 'ack' && record.type !== 'holding') return [];
    return [record.body.time === undefined ? record.type : `${record.type}: ${record.body.time.after}`];
  });
}

describe('The newest signed time, by reference', () => {
  it('is named by an ack, and the record before it carries it, once', async () => {
    const host = await answered();
    assert.deepEqual(timed(host), ['heads+', `ack: ${MIDYEAR - 3}`]);
    for (const count of [5, 6]) {
      await host.submit(seats(count)(host));
      await host.submit(PUBLISH);
      await host.runtime.tick();
    }
    assert.deepEqual(timed(host).slice(2), [`ack: ${MIDYEAR - 3}`, `ack: ${MIDYEAR - 3}`]);
  });

  it('is named by nobody who has none', async () => {
    const host = await foundedHost({ relays: { main: { url: 'ws://relay.example', key: RELAY.key } } });
    await host.submit(PUBLISH);
    assert.deepEqual(timed(host), ['ack']);
  });

  it('is named by what a host holds while a rollout waits for it', async () => {
    const host = await answered();
    await lease(host);
    await lease(host, 'b');
    host.clock.advance(600);
    await answer(host, MIDYEAR + 600);
    await host.submit(seats(5)(host));
    await host.submit(PUBLISH);
    host.clock.advance(600);
    await answer(host, MIDYEAR + 1200);
    await host.submit({ do: 'return', lease: 'b', reason: null });
    assert.deepEqual(timed(host).slice(2), [
      'heads+',
      `ack: ${MIDYEAR + 597}`,
      `holding: ${MIDYEAR + 597}`,
      'heads+',
      `holding: ${MIDYEAR + 1197}`,
    ]);
  });

  it('is proven by the log that names it, and shown with the version that was acked', async () => {
    const host = await answered();
    const { checks } = await reportVerify(host.runtime.model, nodeCrypto);
    assert.equal(
      checks.find(({ check }) => check === 'acks')?.detail,
      'acked by ws01 (after 2030-06-01T11:59:57Z)',
    );
  });

  it('is kept with a lease, on the disk too, and shown', async () => {
    const ports = runtimePorts();
    const host = await answered(ports);
    const given = await lease(host);
    assert.deepEqual(given.time, referTo(await RELAY.token(MIDYEAR)));
    assert.deepEqual(reportLeases(host.runtime.model)[0]?.time, given.time);
    const woken = await again(host, ports);
    assert.deepEqual(woken.host.runtime.model.leases.get('a')?.lease, given);
  });

  it('is a newer one when a lease is renewed', async () => {
    const host = await answered();
    await lease(host);
    const end = Math.floor(MIDYEAR / DAY) * DAY + DAY;
    host.clock.advance(end - 60 - MIDYEAR);
    await answer(host, end - 60);
    const renewed = host.runtime.model.leases.get('a')?.lease;
    assert.deepEqual([renewed?.end, renewed?.time?.after], [end + DAY, end - 63]);
  });

  for (const [why, time] of [
    ['names no instant', { token: 'ab'.repeat(32) }],
    ['names no hash', { after: 1, token: 'ab' }],
    ['is a number', 7],
    ['is null', null],
  ] as const) {
    it(`makes a stored lease unreadable that ${why} as its time`, async () => {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...(await lease(await answered())), time }));
      assert.deepEqual(readLease(bytes), { ok: false, reason: 'not-a-lease' });
    });
  }
});

describe('A signed time that is named', () => {
  let carrier: readonly VerifiedRecord[];
  before(async () => {
    carrier = own(await answered());
  });
  const found = async (change: object = {}, records = carrier, relays = [OTHER.key, RELAY.key]) =>
    (await timeNamed(nodeCrypto, { ...referTo(await RELAY.token(MIDYEAR)), ...change }, records, relays))
      ?.midpoint ?? null;

  it('is found in the records that carry it', async () => assert.equal(await found(), MIDYEAR));

  it('is not found in others', async () => {
    assert.equal(await found({}, []), null);
    assert.equal(await found({ token: hashOf(new Uint8Array(3)) }), null);
  });

  it('proves no instant but its own, however it is named', async () => {
    assert.equal(await found({ after: MIDYEAR + 3600 }), null);
    assert.equal(await found({ after: MIDYEAR - 3600 }), null);
  });

  it('proves nothing that is signed by somebody else than a relay that is believed', async () => {
    assert.equal(await found({}, carrier, [OTHER.key]), null);
    assert.equal(await found({}, carrier, []), null);
  });

  it('is of no time before 1970', async () => {
    const token = { ...(await RELAY.token(MIDYEAR)), midpoint: seconds(1), radius: seconds(5) };
    assert.equal(referTo(token).after, 0);
  });
});
