import { counterFile } from '../adapters/counter-file.ts';
import { exportIdentity, type IdentityEntry, listIdentities } from '../adapters/identity-file.ts';
import { stateDirectory } from '../adapters/paths.ts';
import { type RealmFile, readRealmFile } from '../agent/realm-file.ts';
import { filesIn, joinRealm, type SetupReason, undoJoin } from '../agent/realm-setup.ts';
import { bringBack, dropAside, setAside } from '../agent/rotation.ts';
import { Fault } from '../errors.ts';
import type { Result } from '../result.ts';
import { mustBeIdle, onceUnlocked, stopRunningAgent, wakeAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { lossNow } from './indispensable.ts';
import { invitationText, readInvitation } from './join.ts';
import { type JoinEnd, joinEnd, joinRefused } from './join-verdict.ts';
import { only } from './lease-view.ts';
import { showMoment } from './moment.ts';
import { confirm, keyPassphrase, secretFrom } from './prompt.ts';
import { Denied, Refusal } from './refusal.ts';

/** `identity show`: the keys of this machine, without their secrets. */
export async function showIdentity(io: CommandIo): Promise<ExitCode> {
  const { dataDir } = io.settings;
  const file = await readRealmFile(dataDir);
  const keys = (await listIdentities(dataDir)).map(({ container, createdAt, log }) => ({
    key: container.publicKey,
    log,
    protection: container.protection.kind,
    createdAt,
    current: file !== null && container.publicKey === file.key,
  }));
  const data = { realm: file?.realm ?? null, principal: file?.principal ?? null, keys };
  io.out.show('Identity', data, () => {
    if (keys.length === 0) return [`No keys in ${dataDir}`];
    return [
      ...(file === null ? [] : [`Realm  ${file.realm}`, `Host   ${file.principal}`]),
      ...io.out.table(
        ['KEY', 'LOG', 'PROTECTED BY', 'MADE', 'USE'],
        keys.map((one) => [
          one.key.slice(0, 16),
          one.log === null ? '-' : String(one.log),
          one.protection === 'none' ? 'file mode' : 'passphrase',
          showMoment(one.createdAt, io.calendar),
          one.current ? 'signs' : 'kept',
        ]),
      ),
    ];
  });
  return EXIT.success;
}

/** What `identity rotate` is told. */
export interface RotateOptions {
  readonly passphraseFile?: string;
  readonly dryRun?: boolean;
}

/** `identity rotate`: leaves and joins again as the same principal, under a new key and a new log (rule R7). */
export async function rotateIdentity(
  io: CommandIo,
  options: RotateOptions & { readonly invitation: string },
): Promise<ExitCode> {
  const { dataDir } = io.settings;
  // An earlier attempt may have been ended in the middle.
  await bringBack(dataDir).catch(() => undefined);
  const file = await readRealmFile(dataDir);
  if (file === null) throw new Fault('NOT_A_MEMBER', { detail: dataDir });
  const text = await invitationText(io, options.invitation);
  const invitation = readInvitation(text);
  // Everything that can be refused is refused before the old key goes.
  if (invitation.realm !== file.realm)
    throw new Denied('other-realm', `the invitation is for ${invitation.realm}`);
  if (invitation.id !== file.principal) {
    throw new Refusal(
      'CONFLICT',
      `expected an invitation for ${file.principal}, came one for ${invitation.id}`,
    );
  }
  const stateDir = stateDirectory(io.around);
  const written = await counterFile(stateDir, file.realm).read(invitation.log);
  if (invitation.log === file.log || written > 0) throw new Denied('invitation-used');
  if (invitation.until < io.now()) {
    const until = showMoment(invitation.until, io.calendar);
    throw new Denied('invitation-expired', `it was good until ${until}`);
  }
  const data = { realm: file.realm, host: file.principal, from: file.log, to: invitation.log };
  // The version that names the new key is decided by those who are named now, and the old key is deleted here.
  const loss = await lossNow(io, file.principal);
  if (loss !== null) throw new Refusal('INDISPENSABLE', loss, 'give its roles to others first, and publish');
  const passphrase = await keyPassphrase(io, options.passphraseFile);
  if (options.dryRun === true) {
    await mustBeIdle(io);
    io.out.show('RotationPlan', data, () => [
      `Would end log ${file.log} of ${file.principal}, and go on in log ${invitation.log} under a new key`,
    ]);
    return EXIT.success;
  }
  await confirm(io, `End log ${file.log} of ${file.principal} and delete its key?`);
  await stopRunningAgent(io, false);
  await onceUnlocked(io, () => setAside(dataDir));
  const end = await rejoined(io, file, () =>
    joinRealm({ dataDir, stateDir, invitation: text, now: io.now(), passphrase }),
  );
  await dropAside(dataDir, file);
  io.out.show('Rotation', { ...data, sent: end.state === 'kept' }, () => [
    `${io.out.tone('✓', 'green')} ${file.principal} goes on in log ${invitation.log} under a new key`,
  ]);
  if (end.state === 'unsent') io.out.warn(`Nobody else has heard of it: ${end.text}`);
  return EXIT.success;
}

/** Joins anew; where that is refused, or no relay is there to ask, the host goes on under its old key and the command ends. */
async function rejoined(
  io: CommandIo,
  old: RealmFile,
  joining: () => Promise<Result<RealmFile, SetupReason>>,
): Promise<JoinEnd> {
  const { dataDir } = io.settings;
  const before = await filesIn(dataDir);
  let taken: RealmFile | null = null;
  try {
    const joined = await joining();
    if (!joined.ok) throw new Denied(joined.reason, joined.detail);
    taken = joined.value;
    const end = await joinEnd(io);
    if (end.state === 'refused') throw joinRefused(end);
    if (end.state === 'unsent' && end.certain) throw new Fault('RELAY_UNREACHABLE', { detail: end.text });
    return end;
  } catch (error) {
    await stopRunningAgent(io, true);
    const join = taken;
    if (join !== null) await onceUnlocked(io, () => undoJoin(dataDir, join, before));
    await bringBack(dataDir);
    io.out.note(`${old.principal} goes on in log ${old.log} under its old key`);
    await wakeAgent(io);
    throw error;
  }
}

/** What `identity export` is told. */
export interface ExportOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly exportPassphraseFile: string;
  readonly dryRun?: boolean;
}

/** `identity export`: prints a key, always under a passphrase. */
export async function exportKey(io: CommandIo, options: ExportOptions): Promise<ExitCode> {
  const { dataDir } = io.settings;
  const entry = chosen(await listIdentities(dataDir), options.key, dataDir);
  const key = entry.container.publicKey;
  const passphrase = await keyPassphrase(io, options.passphraseFile);
  const exportPassphrase = (await secretFrom(io, options.exportPassphraseFile)) ?? null;
  const text = await exportIdentity(dataDir, key, { passphrase, exportPassphrase });
  if (options.dryRun === true) {
    io.out.show('ExportPlan', { key, log: entry.log }, () => [
      `Would write the key ${key} under a passphrase`,
    ]);
    return EXIT.success;
  }
  io.out.show('KeyExport', JSON.parse(text), () => [text.trimEnd()]);
  io.out.note('Whoever has this text and its passphrase signs as you');
  return EXIT.success;
}

function chosen(entries: readonly IdentityEntry[], key: string | undefined, dataDir: string): IdentityEntry {
  if (key !== undefined) return only(entries, key, 'key', ({ container }) => container.publicKey);
  const newest = entries.at(-1);
  if (newest === undefined) throw new Refusal('NOT_FOUND', `there is no key in ${dataDir}`);
  return newest;
}
