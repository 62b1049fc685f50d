import assert from 'node:assert/strict';
import { foundingRegistry, foundRealm } from '../../core/agent/founding.ts';
import type { Command } from '../../core/engine/input.ts';
import { Fault } from '../../core/errors.ts';
import { verifyRuns } from '../../core/runtime/arrivals.ts';
import type { RuntimeOptions } from '../../core/runtime/options.ts';
import { openRuntime, type Runtime } from '../../core/runtime/runtime.ts';
import { draftBytes, toRegistry } from '../../core/state/drafts.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { LogId, PrincipalId } from '../../core/units.ts';
import { parseAppend } from '../../core/wire/append.ts';
import { MAX_FRAME_BYTES } from '../../core/wire/bounds.ts';
import { testClock } from '../support/clock.ts';
import { MIDYEAR } from '../support/host-rig.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { knowledgeOf } from '../support/knowledge.ts';
import { makeRealm } from '../support/realm.ts';
import { type RecordedStore, recordedStore } from '../support/recorded-store.ts';
import { relayKey, testToken } from '../support/tokens.ts';

const LOG = 101 as LogId;
const SIGNER = testSigner('ws01');
const RECOVERY = { keys: [testSigner('recovery').key], threshold: 1 };

interface Setting {
  readonly store: RecordedStore;
  readonly log: string[];
  readonly published: Uint8Array[];
  readonly faults: unknown[];
  readonly counter: { value: number };
  open(changes?: Partial<RuntimeOptions>): Promise<Runtime>;
}

/** A realm of one host over a store that tells what it was given. */
async function setting(change: (registry: Registry) => void = () => undefined): Promise<Setting> {
  const founding = {
    ...{ name: 'Optics lab', log: LOG, person: { id: 'ana' as PrincipalId, name: 'Ana' }, roles: [] },
    host: { id: 'ws01' as PrincipalId, name: 'Workstation 1', class: 'office' },
    relays: [{ url: 'ws://relay.lab.example', key: relayKey(1), token: null }],
    recovery: RECOVERY,
  };
  const registry = foundingRegistry(founding, SIGNER.key);
  registry.software.cad = { name: 'CAD' };
  registry.features.draw = { name: 'Drawing', software: 'cad', seats: 30 };
  registry.periods.draw = { feature: 'draw', from: '2030-01-01', until: '2030-12-31' };
  change(registry);
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
  const { realm, records } = await foundRealm(founding, registry, SIGNER, random);
  const store = recordedStore();
  const { log } = store;
  const published: Uint8Array[] = [];
  const faults: unknown[] = [];
  const counter = { value: 0 };
  return {
    ...{ store, log, published, faults, counter },
    async open(changes = {}) {
      const runtime = await openRuntime({
        ...{ store, crypto: nodeCrypto, signer: SIGNER, clock: testClock(MIDYEAR), realm, log: LOG },
        opening: records,
        probe: async () => false,
        counter: {
          read: async () => counter.value,
          async write(next) {
            counter.value = next;
            log.push('count');
          },
        },
        event: (_, { event }) => void log.push(`event ${event}`),
        publish(bytes) {
          published.push(bytes);
          log.push('publish');
        },
        fault: (error) => void faults.push(error),
        ...changes,
      });
      await runtime.compared();
      return runtime;
    },
  };
}

async function tellTime(runtime: Runtime): Promise<void> {
  const token = testToken(relayKey(1), MIDYEAR);
  const at = 0 as never;
  await runtime.see({ token, sentAt: at, receivedAt: at, boot: 'boot-1' });
}

const PUBLISH: Command = { do: 'publish', message: 'Next', expect: null };

function checkout(id: string): Command {
  const request = {
    ...{ feature: 'draw', user: 'ana', wait: false },
    tie: 'connection' as const,
    process: { tool: 'drafter', pid: null, startTime: null },
  };
  return { do: 'checkout', request, id, secret: `secret of ${id}` };
}

