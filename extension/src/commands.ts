import { commands, type Disposable, env, ProgressLocation, window } from 'vscode';
import { giveBack } from '../../core/agent/lease-taking.ts';
import { checkOut } from './checkout.ts';
import type { Ctx } from './ctx.ts';
import { faultWords } from './fault-words.ts';
import { joinRealm } from './joining.ts';
import { openRollout, PENDING } from './model/configuration.ts';
import { seatWords } from './model/features.ts';
import type { Item } from './model/item.ts';
import { holderOf, nameOf } from './model/leases.ts';
import { offerRepair } from './remedies.ts';
import { settings } from './settings.ts';
import { showStatus } from './status-menu.ts';

/** Every command of the manifest; one that is about a row is given that row. */
const COMMANDS: Readonly<Record<string, (ctx: Ctx, item: Item | undefined) => unknown>> = {
  'leasehold.status.show': (ctx) => showStatus(ctx),
  'leasehold.join': join,
  'leasehold.lease.checkout': chooseFeature,
  'leasehold.feature.checkout': (ctx, item) => item?.subject && checkOut(ctx, item.subject),
  'leasehold.lease.return': returnLease,
  'leasehold.lease.copyId': (_, item) => item?.subject && env.clipboard.writeText(item.subject),
  'leasehold.rollout.why': showWhy,
  'leasehold.refresh': (ctx) => ctx.session.refresh(),
  'leasehold.agent.start': (ctx) => ctx.session.agent(),
  'leasehold.log.show': (ctx) => ctx.log.show(),
};

/** Registers every command; what fails is said with what helps, and never thrown at the workbench. */
export function registerCommands(ctx: Ctx): readonly Disposable[] {
  return Object.entries(COMMANDS).map(([name, run]) =>
    commands.registerCommand(name, async (item?: Item) => {
      try {
        await run(ctx, item);
      } catch (error) {
        ctx.log.error(error instanceof Error ? error : String(error));
        const { code, detail } = faultWords(error);
        await offerRepair(ctx, code, detail);
      }
    }),
  );
}

async function join(ctx: Ctx): Promise<void> {
  const { say } = ctx.reader;
  const invitation = await window.showInputBox({
    title: say('Join with Invitation'),
    prompt: say('Paste the invitation. It is secret, and good for this host alone.'),
    placeHolder: 'leasehold-invite:1:…',
    // Somebody may look over the shoulder, and could join first.
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text === '' || text.trim().startsWith('leasehold-invite:')
        ? null
        : say('An invitation begins with leasehold-invite:'),
  });
  if (!invitation) return;
  const { dataDirOf } = await import('./connect.ts');
  const joined = await window.withProgress(
    { location: ProgressLocation.Notification, title: say('Joining…') },
    () => joinRealm(ctx.program('leasehold'), dataDirOf(settings().dataDir), invitation.trim()),
  );
  if (!joined.ok) {
    const hint = joined.hint === null ? '' : ` (${joined.hint})`;
    await window.showErrorMessage(say('Not joined: {0}', `${joined.message}${hint}`));
    return;
  }
  ctx.session.retry();
  const { id, realm, sent } = joined;
  void window.showInformationMessage(
    sent
      ? say(
          'Joined {0} as {1}. It becomes a member with the next version that an administrator publishes.',
          realm,
          id,
        )
      : say('Joined {0} as {1}, as far as this machine knows: no relay has answered yet.', realm, id),
  );
}

async function chooseFeature(ctx: Ctx): Promise<void> {
  const { reader, session } = ctx;
  const snapshot = session.snapshot.kind === 'connected' ? session.snapshot : await session.fresh();
  if (snapshot.kind !== 'connected') return;
  const { said } = snapshot;
  const choices = said.features.map((feature) => ({
    label: feature.name,
    description: seatWords(feature, said, reader),
    feature: feature.id,
  }));
  const chosen = await window.showQuickPick(choices, {
    title: reader.say('Check Out Feature'),
    placeHolder: reader.say('Whose seat this window is to hold'),
    matchOnDescription: true,
  });
  if (chosen !== undefined) await checkOut(ctx, chosen.feature);
}

async function returnLease(ctx: Ctx, item: Item | undefined): Promise<void> {
  const { kept, reader, session } = ctx;
  const id = item?.subject;
  if (id === undefined || session.snapshot.kind !== 'connected') return;
  const { said } = session.snapshot;
  const lease = said.status.leases.find((one) => one.id === id);
  if (lease !== undefined && !kept.has(id)) {
    const yes = reader.say('Return It');
    const [feature, holder] = [nameOf(said, lease.feature), holderOf(lease.process)];
    const text = reader.say('Return the seat of {0} that {1} uses?', feature, holder);
    const detail = reader.say('The program loses its seat at once and may stop working.');
    if ((await window.showWarningMessage(text, { modal: true, detail }, yes)) !== yes) return;
  }
  const agent = await session.agent();
  await kept.forget(id);
  await giveBack(agent, id, null);
  session.refresh();
}

async function showWhy(ctx: Ctx): Promise<void> {
  const { configuration } = ctx.trees;
  await commands.executeCommand('leasehold.configuration.focus');
  // Until it was looked at, nobody had asked for it.
  const snapshot = await ctx.session.fresh();
  if (snapshot.kind !== 'connected') return;
  if (openRollout(snapshot.said) !== null && (await configuration.reveal(PENDING))) return;
  const { applied } = snapshot.said.status;
  const { say } = ctx.reader;
  await window.showInformationMessage(
    applied === null
      ? say('No version has been published yet.')
      : say('Version {0} is applied; no other waits.', applied),
  );
}
