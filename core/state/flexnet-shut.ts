import { merge, named } from './flexnet-access.ts';
import type { FlexnetLine } from './flexnet-lines.ts';
import type { FlexnetOutcome } from './flexnet-outcome.ts';
import { featuresOf, isOf, type Work } from './flexnet-registry.ts';

/**
 * What still becomes of a line about access that says not in full whom it is about: one that would have let somebody in
 * keeps everybody else out, as it does in the file, and one that would have shut somebody out keeps the draft from being
 * published until it is known whom. Who spoils a line must not open what it closes.
 */
export function shut(work: Work, line: FlexnetLine, outcome: FlexnetOutcome): FlexnetOutcome {
  const [word = '', target = ''] = line.words ?? line.beginning;
  const keyword = word.toUpperCase();
  const about = () => (keyword.endsWith('ALL') ? null : meant(work, line, target));
  switch (keyword) {
    case 'INCLUDE':
    case 'INCLUDEALL':
      return outcome.outcome === 'left-out' ? opensNothing(work, line, outcome, keyword, about()) : outcome;
    case 'EXCLUDE':
    case 'EXCLUDEALL':
      return isUnsaid(work, line, outcome) ? shutsOut(work, line, outcome, about()) : outcome;
    default:
      return outcome;
  }
}

/** The feature that a line is about; undefined for none of these, null for any, as where its name cannot be read. */
function meant(work: Work, { words }: FlexnetLine, target: string): string | null | undefined {
  const feature = work.names.feature(target.split(':')[0] ?? '');
  if (feature !== null) return isOf(work, feature) ? feature : undefined;
  return words === null ? null : undefined;
}

function opensNothing(
  work: Work,
  { line }: FlexnetLine,
  outcome: FlexnetOutcome,
  keyword: string,
  feature: string | null | undefined,
): FlexnetOutcome {
  if (feature === undefined) return outcome;
  if (feature === null && keyword === 'INCLUDE') {
    const said = `${outcome.said}; it opens nothing, and as it may be about any feature, the draft cannot be published until it is known which`;
    return isHeld(work, line, 'allow', null) ? { ...outcome, said } : outcome;
  }
  merge(work.access.include, feature, named(line));
  return {
    ...outcome,
    said: `${outcome.said}; it opens nothing: without another ${keyword} nobody is let in, and the draft says so`,
  };
}

function shutsOut(
  work: Work,
  { line }: FlexnetLine,
  outcome: FlexnetOutcome,
  feature: string | null | undefined,
): FlexnetOutcome {
  if (feature === undefined || !isHeld(work, line, 'deny', feature)) return outcome;
  const said = `${outcome.said}; whom it shuts out is not known in full, and the draft cannot be published until it is`;
  return { ...outcome, said };
}

/** A line of a file that is about no feature at all holds nothing up. */
function isHeld(work: Work, line: number, side: 'allow' | 'deny', feature: string | null): boolean {
  const key = `${side} ${feature ?? '*'}`;
  // The first of its kind holds up as much as all of them, which may be as many as the file has lines.
  if (work.unsaid.has(key)) return true;
  if (featuresOf(work).length === 0) return false;
  work.unsaid.set(key, { line, side, feature });
  return true;
}

/** A line that cannot be read or has not the words that it needs, or names a group of which a line is such. */
function isUnsaid({ spoiled }: Work, { words }: FlexnetLine, { outcome, reason }: FlexnetOutcome): boolean {
  if (words === null || reason === 'wrong-words') return true;
  const type = words.at(-2)?.toUpperCase();
  const isByGroup = type === 'GROUP' || type === 'HOST_GROUP';
  return isByGroup && spoiled && (outcome !== 'left-out' || reason === 'unknown-group');
}
