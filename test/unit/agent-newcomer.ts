import assert from 'node:assert/strict';
import { type Newcomer, newcomerAt } from '../../core/agent/newcomer.ts';

const no = () => false;

/** A newcomer that a relay has asked who it is. */
function challenged(newcomer = newcomerAt(false, no)): Newcomer {
  newcomer.connected();
  newcomer.challenged();
  return newcomer;
}

function reasonOf(newcomer: Newcomer): string | null {
  const verdict = newcomer.verdict();
  return verdict?.state === 'refused' ? verdict.reason : (verdict?.state ?? null);
}

describe('a newcomer at a relay', () => {
  it('tries its other key before it takes a refusal for one', () => {
    const newcomer = challenged();
    assert.equal(newcomer.usesOnce, true);
    assert.equal(newcomer.turnedAway('not-a-member', ''), true);
    assert.deepEqual([newcomer.usesOnce, newcomer.verdict()], [false, null]);
  });

  it('begins with the key of its log where the ledger has the log', () => {
    assert.equal(newcomerAt(true, no).usesOnce, false);
  });

  const refusals = [
    ['holds the log under another key', 'not-authenticated', 'invitation-not-accepted'],
    ['knows nothing of the log', 'not-a-member', 'invitation-unknown'],
  ] as const;
  for (const [why, code, reason] of refusals) {
    it(`is refused for good by a relay that ${why}: ${reason}`, () => {
      const newcomer = challenged();
      newcomer.turnedAway(code, '');
      challenged(newcomer);
      assert.equal(newcomer.turnedAway(code, ''), false);
      assert.equal(reasonOf(newcomer), reason);
    });
  }

  it('is not refused for good by a relay that gets the invitation between its two questions', () => {
    const newcomer = challenged();
    newcomer.turnedAway('not-a-member', '');
    challenged(newcomer);
    newcomer.turnedAway('not-authenticated', '');
    assert.deepEqual([reasonOf(newcomer), newcomer.usesOnce], ['invitation-unknown', true]);
  });

  it('does not take a refused token for a refused key', () => {
    const newcomer = newcomerAt(false, no);
    newcomer.connected();
    assert.equal(newcomer.turnedAway('not-authenticated', 'the token was refused'), false);
    assert.deepEqual(newcomer.verdict(), {
      ...{ state: 'refused', reason: 'relay-refuses', text: 'the token was refused' },
    });
    assert.equal(newcomer.usesOnce, true);
  });

  it('is refused by a relay that holds nothing of the realm, until that lets it in', () => {
    const newcomer = challenged();
    newcomer.shown(0, 0);
    assert.equal(reasonOf(newcomer), 'relay-refuses');
    newcomer.welcomed();
    assert.equal(newcomer.verdict(), null);
  });

  it('is kept once the relay confirms its first record, and not sooner', () => {
    const newcomer = challenged();
    newcomer.welcomed();
    newcomer.shown(3, 0);
    newcomer.confirmed(0);
    assert.equal(newcomer.verdict(), null);
    newcomer.confirmed(1);
    assert.equal(reasonOf(newcomer), 'kept');
  });

  it('is kept by a relay that shows its log and has let it in', () => {
    const newcomer = challenged();
    newcomer.welcomed();
    newcomer.shown(3, 1);
    assert.deepEqual([reasonOf(newcomer), newcomer.usesOnce], ['kept', false]);
  });

  it('is not kept by a relay that shows the log to whoever may read, and may hold it under another key', () => {
    const newcomer = challenged();
    newcomer.shown(3, 1);
    assert.equal(newcomer.verdict(), null);
  });

  for (const [expired, reason] of [
    [true, 'invitation-expired'],
    [false, 'record-refused'],
  ] as const) {
    it(`is refused with its first record: ${reason}`, () => {
      const newcomer = challenged(newcomerAt(false, () => expired));
      newcomer.welcomed();
      newcomer.recordRefused('it says why');
      assert.equal(reasonOf(newcomer), reason);
    });
  }
});
