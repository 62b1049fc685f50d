import assert from 'node:assert/strict';
import { compareDenials, type Links } from './denial-comparison.ts';

/** A workplace at four fifths of what its seats can carry. */
const WORKS = { hosts: 5, users: 3, seats: 20, load: 0.8, requests: 300 };
const SEED = 2;

async function denialsOf(links: Links) {
  const found = await compareDenials(SEED, links, WORKS);
  const { byCounter, byHosts, requests } = found;
  console.log(`        ${links}: ${byHosts} of ${requests} denied, ${byCounter} by one counter`);
  return found;
}

describe('Hosts that lend by themselves', () => {
  it('deny hardly more than one counter that knows everything, where they hear each other', async function () {
    this.timeout(0);
    const { byCounter, byHosts, most, requests } = await denialsOf('all');
    assert.ok(byCounter > 0, 'the demand must be more than there is, now and then');
    assert.ok(byHosts - byCounter <= 0.01 * requests);
    assert.ok(most <= WORKS.seats);
  });

  it('lend what they have where they hear nobody, and never more in all', async function () {
    this.timeout(0);
    const { byHosts, most, reasons, requests } = await denialsOf('none');
    assert.ok(byHosts < 0.4 * requests);
    assert.ok(most <= WORKS.seats);
    // Whoever is denied has no seat left of its own: nothing else stands in the way.
    assert.deepEqual(
      [...reasons.keys()].map((reason) => reason.split(' ')[0]),
      ['no-seat'],
    );
  });
});
