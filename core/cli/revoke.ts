import { command, foresee } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { lossOf, newestRegistry } from './indispensable.ts';
import { principalId } from './principal-words.ts';
import { confirmByName, mustBeName } from './prompt.ts';
import { seatWords } from './restriction-words.ts';

/** What `revoke` is told. */
export interface RevokeOptions {
  readonly reason: string;
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `revoke`: signs a restriction that shuts a principal out on sight. */
export async function revoke(
  io: CommandIo,
  options: RevokeOptions & { readonly principal: string },
): Promise<ExitCode> {
  const principal = principalId(options.principal);
  const { reason } = options;
  const wanted = { do: 'revoke', principal, reason } as const;
  if (options.dryRun === true) {
    mustBeName(principal, options.confirm);
    await foresee(io, wanted);
    await warnOfQuorum(io, principal);
    io.out.show('RevocationPlan', { principal, reason }, () => [
      `Would sign a restriction: nothing that ${principal} signs from now on counts (${reason})`,
    ]);
    return EXIT.success;
  }
  await warnOfQuorum(io, principal);
  await confirmByName(
    io,
    `Shut ${principal} out? Only a new key and a new version let it back in.`,
    principal,
    options.confirm,
  );
  const { log, seq } = await command(io, wanted, 'recorded');
  const { restricted } = await (await io.agent()).request('status', {});
  const shut = restricted.find(({ id }) => id === principal);
  const seats = shut === undefined ? null : seatWords(shut, io.calendar);
  io.out.show('Revocation', { principal, reason, log, seq, seatsUntil: shut?.seatsUntil ?? null }, () => [
    `${io.out.tone('✓', 'green')} Signed the revocation of ${principal}`,
    ...(seats === null ? [] : [seats]),
  ]);
  io.out.note('It takes effect where it is seen, once as many issuers as the policy asks have signed it');
  return EXIT.success;
}

/** A revocation never changes the voters (rule R8): one of the last that decisions need takes the decisions with it. */
async function warnOfQuorum(io: CommandIo, principal: string): Promise<void> {
  const loss = lossOf(await newestRegistry(io), principal);
  if (loss === null) return;
  io.out.warn(loss);
  io.out.note('If it still runs, publish a version without it first, or give its roles to others');
}
