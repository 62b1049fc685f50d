import assert from 'node:assert/strict';
import { knownSentences } from '../../core/cli/reports/known-words.ts';
import { usageFigures } from '../../core/state/reports/figures.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { HOUR, hoursOf, usageLog } from '../support/usage.ts';

const NOON = 1_899_460_800;

function sentencesUntil(until: number): readonly string[] {
  const log = usageLog({ covered: new Map([hoursOf('ws01', NOON, NOON + 2 * HOUR)]) });
  const span = { from: seconds(NOON), until: seconds(until) };
  return knownSentences(
    usageFigures({ log, span, capacities: new Map(), members: new Set(['ws01' as PrincipalId]) }),
  );
}

describe('What is said of how complete records are', () => {
  it('is of full hours where the last has not ended, and that one is said to be unknown', () => {
    assert.deepEqual(sentencesUntil(NOON + 2 * HOUR + 600), [
      'Records are complete: every host has signed its use of every full hour.',
      'Of the part of an hour at the end, from 2030-03-11 14:00, there are no records yet: it is unknown.',
    ]);
  });

  it('is of every hour where all have ended', () => {
    assert.deepEqual(sentencesUntil(NOON + 2 * HOUR), [
      'Records are complete: every host has signed its use of every hour.',
    ]);
  });
});
