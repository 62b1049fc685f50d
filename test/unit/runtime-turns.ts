import assert from 'node:assert/strict';
import type { Command } from '../../core/engine/input.ts';
import { Fault, isFault } from '../../core/errors.ts';
import type { Crypto } from '../../core/ports.ts';
import type { Registry } from '../../core/state/registry.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { MAX_RECORD_BYTES } from '../../core/wire/bounds.ts';
import { checkoutOf, exchange, foundedHost, invitedHost } from '../support/host-rig.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { again, drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { runtimePorts, settled } from '../support/runtime-ports.ts';

const DAY = 86_400;
const FEWER = drafting(({ features }) => delete features.plot);

const manyHosts = ({ hosts }: Registry) => {
  for (let i = 0; i < 200; i++) {
    const { key } = testSigner(`host ${i}`);
    hosts[`lab-${i}`] = { name: `Laboratory machine ${i}`, class: 'office', logs: { [1000 + i]: key } };
  }
};

function isCode(code: 'DISK_FULL' | 'STORE_CORRUPT' | 'STORE_FAILED') {
  return (error: unknown) => isFault(error, code);
}

describe('The runtime: what comes before what', () => {
  it('writes to the disk, then counts, then tells tools, then publishes', async () => {
    const { host, ports } = await lending();
    await host.submit(FEWER(host));
    const next = ports.counted.next;
    ports.journal.length = 0;
    await host.submit(PUBLISH).then(() => ports.journal.push('answer'));
    assert.deepEqual(
      ports.journal.map((line) => line.replace(/ event.*/, '')),
      [
        `disk record/${next} record/${next + 1} applied record/${next + 2}`,
        ...[`counter ${next + 3}`, 'event all rollout', `publish ${next}+3`, 'answer'],
      ],
    );
  });

  it('shows nobody anything of a turn that is not on the disk yet', async () => {
    const { host, ports } = await lending();
    await host.submit(FEWER(host));
    const other = await invitedHost(host, 'ws02', 202);
    ports.journal.length = 0;
    const release = ports.holdDisk();
    const [before, counted] = [host.runtime.lackedBy(other.runtime.stateVector()), ports.counted.next];
    const answered = host.submit(PUBLISH).then(() => ports.journal.push('answer'));
    await settled();
    assert.deepEqual(ports.journal, []);
    assert(host.runtime.model.state.ledger.logs.get(host.log)?.length !== counted, 'it is in memory');
    assert.deepEqual(host.runtime.lackedBy(other.runtime.stateVector()), before);
    release();
    await answered;
    assert.equal(ports.journal.at(-1), 'answer');
    assert.notDeepEqual(host.runtime.lackedBy(other.runtime.stateVector()), before);
  });

  it('commits all commands of a turn as one batch', async () => {
    const { host, ports } = await lending();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((id) => host.submit(checkoutOf('draw', 'ana', id))),
    );
    assert(answers.every(({ ok }) => ok));
    const disk = ports.journal.filter((line) => line.startsWith('disk'));
    assert.deepEqual(disk, ['disk lease/a lease/b lease/c']);
  });

  it('commits what comes while a batch is on its way as the next one', async () => {
    const { host, ports } = await lending();
    const release = ports.holdDisk();
    const first = host.submit(checkoutOf('draw', 'ana', 'a'));
    await settled();
    const rest = ['b', 'c'].map((id) => host.submit(checkoutOf('draw', 'ana', id)));
    release();
    await Promise.all([first, ...rest]);
    const disk = ports.journal.filter((line) => line.startsWith('disk'));
    assert.deepEqual(disk, ['disk lease/a', 'disk lease/b lease/c']);
  });

  it('lends nothing by the time before a stall of the disk', async () => {
    const { host, ports } = await lending();
    const release = ports.holdDisk();
    const first = host.submit(checkoutOf('draw', 'ana', 'a'));
    await settled();
    const second = host.submit(checkoutOf('draw', 'ana', 'b'));
    await settled();
    host.clock.advance(400 * DAY);
    release();
    await Promise.all([first, second]);
    assert.equal(ports.image().has('lease/b'), false);
  });

  it('keeps only the last of several writes of a turn to one place', async () => {
    const { host, ports } = await lending();
    const back: Command = { do: 'return', lease: 'a', reason: null };
    await Promise.all([host.submit(checkoutOf('draw', 'ana', 'a')), host.submit(back)]);
    assert.match(ports.journal[0] ?? '', /^disk -lease\/a usage\/ended/);
    assert.equal(ports.image().has('lease/a'), false);
  });

  it('lends by the time of now, however long it has not been told of it', async () => {
    const { host } = await lending();
    host.clock.advance(400 * DAY);
    const answer = await host.submit(checkoutOf('draw', 'ana', 'a'));
    assert(!answer.ok);
    assert.notEqual(answer.reason, 'no-seat');
  });

  it('lends nothing by the time before a sleep that came while the turn was signed', async () => {
    const ports = runtimePorts();
    let sleep = () => undefined as unknown;
    const crypto: Crypto = {
      ...nodeCrypto,
      verify: (...given) => {
        sleep();
        return nodeCrypto.verify(...given);
      },
    };
    const host = await foundedHost({}, { ...ports, crypto });
    await host.tellTime();
    await host.submit(PUBLISH);
    const change = FEWER(host);
    sleep = () => {
      sleep = () => undefined;
      host.clock.advance(400 * DAY);
    };
    ports.journal.length = 0;
    await Promise.all([host.submit(checkoutOf('draw', 'ana', 'a')), host.submit(change)]);
    assert.match(ports.journal.join('; '), /^disk .*-lease\/a/);
    assert.equal(ports.image().has('lease/a'), false);
  });

  it('notes the running time on the disk once in sixty ticks', async () => {
    const { host, ports } = await lending();
    for (let i = 0; i < 120; i++) await host.runtime.tick();
    assert.equal(ports.journal.filter((line) => line === 'disk time').length, 2);
  });
});

