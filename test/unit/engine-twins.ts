import assert from 'node:assert/strict';
import { encodeAppend } from '../../core/wire/append.ts';
import type { RigHost } from '../support/host-rig.ts';
import { again, lending } from '../support/lending-host.ts';
import { ask, play, tick } from '../support/script.ts';
import { checkout, DAY, TERM, working } from '../support/working-host.ts';

const RUN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const OTHER = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
const meet = (run: Uint8Array) => ({ kind: 'twin', run }) as const;
const ownLog = ({ log, runtime }: RigHost) => runtime.model.state.ledger.logs.get(log) ?? [];
const sayingAll = (host: RigHost) =>
  encodeAppend([{ log: host.log, from: 0, records: ownLog(host).map(({ bytes }) => bytes) }]);

describe('The engine: a host that hears of another process under its log', () => {
  it('signs at once which process it is, and decides nothing on what it heard', async () => {
    const host = await working();
    assert.deepEqual(await play(host, meet(RUN)), ['append heads']);
    const last = ownLog(host).at(-1);
    assert.ok(last?.type === 'heads');
    assert.deepEqual(last.body, { whole: false, next: new Map(), run: RUN });
    assert.deepEqual([host.runtime.model.stale, host.runtime.model.alarms.size], [false, 0]);
    assert.deepEqual(await play(host, ask(checkout('a'))), [
      ...['write lease/a', 'answer lease', 'tell all lease a granted'],
    ]);
  });

  it('signs that once an hour at most: anybody may pretend to be another process', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, meet(RUN));
    for (let i = 0; i < 5; i++) assert.deepEqual(await play(host, meet(RUN)), []);
    await play(host, tick(model, TERM + 5 * DAY, TERM + 5 * DAY, 3599));
    assert.deepEqual(await play(host, meet(RUN)), []);
    await play(host, tick(model, TERM + 5 * DAY + 1, TERM + 5 * DAY + 1, 1));
    assert.deepEqual(await play(host, meet(RUN)), ['append heads']);
  });

  it('signs it as soon as its own log has been compared, and not before', async () => {
    const host = await working();
    host.runtime.model.compared = false;
    assert.deepEqual(await play(host, meet(RUN)), []);
    assert.equal((await play(host, { kind: 'compared' }))[0], 'append heads');
  });

  it('signs nothing where its disk is older than its log', async () => {
    const host = await working();
    await play(host, { kind: 'own-log-ahead', next: 99 });
    assert.deepEqual(await play(host, meet(RUN)), []);
  });

  it('proves the fork with it where both live: neither lends from then on', async () => {
    const { host, ports } = await lending();
    const { host: twin } = await again(host, ports);
    await host.runtime.meetTwin(RUN);
    await twin.runtime.meetTwin(OTHER);
    assert.deepEqual([host.runtime.model.stale, twin.runtime.model.stale], [false, false]);
    const [one, other] = [sayingAll(host), sayingAll(twin)];
    await host.runtime.update(other);
    await twin.runtime.update(one);
    assert.deepEqual([host.runtime.model.stale, twin.runtime.model.stale], [true, true]);
  });

  it('knows after a restart that another lives, where the record of that one came while it signed its own', async () => {
    const { host, ports } = await lending();
    const { host: twin, ports: disk } = await again(host, ports);
    await host.runtime.meetTwin(RUN);
    const other = twin.runtime.update(sayingAll(host));
    await Promise.all([other, twin.runtime.meetTwin(OTHER)]);
    assert.deepEqual([twin.runtime.model.stale, ownLog(twin).length], [true, ownLog(host).length]);
    assert.equal((await again(twin, disk)).host.runtime.model.stale, true);
  });
});
