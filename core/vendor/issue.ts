import { EXIT, type ExitCode } from '../cli/exit-codes.ts';
import { grantData, grantFrom, grantLines } from '../cli/grant-words.ts';
import { secretFrom } from '../cli/prompt.ts';
import { Refusal } from '../cli/refusal.ts';
import { periodEnd, periodStart } from '../state/period.ts';
import { isHash, type Seconds } from '../units.ts';
import { type Grant, prepareGrant } from '../wire/grant.ts';
import { readKey } from './key-file.ts';
import type { SeatsOf, VendorDesk } from './vendor-io.ts';

/** What `issue` is told. */
interface IssueOptions {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly product: string;
  readonly feature: SeatsOf;
  readonly from: string;
  readonly until: string;
  readonly id?: string;
  readonly realm?: string;
  readonly overdraft?: SeatsOf;
  readonly supersedes?: string;
  readonly note?: string;
}

/** Bytes of chance in an id: two of a vendor's codes meet once in a million million. */
const ID_BYTES = 6;

/** `issue`: a signed licence code. */
export async function issueCode(desk: VendorDesk, options: IssueOptions): Promise<ExitCode> {
  const grant = grantOf(options, desk);
  const { exposed, signer } = await readKey(options.key, await secretFrom(desk, options.passphraseFile));
  const prepared = prepareGrant(grant, signer.key);
  if (!prepared.ok) throw new Refusal('USAGE', prepared.detail ?? prepared.reason);
  const code = prepared.value.seal(await signer.sign(prepared.value.signed));
  const sealed = await grantFrom(code);
  desk.out.show('LicenceCode', grantData(sealed), () => [code]);
  for (const line of grantLines(sealed)) desk.out.note(line);
  if (exposed) desk.out.warn(`${options.key} can be read by others: chmod 600 ${options.key}`);
  return EXIT.success;
}

function grantOf(options: IssueOptions, { random }: VendorDesk): Grant {
  const { feature, note = '', overdraft = new Map(), product, realm, supersedes = null } = options;
  if (realm !== undefined && !isHash(realm)) {
    throw new Refusal('USAGE', `expected the id of a realm, 64 lowercase hex digits, came ${realm}`);
  }
  return {
    ...{ product, features: feature, overdraft, supersedes, note, realm: realm ?? null },
    id: options.id ?? Buffer.from(random.bytes(ID_BYTES)).toString('hex'),
    from: instant(options.from, periodStart(options.from)),
    until: instant(options.until, periodEnd(options.until)),
  };
}

function instant(text: string, read: Seconds | null): Seconds {
  if (read !== null) return read;
  throw new Refusal('USAGE', `expected a day such as 2030-05-04 or 2030-05-04T17:30Z, came ${text}`);
}
