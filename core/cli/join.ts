import { stateDirectory } from '../adapters/paths.ts';
import { parseInvitation } from '../agent/invitation.ts';
import { readRealmFile } from '../agent/realm-file.ts';
import { joinRealm } from '../agent/realm-setup.ts';
import { wakeAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showMoment } from './moment.ts';
import { keyPassphrase, textFrom } from './prompt.ts';
import { Denied, Refusal } from './refusal.ts';
import { oneLine } from './table.ts';

/** What `join` is told. */
export interface JoinOptions {
  readonly passphraseFile?: string;
  readonly dryRun?: boolean;
}

/** `join`: takes an invitation up in an empty data directory. */
export async function join(
  io: CommandIo,
  options: JoinOptions & { readonly invitation: string },
): Promise<ExitCode> {
  const text = await invitationText(io, options.invitation);
  const { id, kind, log, realm, realmName, until } = readInvitation(text);
  const plan = { realm, realmName, kind, id, log, until };
  const name = oneLine(realmName === '' ? realm : realmName);
  if (options.dryRun === true) {
    io.out.show('JoinPlan', plan, () => [
      `Would join ${name} as ${kind} ${id} in ${io.settings.dataDir}`,
      `The invitation is good until ${showMoment(until, io.calendar)}`,
    ]);
    return EXIT.success;
  }
  await mustBeFree(io.settings.dataDir);
  const { around, settings } = io;
  const stateDir = stateDirectory(around);
  const passphrase = await keyPassphrase(io, options.passphraseFile);
  const { dataDir } = settings;
  const joined = await joinRealm({ dataDir, stateDir, invitation: text, now: io.now(), passphrase });
  if (!joined.ok) throw new Denied(joined.reason, joined.detail);
  io.out.show('Membership', plan, () => [`${io.out.tone('✓', 'green')} Joined ${name} as ${kind} ${id}`]);
  io.out.note('A member from the next version on: an issuer publishes it with leasehold config publish');
  await wakeAgent(io);
  return EXIT.success;
}

/** Ends the command where the directory belongs to a realm: its agent holds the lock, and that would be the wrong reason. */
export async function mustBeFree(dataDir: string): Promise<void> {
  const held = await readRealmFile(dataDir);
  if (held !== null) throw new Denied('already-a-member', `${dataDir} belongs to ${held.principal}`);
}

/** The text of an invitation, in a file or on standard input. */
export async function invitationText(io: CommandIo, place: string): Promise<string> {
  // Whoever can list processes could join first.
  if (place.startsWith('leasehold-invite:')) {
    throw new Refusal(
      'USAGE',
      'an invitation is secret, and words of a command are not',
      'put it into a file, or use -',
    );
  }
  return textFrom(io, place);
}

/** What an invitation says. Ends the command where it is none. */
export function readInvitation(text: string) {
  const parsed = parseInvitation(text.trim());
  if (!parsed.ok) throw new Denied(parsed.reason, parsed.detail);
  return parsed.value;
}
