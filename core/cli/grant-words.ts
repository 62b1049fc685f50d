import { nodeCrypto } from '../adapters/crypto-node.ts';
import { fingerprintOf } from '../state/grant-import.ts';
import { endText, startText } from '../state/period.ts';
import { verifyGrant } from '../verify/grant.ts';
import { codeTexts, type SealedGrant } from '../wire/grant.ts';
import type { Files, Source } from './io.ts';
import { textFrom } from './prompt.ts';
import { Denied, Refusal } from './refusal.ts';

/** Groups in a line of a code that is to be typed. */
const GROUPS_IN_LINE = 5;

/** The texts that words of a command line stand for: a code as typed, a file, or standard input. */
export async function codesFrom(
  io: { readonly files: Pick<Files, 'exists' | 'read'>; readonly stdin: Pick<Source, 'text'> },
  words: readonly string[],
): Promise<readonly string[]> {
  const [only = ''] = words;
  const isCode = /^\s*GRANT[0-9IL]/i.test(only) && !(words.length === 1 && (await io.files.exists(only)));
  if (!isCode && words.length > 1) throw new Refusal('USAGE', 'expected one code or one file');
  const text = isCode ? words.join(' ') : await textFrom(io, only);
  const codes = codeTexts(text);
  if (!codes.ok) throw new Denied(`licence-${codes.reason}`, codes.detail);
  if (codes.value.length === 0)
    throw new Denied('licence-other-text', `expected a code in ${only}, came nothing`);
  return codes.value;
}

/** The grant of a code, its signature verified. Ends the command where it is none. */
export async function grantFrom(text: string): Promise<SealedGrant> {
  const grant = await verifyGrant(text, nodeCrypto);
  if (!grant.ok) throw new Denied(`licence-${grant.reason}`, grant.detail);
  return grant.value;
}

/** A grant for programs. Instants are seconds since 1970-01-01T00:00Z. */
export function grantData(grant: SealedGrant) {
  const { code, from, id, key, note, product, realm, supersedes, until } = grant;
  const [features, overdraft] = [Object.fromEntries(grant.features), Object.fromEntries(grant.overdraft)];
  return { id, product, features, overdraft, from, until, realm, supersedes, note, key, code };
}

/** All that a grant says, for people. */
export function grantLines(grant: SealedGrant): readonly string[] {
  return [
    `Id           ${grant.id}`,
    `Product      ${grant.product}`,
    `Seats        ${seatsText(grant.features)}`,
    ...(grant.overdraft.size === 0 ? [] : [`Overdraft    ${seatsText(grant.overdraft)}`]),
    `From         ${startText(grant.from)}`,
    `Until        ${endText(grant.until)}`,
    `Realm        ${grant.realm ?? 'any'}`,
    ...(grant.supersedes === null ? [] : [`In place of  ${grant.supersedes}`]),
    ...(grant.note === '' ? [] : [`Note         ${grant.note}`]),
    `Key          ${grant.key}`,
    `Fingerprint  ${fingerprintOf(grant.key)}`,
  ];
}

/** A code in numbered lines, to be typed or compared. */
export function codeLines(code: string): readonly string[] {
  const groups = code.split('-');
  const width = String(groups.length).length;
  return groups.flatMap((_, at) =>
    at % GROUPS_IN_LINE === 0
      ? [`${String(at + 1).padStart(width)}  ${groups.slice(at, at + GROUPS_IN_LINE).join(' ')}`]
      : [],
  );
}

/** Seats by feature in one line. */
export function seatsText(features: ReadonlyMap<string, number>): string {
  return Array.from(features, ([feature, seats]) => `${feature}=${seats}`)
    .sort()
    .join(' ');
}
