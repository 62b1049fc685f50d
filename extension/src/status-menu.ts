import { commands, type QuickPickItem, window } from 'vscode';
import type { Ctx } from './ctx.ts';
import { openRollout, rolloutWords } from './model/configuration.ts';
import { statusModel } from './model/status.ts';
import { settings } from './settings.ts';

interface Choice extends QuickPickItem {
  readonly command: string;
}

/** Says in one line how things stand, and offers what can be done about it. */
export async function showStatus(ctx: Ctx): Promise<void> {
  const { reader, session } = ctx;
  const { warnDays } = settings();
  const { headline } = statusModel(session.snapshot, reader, { warnDays, refused: null });
  ctx.refuse(null);
  const chosen = await window.showQuickPick(choicesOf(ctx), { title: headline });
  if (chosen !== undefined) await commands.executeCommand(chosen.command);
}

function choicesOf({ reader, session }: Ctx): Choice[] {
  const { say } = reader;
  const log = { label: `$(output) ${say('Show Log')}`, command: 'leasehold.log.show' };
  const { snapshot } = session;
  if (snapshot.kind === 'no-realm')
    return [{ label: `$(key) ${say('Join with Invitation…')}`, command: 'leasehold.join' }, log];
  if (snapshot.kind !== 'connected')
    return [{ label: `$(debug-restart) ${say('Start Host Agent')}`, command: 'leasehold.agent.start' }, log];
  const { said } = snapshot;
  const rollout = openRollout(said);
  const pending =
    rollout === null
      ? []
      : [
          {
            label: `$(rocket) ${say('Show Why Version {0} Is Pending', rollout.version)}`,
            description: rolloutWords(rollout, reader),
            command: 'leasehold.rollout.why',
          },
        ];
  return [
    { label: `$(add) ${say('Check Out Feature…')}`, command: 'leasehold.lease.checkout' },
    {
      label: `$(key) ${say('Show Leases')}`,
      description: say('{0} on this host', said.status.leases.length),
      command: 'leasehold.leases.focus',
    },
    ...pending,
    { label: `$(refresh) ${say('Refresh')}`, command: 'leasehold.refresh' },
    log,
  ];
}
