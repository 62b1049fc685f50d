import assert from 'node:assert/strict';
import type { StoreImage } from '../../core/adapters/store-memory.ts';
import { ORPHAN_GRACE } from '../../core/engine/ageing.ts';
import { isFault } from '../../core/errors.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import type { LogId } from '../../core/units.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { checkoutOf, exchange, invitedHost, type RigHost } from '../support/host-rig.ts';
import { again, drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { type RuntimePorts, runtimePorts } from '../support/runtime-ports.ts';

const FEWER = drafting(({ features }) => delete features.plot);

/** A changed copy of what a disk holds; `change` gives null to take an entry away. */
function damaged(
  image: StoreImage,
  key: string,
  change: (value: Uint8Array) => Uint8Array | null,
): StoreImage {
  const value = image.get(key);
  assert(value !== undefined, key);
  const copy = new Map(image);
  copy.delete(key);
  const changed = change(value);
  if (changed !== null) copy.set(key, changed);
  return copy;
}

function flipped(at: (length: number) => number) {
  return (value: Uint8Array) => value.map((byte, i) => (i === at(value.length) ? byte ^ 1 : byte));
}

function recordKey(log: LogId, seq: number): string {
  return `record/${log.toString(16).padStart(8, '0')}/${seq.toString(16).padStart(8, '0')}`;
}

function knowledge({ runtime }: RigHost) {
  const { applied, opened, slots, state } = runtime.model;
  const { versions } = state.membership;
  return {
    have: runtime.stateVector(),
    versions: versions.map(({ id }) => id),
    applied: applied?.version.id,
    ...{ opened, slots, draft: toRegistry(state.live.draft) },
  };
}

async function refusesAll(host: RigHost): Promise<void> {
  await host.tellTime();
  const [lease, version] = [
    await host.submit(checkoutOf('draw', 'ana', 'z')),
    await host.submit({ ...PUBLISH, message: 'Stale' }),
  ];
  assert.equal(!lease.ok && lease.reason, 'restricted');
  assert.equal(!version.ok && version.reason, 'identity-stale');
}

describe('A restart', () => {
  it('leaves the leases that delay a version until when the policy said, and not longer', async () => {
    const { host, ports } = await lending();
    await host.submit(drafting(({ policy }) => Object.assign(policy, { deadline: 600 }))(host));
    await host.submit(PUBLISH);
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    await host.submit(FEWER(host));
    await host.submit({ ...PUBLISH, message: 'Fewer' });
    const { deadline } = host.runtime.model.draining ?? {};
    assert(deadline !== undefined && deadline !== null);
    host.clock.advance(300);
    const { host: woken } = await again(host, ports);
    await woken.submit({ do: 'attach', lease: 'a', secret: 's'.repeat(32) });
    woken.clock.advance(300);
    await woken.tellTime();
    assert.equal(woken.runtime.model.draining?.deadline, Math.floor(deadline));
  });

  it('on the same store gives the same state', async () => {
    const { host, ports } = await lending();
    await host.submit(FEWER(host));
    await host.submit(PUBLISH);
    const next = await again(host, ports);
    assert.deepEqual(knowledge(next.host), knowledge(host));
    assert.equal(next.host.runtime.model.slots.size, 2);
  });

  it('acks no version again, and signs nothing for what it has said', async () => {
    const { host, ports } = await lending();
    const next = await again(host, ports);
    assert.deepEqual(next.ports.journal, []);
    await next.host.tellTime();
    assert.deepEqual(next.ports.published, []);
  });

  it('has its leases open and without anybody, until each is taken up again', async () => {
    const { host, ports } = await lending();
    for (const id of ['a', 'b']) await host.submit(checkoutOf('draw', 'ana', id));
    const { host: woken, ports: disk } = await again(host, ports);
    const { model } = woken.runtime;
    assert.deepEqual(
      [...model.leases.values()].map(({ holder, lease }) => [lease.id, holder.kind]),
      [
        ['a', 'orphaned'],
        ['b', 'orphaned'],
      ],
    );
    assert.equal(model.leases.inUse.get('draw'), 2);
    await woken.tellTime();
    const secret = 's'.repeat(32);
    assert.equal((await woken.submit({ do: 'attach', lease: 'a', secret })).ok, true);
    woken.clock.advance(ORPHAN_GRACE);
    await woken.tellTime();
    assert.deepEqual([...model.leases.keys()], ['a']);
    assert.equal(disk.image().has('lease/b'), false);
  });

  it('waits with a version that a lease from before still holds up', async () => {
    const { host, ports } = await lending();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    await host.submit(FEWER(host));
    await host.submit(PUBLISH);
    const { host: woken } = await again(host, ports);
    assert.equal(woken.runtime.model.applied?.version.version, 2);
    await woken.submit({ do: 'return', lease: 'a', reason: null });
    assert.equal(woken.runtime.model.applied?.version.version, 3);
  });

  it('says that it has applied what it applied just before it was stopped', async () => {
    const { host, ports } = await lending();
    const own = host.runtime.model.state.ledger.logs.get(host.log) ?? [];
    const at = own.findIndex(({ type }) => type === 'applied');
    const cut = new Map(ports.image());
    for (let seq = at; seq < own.length; seq++) cut.delete(recordKey(host.log, seq));
    ports.counted.next = at;
    const { host: woken } = await again(host, ports, cut);
    const ledger = woken.runtime.model.state.ledger.logs.get(host.log) ?? [];
    assert.deepEqual(
      ledger.slice(at).map(({ type }) => type),
      ['applied'],
    );
    const said = ledger[at];
    assert(said?.type === 'applied');
    assert.equal(said.body.at, undefined);
  });

  const damages: readonly [
    why: string,
    key: (host: RigHost) => string,
    change: (value: Uint8Array) => Uint8Array | null,
  ][] = [
    ['a changed byte in the first record', ({ log }) => recordKey(log, 0), flipped((n) => n >> 1)],
    ['a changed byte in a signature', ({ log }) => recordKey(log, 2), flipped((n) => n - 1)],
    ['half a record', ({ log }) => recordKey(log, 2), (value) => value.subarray(0, value.length >> 1)],
    ['a record that is gone from between others', ({ log }) => recordKey(log, 2), () => null],
    ['a log without its beginning', ({ log }) => recordKey(log, 0), () => null],
    ['an applied version that cannot be read', () => 'applied', (value) => value.subarray(1)],
    ['a lease that cannot be read', () => 'lease/a', () => Uint8Array.of(123)],
  ];
  for (const [why, key, change] of damages) {
    it(`calls a store corrupt for ${why}`, async () => {
      const { host, ports } = await lending();
      await host.submit(checkoutOf('draw', 'ana', 'a'));
      const image = damaged(ports.image(), key(host), change);
      await assert.rejects(again(host, ports, image), (error) => isFault(error, 'STORE_CORRUPT'));
    });
  }

  it('calls a store corrupt for a log whose invitation is gone', async () => {
    const { host, ports } = await lending();
    const at = ports.counted.next;
    await exchange(host, await invitedHost(host, 'ws02', 202));
    const image = damaged(ports.image(), recordKey(host.log, at), () => null);
    await assert.rejects(again(host, ports, image), (error) => isFault(error, 'STORE_CORRUPT'));
  });
});

describe('A host whose disk is older than its key', () => {
  it('is told by the counter beside the data directory, and signs and lends nothing', async () => {
    const { host, ports } = await lending();
    const backup = ports.image();
    await host.submit(FEWER(host));
    const { host: restored, ports: disk } = await again(host, ports, backup);
    assert.equal(restored.runtime.model.stale, true);
    await refusesAll(restored);
    assert.deepEqual(disk.published, []);
  });

  it('is believed to be whole where the counter and the log are the same, or the log is longer', async () => {
    const { host, ports } = await lending();
    const length = ports.counted.next;
    for (const next of [length, length - 1]) {
      ports.counted.next = next;
      const { host: woken } = await again(host, ports);
      assert.deepEqual([woken.runtime.model.stale, woken.runtime.model.vouched], [false, true]);
    }
  });

  async function seenLonger(): Promise<{ host: RigHost; ports: RuntimePorts; update: Uint8Array }> {
    const { host, ports } = await lending();
    const backup = ports.image();
    const counted = ports.counted.next;
    await host.submit(FEWER(host));
    const records = host.runtime.model.state.ledger.logs.get(host.log)?.map(({ bytes }) => bytes) ?? [];
    const update = encodeAppend([{ log: host.log, from: 0, records }]);
    const old = runtimePorts(backup);
    old.counted.next = counted;
    return { ...(await again(host, old)), update };
  }

  it('is told by whoever holds more of its log than it does', async () => {
    const { host, ports, update } = await seenLonger();
    assert.equal(host.runtime.model.stale, false);
    await host.runtime.update(update);
    assert.equal(host.runtime.model.stale, true);
    assert.equal(ports.journal.filter((line) => line.endsWith('notify')).length, 1);
    await refusesAll(host);
    assert.deepEqual(ports.published, []);
  });

  it('takes no records of its own from others, whoever signed them', async () => {
    const { host, update } = await seenLonger();
    const { size } = host.runtime.model.state.ledger;
    await host.runtime.update(update);
    assert.equal(host.runtime.model.state.ledger.size, size);
  });

  it('knows it after the next restart, too, though nobody shows it those records again', async () => {
    const { host, ports, update } = await seenLonger();
    await host.runtime.update(update);
    const next = await again(host, ports);
    assert.equal(next.host.runtime.model.stale, true);
  });

  it('knows after a restart that its log has another history, though each is as long as the other', async () => {
    const { host, ports } = await lending();
    const { host: twin, ports: disk } = await again(host, ports);
    await host.submit(FEWER(host));
    await twin.submit(drafting(({ features }) => delete features.draw)(twin));
    const records = host.runtime.model.state.ledger.logs.get(host.log)?.map(({ bytes }) => bytes) ?? [];
    await twin.runtime.update(encodeAppend([{ log: host.log, from: 0, records }]));
    assert.equal(twin.runtime.model.stale, true);
    assert.equal((await again(twin, disk)).host.runtime.model.stale, true);
  });

  it('is not what a newcomer is, whose log others hold as it does', async () => {
    const { host } = await lending();
    const other = await invitedHost(host, 'ws02', 202);
    await exchange(host, other);
    assert.equal(other.runtime.model.stale, false);
  });
});