describe('The runtime: a disk that fails', () => {
  it('rejects the commands of the turn with the fault, and publishes and tells nothing', async () => {
    const { host, ports } = await lending();
    await host.submit(FEWER(host));
    ports.journal.length = 0;
    const fault = new Fault('DISK_FULL');
    ports.broken = fault;
    const [lease, version] = await Promise.allSettled([
      host.submit(checkoutOf('draw', 'ana', 'a')),
      host.submit(PUBLISH),
    ]);
    assert.deepEqual([lease, version], Array(2).fill({ status: 'rejected', reason: fault }));
    assert.deepEqual([ports.journal, ports.faults], [[], [fault]]);
  });

  it('rejects what came meanwhile, too, and writes none of it', async () => {
    const { host, ports } = await lending();
    const fault = new Fault('DISK_FULL');
    const release = ports.holdDisk();
    const asked = [host.submit(checkoutOf('draw', 'ana', 'a'))];
    await settled();
    asked.push(host.submit(checkoutOf('draw', 'ana', 'b')));
    await settled();
    ports.broken = fault;
    void Promise.allSettled(asked.slice(0, 1)).then(() => {
      ports.broken = null;
    });
    release();
    const ends = await Promise.allSettled(asked);
    assert.deepEqual(ends, Array(2).fill({ status: 'rejected', reason: fault }));
    assert.deepEqual(
      [ports.journal, [...ports.image().keys()].filter((key) => /^lease/.test(key))],
      [[], []],
    );
  });

  it('stays failed when the disk works again, until a restart reads what is there', async () => {
    const { host, ports } = await lending();
    ports.broken = new Fault('DISK_FULL');
    await assert.rejects(host.submit(checkoutOf('draw', 'ana', 'a')), isCode('DISK_FULL'));
    ports.broken = null;
    await assert.rejects(host.submit(checkoutOf('draw', 'ana', 'b')), isCode('DISK_FULL'));
    await assert.rejects(host.submit(PUBLISH), isCode('DISK_FULL'));
    assert.deepEqual(ports.journal, []);
    const next = await again(host, ports);
    assert.equal(next.host.runtime.model.leases.size, 0);
    await next.host.tellTime();
    assert.equal((await next.host.submit(checkoutOf('draw', 'ana', 'b'))).ok, true);
  });

  it('hands out nothing of what it signed but could not keep', async () => {
    const { host, ports } = await lending();
    await host.submit(FEWER(host));
    const other = await invitedHost(host, 'ws02', 202);
    const before = host.runtime.lackedBy(other.runtime.stateVector());
    ports.broken = new Fault('DISK_FULL');
    await assert.rejects(host.submit(PUBLISH));
    assert.deepEqual(host.runtime.lackedBy(other.runtime.stateVector()), before);
  });

  it('publishes nothing when the counter cannot be written', async () => {
    const { host, ports } = await lending();
    const fault = new Fault('STORE_FAILED');
    ports.counter.write = async () => {
      throw fault;
    };
    await assert.rejects(host.submit(FEWER(host)), fault);
    assert.deepEqual([ports.published, ports.faults], [[], [fault]]);
  });

  it('passes on a fault of the probe, and keeps the lease', async () => {
    const { host, ports } = await lending();
    await host.submit(checkoutOf('draw', 'ana', 'a'));
    ports.gone = new Fault('FILE_UNREADABLE');
    host.runtime.clientGone(1);
    await settled();
    assert.deepEqual(ports.faults, [ports.gone]);
    assert.equal(host.runtime.model.leases.size, 1);
  });
});

