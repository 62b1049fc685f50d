import { type Candidate, on, type Scenario, scenario } from './scenario.ts';

const RESTORED = new Map([['a', 'a+']]);
const ONE_LIAR = { liars: 'd', tolerated: 1 };

/** Two rivals at version 2, and at 3 one that follows and one that skips. */
function four(voters: string, others: string): Candidate[] {
  return [on('G1', 'X2', others), on('G1', 'W2', voters), on('G1', 'Y3', voters), on('X2', 'Z3', others)];
}

/** The same, and three at version 4: one skips two, one skips one, one follows. */
function seven(voters: string, others: string): Candidate[] {
  return [...four(voters, others), on('G1', 'V4', others), on('X2', 'U4', voters), on('Z3', 'T4', voters)];
}

/** Realms in which candidates compete. */
export const CONTESTS: readonly Scenario[] = [
  scenario('three voters', 'abc', seven('abc', 'abc'), { versions: 4 }),
  scenario('three voters, one of whom is replaced', 'abc', seven('abc', 'bcd')),
  scenario('three voters, two of whom are replaced', 'abc', four('abc', 'cde')),
  scenario('three voters who become five', 'abc', four('abc', 'abcde')),
  scenario('five voters who become three', 'abcde', four('abcde', 'abc')),
  scenario('four voters, one of whom lies', 'abcd', seven('abcd', 'abcd'), ONE_LIAR),
  scenario('four voters, one of whom lies and one is replaced', 'abcd', seven('abcd', 'bcde'), ONE_LIAR),
  scenario('five voters, one of whom lies', 'abcde', four('abcde', 'abcde'), { liars: 'd', tolerated: 1 }),
  scenario(
    'four voters who start to allow for a liar',
    'abcd',
    four('abcd', 'abcd').map((candidate) => ({ ...candidate, liars: 1 })),
  ),
  scenario('a voter restored, kept with its old log and its new one', 'abc', four('abc', 'aa+bc'), {
    restored: RESTORED,
  }),
  scenario('a voter restored, named by its new log alone', 'abc', seven('abc', 'a+bc'), {
    restored: RESTORED,
  }),
  scenario('a voter with two logs, both alive', 'aa+bc', four('aa+bc', 'abc')),
  scenario('a voter who gets a second log', 'abc', four('abc', 'aa+bc')),
  scenario('voters who change their logs, all of them alive', 'abc', four('abc', 'a+b+c')),
];

/** Realms in which voters open terms as well. */
export const TERMS: readonly Scenario[] = [
  scenario('three voters, two terms', 'abc', [on('G1', 'X2', 'abc'), on('X2', 'Z3', 'abc')], { terms: 2 }),
  scenario('three voters, rivals and a skip', 'abc', four('abc', 'abc').slice(0, 3), { terms: 1 }),
  scenario('three voters, one of whom is replaced', 'abc', followed('abc', 'bcd'), { terms: 1 }),
  scenario('three voters, two of whom are replaced', 'abc', followed('abc', 'cde').slice(1), { terms: 1 }),
  scenario('four voters, one of whom lies', 'abcd', followed('abcd', 'abcd'), { ...ONE_LIAR, terms: 1 }),
  scenario('four voters, one of whom lies and one is replaced', 'abcd', followed('abcd', 'bcde'), {
    ...{ ...ONE_LIAR, terms: 1 },
  }),
  scenario('four voters, one of whom is replaced by a liar', 'abcd', followed('abcd', 'bcde'), {
    ...{ liars: 'e', tolerated: 1, terms: 1 },
  }),
  scenario('a voter restored', 'abc', followed('abc', 'a+bc'), { terms: 1, restored: RESTORED }),
  scenario('a voter who gets a second log', 'abc', followed('abc', 'aa+bc'), { terms: 1 }),
  scenario(
    'three voters, one of whom is replaced by a version without the class',
    'abc',
    followed('abc', 'bcd').map((candidate) => ({ ...candidate, classed: candidate.id === 'Z3' })),
    { terms: 1 },
  ),
];

/** Larger ones, for `MODEL=full`. */
export const LARGE: readonly Scenario[] = [
  scenario('three voters who become five', 'abc', seven('abc', 'abcde')),
  scenario('five voters, one of whom lies', 'abcde', seven('abcde', 'abcde'), { liars: 'd', tolerated: 1 }),
  scenario('five voters, one of whom lies and one is replaced', 'abcde', seven('abcde', 'bcdef'), {
    ...ONE_LIAR,
  }),
  scenario('terms, voters there and back', 'abc', thereAndBack('abc', 'bcd'), { terms: 1 }),
  scenario('two terms, one voter replaced', 'abc', followed('abc', 'bcd').slice(1), { terms: 2 }),
  scenario('two terms, one voter lies and one is replaced', 'abcd', followed('abcd', 'bcde').slice(1), {
    ...{ ...ONE_LIAR, terms: 2 },
  }),
];

function followed(voters: string, others: string): Candidate[] {
  return [on('G1', 'Y3', voters), on('G1', 'X2', others), on('X2', 'Z3', others)];
}

function thereAndBack(voters: string, others: string): Candidate[] {
  return [on('G1', 'X2', others), on('X2', 'Z3', voters), on('Z3', 'T4', voters)];
}
