import assert from 'node:assert/strict';
import { Audience } from '../../core/agent/audience.ts';
import type { PushedEvent } from '../../core/agent/protocol.ts';
import { LEASE } from '../support/leases.ts';

type LeaseEvent = Extract<PushedEvent, { event: 'lease' }>;

const CURIOUS = 1;
const OWN = 2;
const OTHER = 3;

function told(state: LeaseEvent['state']): PushedEvent {
  return { event: 'lease', lease: LEASE.id, state };
}

/** One client that hears of everything, and two that hear of no leases but their own. */
function three(): Audience {
  const audience = new Audience();
  audience.come(CURIOUS, false);
  audience.come(OWN, true);
  audience.come(OTHER, true);
  return audience;
}

describe('a client that wants to hear of its own leases only', () => {
  it('hears of a lease that it was given, until that is over', () => {
    const audience = three();
    audience.given(OWN, { ok: true, kind: 'lease', lease: LEASE });
    const heard = [told('draining'), told('ended'), told('ended')].map((event) => audience.of('all', event));
    assert.deepEqual(heard, [[CURIOUS, OWN], [CURIOUS, OWN], [CURIOUS]]);
  });

  it('hears of a lease for which it queued', () => {
    const audience = three();
    assert.deepEqual(audience.of(OTHER, { event: 'granted', ticket: 1, lease: LEASE }), [OTHER]);
    assert.deepEqual(audience.of('all', told('removed')), [CURIOUS, OTHER]);
  });

  it('hears of a lease that another connection had before it', () => {
    const audience = three();
    audience.given(OWN, { ok: true, kind: 'lease', lease: LEASE });
    audience.given(OTHER, { ok: true, kind: 'lease', lease: LEASE });
    audience.go(OWN);
    assert.deepEqual(audience.of('all', told('draining')), [CURIOUS, OTHER]);
  });

  it('hears of no lease of others, and of everything else', () => {
    const audience = three();
    audience.given(OWN, { ok: false, reason: 'not-found', detail: '' });
    assert.deepEqual(audience.of('all', told('granted')), [CURIOUS]);
    assert.deepEqual(audience.of('all', { event: 'state' }), [CURIOUS, OWN, OTHER]);
  });

  it('is told nothing any more once it is gone', () => {
    const audience = three();
    audience.go(CURIOUS);
    audience.go(OTHER);
    assert.deepEqual(audience.of('all', { event: 'state' }), [OWN]);
  });
});