describe('The runtime: probes', () => {
  for (const gone of [true, false]) {
    it(`${gone ? 'frees' : 'keeps'} a lease whose process is ${gone ? 'gone' : 'there'}`, async () => {
      const { host, ports } = await lending();
      await host.submit(checkoutOf('draw', 'ana', 'a'));
      ports.gone = gone;
      host.runtime.clientGone(1);
      await settled();
      assert.deepEqual(
        ports.probes.map(({ id }) => id),
        ['a'],
      );
      assert.equal(ports.image().has('lease/a'), !gone);
    });
  }
});

describe('The runtime: records', () => {
  it('writes a body over 16 KiB as parts, which come back whole in another runtime', async () => {
    const { host, ports } = await lending();
    const other = await invitedHost(host, 'ws02', 202);
    await exchange(host, other);
    await host.submit(drafting(manyHosts)(host));
    const answer = await host.submit(PUBLISH);
    assert(answer.ok && answer.kind === 'published');
    const own = host.runtime.model.state.ledger.logs.get(host.log) ?? [];
    const at = own.findIndex(({ hash }) => hash === answer.candidate);
    assert.deepEqual([own[at - 1]?.type, own[at]?.type], ['part', 'candidate']);
    assert(own.every(({ bytes }) => bytes.length <= MAX_RECORD_BYTES));
    await exchange(host, other);
    const next = await again(host, ports);
    for (const { runtime } of [host, other, next.host]) {
      assert.equal(runtime.model.applied?.version.id, answer.candidate);
      assert.equal(runtime.model.applied?.version.roster.members.size, 202);
    }
  });

  it('takes a log that comes before its invitation as soon as that has come', async () => {
    const founder = await foundedHost();
    const other = await invitedHost(founder, 'ws02', 202);
    await exchange(founder, other);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    const third = await invitedHost(founder, 'ws03', 303);
    await exchange(founder, third);
    const [ofThird, all] = [third.log, founder.runtime.lackedBy(other.runtime.stateVector())];
    const records = founder.runtime.model.state.ledger.logs.get(ofThird)?.map(({ bytes }) => bytes) ?? [];
    assert.equal(records.length > 0, true);
    const alone = encodeAppend([{ log: ofThird, from: 0, records }]);
    assert.deepEqual(await other.runtime.update(alone), []);
    assert.equal(other.runtime.model.state.ledger.logs.has(ofThird), false);
    for (const update of all) await other.runtime.update(update);
    assert.equal(other.runtime.model.state.ledger.logs.get(ofThird)?.length, records.length);
  });

  it('takes nothing of bytes that are no update, and says why', async () => {
    const { host, ports } = await lending();
    const { size } = host.runtime.model.state.ledger;
    const [refused] = await host.runtime.update(Uint8Array.of(1, 2, 3));
    assert.equal(refused?.log, null);
    assert.deepEqual([host.runtime.model.state.ledger.size, ports.journal], [size, []]);
  });
});
