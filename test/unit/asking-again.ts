import assert from 'node:assert/strict';
import { askingAgain } from '../../core/agent/asking-again.ts';

describe('a relay that refuses', () => {
  it('is asked again soon at first, and ever more rarely', () => {
    const again = askingAgain();
    const spans = Array.from({ length: 8 }, () => again.refused(false));
    assert.deepEqual(spans, [1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('is asked every few seconds by a founder who waits to be listed', () => {
    const again = askingAgain();
    const spans = Array.from({ length: 5 }, () => again.refused(true));
    assert.deepEqual(spans, [1, 2, 4, 4, 4]);
  });

  it('is asked soon again after it has let us in', () => {
    const again = askingAgain();
    for (let refusal = 0; refusal < 9; refusal++) again.refused(false);
    again.letIn();
    assert.equal(again.refused(false), 1);
  });
});
