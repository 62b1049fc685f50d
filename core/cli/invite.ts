import { formatInvitation, makeInvitation } from '../agent/invitation.ts';
import { readRealmFile } from '../agent/realm-file.ts';
import { Fault } from '../errors.ts';
import { type Seconds, seconds } from '../units.ts';
import { command, foresee } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showMoment } from './moment.ts';
import { principalId, roleFrom } from './principal-words.ts';
import { Refusal } from './refusal.ts';

/** What `invite` is told. */
export interface InviteOptions {
  readonly name?: string;
  readonly class: string;
  readonly role?: readonly string[];
  readonly valid?: Seconds;
  readonly dryRun?: boolean;
}

const VALID = seconds(7 * 86_400);
/** Shorter than this, it is over before anybody has carried it to another machine. */
const LEAST_VALID = seconds(60);

/** `invite`: has an issuer's agent reserve a log, and prints the line to hand over. */
export async function invite(
  io: CommandIo,
  options: InviteOptions & { readonly kind: 'host' | 'person'; readonly id: string },
): Promise<ExitCode> {
  if (options.valid !== undefined && options.valid < LEAST_VALID) {
    throw new Refusal('USAGE', 'an invitation is good for one minute at least', 'for example: --valid 2d');
  }
  const realm = await readRealmFile(io.settings.dataDir);
  if (realm === null) throw new Fault('NOT_A_MEMBER', { detail: io.settings.dataDir });
  const id = principalId(options.id);
  const agent = await io.agent();
  const { realm: named, time } = await agent.request('status', {});
  const until = seconds(Math.ceil((time.upper ?? time.lower ?? io.now()) + (options.valid ?? VALID)));
  const who = {
    realm: realm.realm,
    realmName: named?.name ?? '',
    kind: options.kind,
    id,
    name: options.name ?? id,
    class: options.kind === 'host' ? options.class : null,
    roles: (options.role ?? []).map(roleFrom),
    until,
    relays: realm.relays,
  };
  const { invitation, command: wanted } = await makeInvitation(io.random, who);
  const plan = { kind: who.kind, id, name: who.name, class: who.class, roles: who.roles, until };
  if (options.dryRun === true) {
    warnOfReplaced(io, id, await foresee(io, wanted));
    io.out.show('InvitationPlan', plan, () => [
      `Would sign an invitation for ${who.kind} ${id}, good until ${showMoment(until, io.calendar)}`,
    ]);
    return EXIT.success;
  }
  warnOfReplaced(io, id, await command(io, wanted, 'recorded'));
  const line = formatInvitation(invitation);
  io.out.show('Invitation', { ...plan, log: invitation.log, invitation: line }, () => [line]);
  io.out.note(
    `Good until ${showMoment(until, io.calendar)}, for whoever has it: hand it over like a password`,
  );
  io.out.note('There: leasehold join FILE.  Then here: leasehold config publish');
  return EXIT.success;
}

function warnOfReplaced(io: CommandIo, id: string, done: object): void {
  const count = 'replaces' in done && Array.isArray(done.replaces) ? done.replaces.length : 0;
  if (count > 0)
    io.out.warn(`${id} has ${counted(count, 'open invitation')} already: only the newest counts`);
}
