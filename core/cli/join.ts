import { stateDirectory } from '../adapters/paths.ts';
import { parseInvitation } from '../agent/invitation.ts';
import { readRealmFile } from '../agent/realm-file.ts';
import { filesIn, joinRealm, undoJoin } from '../agent/realm-setup.ts';
import { agentPlaces, mustFit } from '../agent/socket-place.ts';
import { onceUnlocked, stopRunningAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { joinEnd, joinRefused } from './join-verdict.ts';
import { showMoment } from './moment.ts';
import { mustTakeFiles } from './output-file.ts';
import { keyPassphrase, textFrom } from './prompt.ts';
import { Denied, Refusal } from './refusal.ts';
import { oneLine } from './table.ts';

/** What `join` is told. */
export interface JoinOptions {
  readonly passphraseFile?: string;
  readonly dryRun?: boolean;
}

/** `join`: takes an invitation up in an empty data directory, and waits for what a relay makes of it. A refusal leaves the directory as it was. */
export async function join(
  io: CommandIo,
  options: JoinOptions & { readonly invitation: string },
): Promise<ExitCode> {
  const text = await invitationText(io, options.invitation);
  const { id, kind, log, realm, realmName, until } = readInvitation(text);
  const plan = { realm, realmName, kind, id, log, until };
  const name = oneLine(realmName === '' ? realm : realmName);
  await mustTakeAgent(io);
  if (until < io.now()) {
    throw new Denied('invitation-expired', `it was good until ${showMoment(until, io.calendar)}`);
  }
  if (options.dryRun === true) {
    await mustTakeFiles(io, io.settings.dataDir);
    io.out.show('JoinPlan', plan, () => [
      `Would join ${name} as ${kind} ${id} in ${io.settings.dataDir}`,
      `The invitation is good until ${showMoment(until, io.calendar)}`,
    ]);
    return EXIT.success;
  }
  const { around, settings } = io;
  const stateDir = stateDirectory(around);
  const passphrase = await keyPassphrase(io, options.passphraseFile);
  const { dataDir } = settings;
  const before = await filesIn(dataDir);
  const joined = await joinRealm({ dataDir, stateDir, invitation: text, now: io.now(), passphrase });
  if (!joined.ok) throw new Denied(joined.reason, joined.detail);
  const end = await joinEnd(io);
  if (end.state === 'refused') {
    await stopRunningAgent(io, true);
    await onceUnlocked(io, () => undoJoin(dataDir, joined.value, before));
    io.out.note(`${dataDir} is as it was before`);
    throw joinRefused(end);
  }
  const sent = end.state === 'kept';
  io.out.show('Membership', { ...plan, sent }, () => [
    `${io.out.tone('✓', 'green')} Joined ${name} as ${kind} ${id}${sent ? '' : ', as far as this machine knows'}`,
  ]);
  if (end.state === 'unsent') {
    io.out.warn(`Nobody else has heard of it: ${end.text}`);
    io.out.note('It is sent by itself once a relay answers, which may still refuse it: leasehold status');
    return EXIT.success;
  }
  io.out.note('A member from the next version on: an issuer publishes it with leasehold config publish');
  return EXIT.success;
}

/** Ends the command where the data directory cannot become that of an agent: it belongs to a realm, or nothing could listen. */
export async function mustTakeAgent({ around, settings }: CommandIo): Promise<void> {
  const { dataDir, socket } = settings;
  // Its agent holds the lock, and that would be the wrong reason.
  const held = await readRealmFile(dataDir);
  if (held !== null) throw new Denied('already-a-member', `${dataDir} belongs to ${held.principal}`);
  mustFit(agentPlaces(around, dataDir, socket ?? undefined), around);
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

/** What an invitation says. Ends the command where it is none, or more than one: they are for different hosts. */
export function readInvitation(text: string) {
  const { length } = text.match(/leasehold-invite:/g) ?? [];
  if (length > 1) {
    const hint = 'give the one that is for this host';
    throw new Refusal('INVALID_FILE', `expected one invitation, came ${length}`, hint);
  }
  const parsed = parseInvitation(text.trim());
  if (!parsed.ok) throw new Denied(parsed.reason, parsed.detail);
  return parsed.value;
}
