import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PASSING } from '../../core/decide/checkout.ts';
import { DENIALS, denialText } from '../../extension/src/model/denial.ts';
import { FAILURES, failureText } from '../../extension/src/model/failure.ts';
import { ENGLISH } from '../support/english-reader.ts';

const REASONS = ['checkout', 'limits', 'lots'].flatMap((name) => {
  const text = readFileSync(new URL(`../../../core/decide/${name}.ts`, import.meta.url), 'utf8');
  const union = /export type (?:CheckoutDenial|LimitDenial|LotDenial) =([^;]+);/.exec(text)?.[1] ?? '';
  return [...union.matchAll(/'([a-z-]+)'/g)].map(([, reason]) => reason ?? '');
});

describe('what a window says of a denial', () => {
  it('is a sentence of its own for each reason for which a checkout is denied', () => {
    ok(REASONS.length > 10);
    deepEqual(
      REASONS.filter((reason) => !Object.hasOwn(DENIALS, reason)),
      [],
    );
    const sentences = Object.values(DENIALS).map(({ text }) => text);
    equal(new Set(sentences).size, sentences.length);
  });

  it('offers to wait for exactly what the agent queues for', () => {
    const offered = Object.entries(DENIALS).filter(([, { remedy }]) => remedy === 'wait');
    deepEqual(offered.map(([reason]) => reason).sort(), [...PASSING].sort());
  });

  it('names the feature and what the agent says', () => {
    deepEqual(denialText('limit-reached', '2 of 2 in use.', 'Simulator Pro', ENGLISH), {
      text: 'A limit on Simulator Pro is used up: 2 of 2 in use.',
      remedy: 'wait',
    });
  });

  it('has words for a reason that only a newer agent knows', () => {
    deepEqual(denialText('moon-phase', '', 'Simulator Pro', ENGLISH), {
      text: 'The agent refused: moon phase.',
      remedy: 'status',
    });
  });
});

describe('what a window says of a failure', () => {
  it('is a sentence of its own for each, with one repair', () => {
    const sentences = Object.values(FAILURES).map(({ text }) => text);
    equal(new Set(sentences).size, sentences.length);
    deepEqual(failureText('DISK_FULL', '/data', ENGLISH), {
      text: 'No space is left on the disk of the host agent: /data.',
      repair: 'start',
    });
  });

  it('is its own detail where nothing is known of it', () => {
    deepEqual(failureText('', 'x is not a function', ENGLISH), {
      text: 'x is not a function',
      repair: 'log',
    });
  });
});
