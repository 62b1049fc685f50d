import { EXIT, type ExitCode } from '../cli/exit-codes.ts';
import { codeLines, codesFrom, grantData, grantFrom, grantLines } from '../cli/grant-words.ts';
import type { VendorDesk } from './vendor-io.ts';

/** `show`: what codes say, their signatures checked, and their groups in numbered lines. */
export async function showCode(desk: VendorDesk, words: readonly string[]): Promise<ExitCode> {
  const grants = await Promise.all((await codesFrom(desk, words)).map(grantFrom));
  desk.out.list('LicenceCodeList', grants.map(grantData), () =>
    grants.flatMap((grant, at) => [
      ...(at === 0 ? [] : ['']),
      ...grantLines(grant),
      '',
      ...codeLines(grant.code),
    ]),
  );
  return EXIT.success;
}
