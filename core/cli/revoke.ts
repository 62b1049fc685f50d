import { command } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { principalId } from './principal-words.ts';
import { confirmByName } from './prompt.ts';

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
  if (options.dryRun === true) {
    io.out.show('RevocationPlan', { principal, reason }, () => [
      `Would sign a restriction: nothing that ${principal} signs from now on counts (${reason})`,
    ]);
    return EXIT.success;
  }
  await confirmByName(
    io,
    `Shut ${principal} out? Only a new key and a new version let it back in.`,
    principal,
    options.confirm,
  );
  const { log, seq } = await command(io, { do: 'revoke', principal, reason }, 'recorded');
  io.out.show('Revocation', { principal, reason, log, seq }, () => [
    `${io.out.tone('✓', 'green')} Signed the revocation of ${principal}`,
  ]);
  io.out.note('It takes effect where it is seen, once as many issuers as the policy asks have signed it');
  return EXIT.success;
}
