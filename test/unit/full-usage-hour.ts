import assert from 'node:assert/strict';
import { LeaseTable } from '../../core/engine/lease-table.ts';
import { bodyOf, newUsageHour, noteEnd, noteRefusal } from '../../core/engine/usage-hour.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { BODIES, type Body } from '../../core/wire/bodies.ts';
import { MAX_USAGE_DENIALS, MAX_USAGE_NAMES, MAX_USAGE_SESSIONS } from '../../core/wire/bounds.ts';
import { decodeShape } from '../../core/wire/shape.ts';
import { MIDYEAR } from '../support/host-rig.ts';
import { LEASE } from '../support/leases.ts';
import { encodeBody } from '../support/realm.ts';

const HOUR = 3600;

describe('the record of an hour that was too full', () => {
  const model = () => ({
    ...{ leases: new LeaseTable(), usage: { ...newUsageHour(), hour: MIDYEAR } },
    time: { lower: seconds(MIDYEAR + 9) },
  });
  const readable = (body: Body<'usage'>) => decodeShape(BODIES.usage, encodeBody('usage', body)).ok;

  it('counts the sessions that it has no place for', () => {
    const of = model();
    const lease = { ...LEASE, since: seconds(MIDYEAR) };
    for (let i = 0; i < MAX_USAGE_SESSIONS + 2; i++) noteEnd(of as never, lease);
    const body = bodyOf(of.usage, MIDYEAR, [
      ...of.usage.ended,
      { feature: 'draw', user: 'ana', from: MIDYEAR, until: null },
    ]);
    assert.deepEqual([body.sessions.length, body.lost, readable(body)], [MAX_USAGE_SESSIONS, 3, true]);
  });

  it('counts the refusals and the names that it has no place for', () => {
    const of = model();
    for (let i = 0; i < MAX_USAGE_DENIALS + 1; i++) {
      noteRefusal(of as never, { feature: `f${i}`, user: `u${i}`, reason: 'no-seat' });
    }
    const body = bodyOf(of.usage, MIDYEAR, []);
    assert.equal(body.names.length, MAX_USAGE_NAMES);
    assert.deepEqual([body.denials.length + body.lost, readable(body)], [MAX_USAGE_DENIALS + 1, true]);
  });

  it('is one that others can read, whatever somebody calls himself and whenever it was', () => {
    const of = model();
    for (const user of ['\ud800', `${'x'.repeat(63)}\u{1f600}`, '', 'x'.repeat(9999)]) {
      noteRefusal(of as never, { feature: 'draw', user, reason: 'unknown-user' });
    }
    const use = { feature: 'draw', user: 'ana' as PrincipalId };
    const uses = [
      ...[
        { ...use, from: MIDYEAR + 5 * HOUR, until: MIDYEAR + 9 * HOUR },
        { ...use, from: -1e12, until: null },
      ],
      { ...use, from: MIDYEAR + 20, until: MIDYEAR + 10 },
    ];
    const body = bodyOf(of.usage, MIDYEAR, uses);
    assert.equal(readable(body), true);
    assert.equal(body.denials.length, 4);
  });
});
