/** Everything that can be wrong with a registry as a whole. The README lists them; a test compares the lists. */
export const PROBLEM_CODES = [
  'schema',
  'id-twice',
  'unknown-id',
  'no-target',
  'period-date',
  'period-open',
  'period-order',
  'over-reserved',
  'reserved-twice',
  'reserved-for-barred',
  'rule-empty',
  'rule-matches-nobody',
  'no-issuer',
  'no-voter',
  'issuer-threshold',
  'too-many-liars',
  'too-few-relays',
  'recovery-threshold',
  'log-range',
  'log-twice',
  'log-moved',
  'host-logs',
  'key-twice',
  'key-mismatch',
  'class-term-changed',
  'host-class-changed',
  'kind-changed',
  'grant-unreadable',
  'grant-bad-signature',
  'grant-other-id',
  'grant-unknown-vendor',
  'grant-other-vendor',
  'grant-other-realm',
  'grant-unknown-product',
  'grant-unknown-feature',
  'over-granted',
  'not-granted',
  'overdraft-not-granted',
] as const;

/** The closed set of problem codes. */
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** One thing that keeps a registry from becoming a version: where (`periods.p1.until`), what, and in a sentence. */
export interface Problem {
  readonly path: string;
  readonly code: ProblemCode;
  readonly message: string;
}

/** What is allowed and probably not meant. */
type AdviceCode =
  | 'feature-without-period'
  | 'empty-block'
  | 'weak-issuer-threshold'
  | 'two-voters'
  | 'liars-stop-decisions'
  | 'no-seats';

/** One piece of advice about a registry, in the form of a problem. */
export interface Advice {
  readonly path: string;
  readonly code: AdviceCode;
  readonly message: string;
}
