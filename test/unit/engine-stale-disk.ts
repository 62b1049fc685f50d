import assert from 'node:assert/strict';
import { drafting, PUBLISH } from '../support/lending-host.ts';
import { ask, play, tick } from '../support/script.ts';
import { checkout, DAY, moreSeats, TERM, working } from '../support/working-host.ts';

describe('The engine: a host whose disk is older than its log', () => {
  it('says so once, and signs, lends and renews nothing', async () => {
    const host = await working();
    const { model } = host.runtime;
    await play(host, ask(drafting(moreSeats(5))(host)));
    const ahead = { kind: 'own-log-ahead', next: 99 } as const;
    assert.deepEqual(await play(host, ahead), ['tell all identity-stale']);
    assert.deepEqual(await play(host, ahead), []);
    assert.deepEqual(await play(host, ask(PUBLISH)), ['answer no: identity-stale']);
    assert.deepEqual(await play(host, ask({ do: 'void', version: 3 })), ['answer no: identity-stale']);
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: restricted']);
    assert.deepEqual(await play(host, tick(model, TERM + 5 * DAY, TERM + 5 * DAY, 7200)), []);
  });

  it('is what a second history of its own log makes it', async () => {
    const host = await working();
    const records = host.runtime.model.state.ledger.logs.get(host.log) ?? [];
    const [a, b] = [records[1], records[2]];
    assert(a !== undefined && b !== undefined);
    const twin = { ...b, seq: a.seq };
    assert.deepEqual(await play(host, { kind: 'fork', a, b: twin }), ['tell all identity-stale']);
    assert.deepEqual(await play(host, ask(checkout('a'))), ['answer no: restricted']);
  });
});