/** A runtime with version 2 applied and its terms open. */
async function working(host: Setting, changes: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  const runtime = await host.open(changes);
  await tellTime(runtime);
  const answer = await runtime.submit(1, PUBLISH);
  assert.equal(answer.ok, true);
  return runtime;
}

describe('The runtime', () => {
  it('has a lease on its disk before it answers', async () => {
    const host = await setting();
    const runtime = await working(host);
    const open = host.store.hold();
    let answered = false;
    const asked = runtime.submit(1, checkout('a')).then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((done) => setImmediate(done));
    assert.equal(answered, false);
    open();
    assert.equal((await asked).ok, true);
    assert.deepEqual(host.store.batches.at(-1), ['lease/a']);
  });

  it('tells which lease is coming while the disk is busy with it', async () => {
    const host = await setting();
    const runtime = await working(host, { coming: ({ id }) => void host.log.push(`coming ${id}`) });
    const open = host.store.hold();
    host.log.length = 0;
    const [asked, queued] = [runtime.submit(1, checkout('a')), runtime.submit(1, checkout('b'))];
    await new Promise((done) => setImmediate(done));
    assert.deepEqual(host.log, ['coming a', 'coming b']);
    open();
    await Promise.all([asked, queued]);
    assert.deepEqual(host.log.slice(0, 3), ['coming a', 'coming b', 'disk']);
  });

  it('divides what is too big for one record, and what is too big for one frame', async () => {
    const host = await setting((registry) => {
      for (let i = 0; i < 400; i++)
        registry.people[`person-${i}`] = { name: `Person ${i}`, note: 'n'.repeat(9000) };
    });
    const runtime = await host.open();
    await tellTime(runtime);
    const opening = host.published.length;
    assert(opening > 3);
    assert(host.published.every((bytes) => bytes.length <= MAX_FRAME_BYTES));
    assert.equal(host.published.reduce((sum, update) => sum + records(update).length, 0) > 300, true);
    assert.equal((await runtime.submit(1, PUBLISH)).ok, true);
  });

  it('goes on from its disk as it was', async () => {
    const host = await setting();
    const runtime = await working(host);
    await runtime.submit(1, checkout('a'));
    const before = runtime.model;
    const after = (await host.open()).model;
    assert.deepEqual(after.state.membership.versions, before.state.membership.versions);
    assert.deepEqual(after.applied?.bytes, before.applied?.bytes);
    assert.deepEqual([...after.slots], [...before.slots]);
    assert.deepEqual([...after.opened], [...before.opened]);
    assert.deepEqual(draftBytes(after.state.live.draft), draftBytes(before.state.live.draft));
    assert.deepEqual(after.leases.get('a')?.lease, before.leases.get('a')?.lease);
    assert.equal(after.leases.get('a')?.holder.kind, 'orphaned');
    assert.equal(after.leases.inUse.get('draw'), 1);
    assert.equal(after.state.ledger.size, before.state.ledger.size);
  });

  it('does not sign when the counter outside says that it signed more', async () => {
    const host = await setting();
    const runtime = await working(host);
    host.counter.value = (runtime.model.state.ledger.logs.get(LOG)?.length ?? 0) + 1;
    const again = await host.open();
    assert.equal(again.model.stale, true);
    const answer = await again.submit(1, PUBLISH);
    assert.equal(answer.ok ? 'ok' : answer.reason, 'identity-stale');
  });

  it('does not sign once others show records of its own log that it has not', async () => {
    const [mine, theirs] = [await setting(), await setting()];
    const [old, newer] = [await mine.open(), await theirs.open()];
    await tellTime(newer);
    await newer.submit(1, PUBLISH);
    for (const update of newer.lackedBy(old.stateVector())) await old.update(update);
    assert.equal(old.model.stale, true);
    assert.equal(old.model.state.ledger.logs.get(LOG)?.length, 2, 'what it forgot is not its own any more');
    const answer = await old.submit(1, PUBLISH);
    assert.equal(answer.ok ? 'ok' : answer.reason, 'identity-stale');
  });

  const damages: readonly [why: string, damage: (store: RecordedStore) => Promise<void>][] = [
    [
      'a record has a bit flipped',
      (store) => change(store, 'record/00000065/00000001', (value) => flip(value, 90)),
    ],
    [
      'a record is missing in the middle',
      (store) => store.put([{ key: 'record/00000065/00000001', value: null }]),
    ],
    [
      'a log has lost its beginning',
      (store) => store.put([{ key: 'record/00000065/00000000', value: null }]),
    ],
    ['a lease is none', (store) => store.put([{ key: 'lease/x', value: Uint8Array.of(1) }])],
    [
      'the applied version cannot be read',
      (store) => store.put([{ key: 'applied', value: Uint8Array.of(1) }]),
    ],
  ];
  for (const [why, damage] of damages) {
    it(`does not start when ${why}`, async () => {
      const host = await setting();
      await working(host);
      await damage(host.store);
      await assert.rejects(host.open(), (error) => error instanceof Fault && error.code === 'STORE_CORRUPT');
    });
  }

  it('forgets the word of a relay that the roster no longer names', async () => {
    const host = await setting((registry) => {
      registry.relays.second = { url: 'wss://second.lab.example', key: relayKey(2) };
    });
    const runtime = await host.open();
    await tellTime(runtime);
    const [token, at] = [testToken(relayKey(2), 250_000_000_000), 0 as never];
    await runtime.see({ token, passive: true, at, boot: 'boot-1' });
    assert.equal((runtime.model.time.lower ?? 0) > 200_000_000_000, true);
    const registry = structuredClone(draftOf(runtime));
    delete registry.relays.second;
    await runtime.submit(1, { do: 'set-registry', registry });
    await runtime.submit(1, PUBLISH);
    await runtime.tick();
    assert.equal((runtime.model.time.lower ?? 0) < MIDYEAR + 60, true);
  });
});

