import assert from 'node:assert/strict';
import { ownLeases } from '../../core/agent/own-leases.ts';
import type { PushedEvent } from '../../core/agent/protocol.ts';
import { LEASE } from '../support/leases.ts';

type LeaseEvent = Extract<PushedEvent, { event: 'lease' }>;

function told(lease: string, state: LeaseEvent['state']): PushedEvent {
  return { event: 'lease', lease, state };
}

describe('a client that wants to hear of its own leases only', () => {
  it('hears of a lease that it was given, until that is over', () => {
    const own = ownLeases();
    own.given({ ok: true, kind: 'lease', lease: LEASE });
    const events = [told(LEASE.id, 'draining'), told(LEASE.id, 'ended'), told(LEASE.id, 'ended')];
    assert.deepEqual(events.map(own.hears), [true, true, false]);
  });

  it('hears of a lease for which it queued', () => {
    const own = ownLeases();
    const events: PushedEvent[] = [{ event: 'granted', ticket: 1, lease: LEASE }, told(LEASE.id, 'removed')];
    assert.deepEqual(events.map(own.hears), [true, true]);
  });

  it('hears of no lease of others, and of everything else', () => {
    const own = ownLeases();
    own.given({ ok: false, reason: 'not-found', detail: '' });
    assert.deepEqual([told(LEASE.id, 'granted'), { event: 'state' } as const].map(own.hears), [false, true]);
  });
});
