import assert from 'node:assert/strict';
import type { AppendReason } from '../../core/wire/append.ts';
import { fuzzAppend } from '../support/append-fuzzer.ts';

/** Refusals that small damage must meet, or the damage is not what it says. */
const EXPECTED: readonly AppendReason[] = [
  'truncated',
  'not-minimal',
  'log-id',
  'not-canonical-order',
  'struct-count',
  'empty-run',
  'gc-struct',
  'skip-struct',
  'foreign-content',
  'nested',
  'right-origin',
  'map-key',
  'wrong-origin',
  'wrong-parent',
  'unknown-form',
  'delete-set',
  'trailing-bytes',
];

describe('damaged append-profile updates', () => {
  const rounds = Number(process.env.FUZZ_ROUNDS ?? 20_000);
  const seed = Number(process.env.FUZZ_SEED ?? 1);

  it(`mean to Yjs what they mean to us, or are refused (FUZZ_SEED=${seed} FUZZ_ROUNDS=${rounds})`, function () {
    this.timeout(0);
    const { accepted, refused } = fuzzAppend(seed, rounds);
    const reasons = [...refused].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason} ${count}`);
    console.log(`      ${rounds} updates, ${accepted} accepted; refused: ${reasons.join(', ')}`);
    assert(accepted > rounds / 50, 'too few were accepted to say anything');
    for (const reason of EXPECTED)
      assert(refused.has(reason) || rounds < 5_000, `none was refused as ${reason}`);
  });
});