describe('Runs that wait for something', () => {
  it('are kept once each, and only so many bytes of them', async () => {
    const realm = await makeRealm('waiting', { hosts: 1, issuers: 1, voters: 1 });
    const { known } = knowledgeOf(realm.id);
    const host = realm.run(realm.logOf('host-1'));
    const again = await verifyRuns([host, host, host], known, nodeCrypto, async () => undefined);
    assert.equal(again.length, 1);
    const huge = Array.from({ length: 40 }, (_, i) => {
      return {
        log: (i + 1) as LogId,
        from: 9,
        records: Array.from({ length: 64 }, () => new Uint8Array(16_000)),
      };
    });
    const kept = await verifyRuns(huge, known, nodeCrypto, async () => undefined);
    assert.equal(kept.length, 8);
  });

  it('are not told as refused while they may still be taken', async () => {
    const realm = await makeRealm('told', { hosts: 1, issuers: 1, voters: 1 });
    const { known } = knowledgeOf(realm.id);
    const told: unknown[] = [];
    await verifyRuns([realm.run(realm.logOf('host-1'))], known, nodeCrypto, async (_, verdict) => {
      told.push(verdict.refused);
    });
    assert.deepEqual(told, []);
  });
});

function records(update: Uint8Array): readonly Uint8Array[] {
  const parsed = parseAppend(update);
  assert(parsed.ok);
  return parsed.value.flatMap((run) => run.records);
}

async function change(
  store: RecordedStore,
  key: string,
  to: (value: Uint8Array) => Uint8Array,
): Promise<void> {
  const value = await store.get(key);
  assert(value !== undefined);
  await store.put([{ key, value: to(value) }]);
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function draftOf(runtime: Runtime): Registry {
  return toRegistry(runtime.model.state.live.draft) as unknown as Registry;
}
