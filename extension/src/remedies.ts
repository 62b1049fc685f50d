import { commands, window } from 'vscode';
import type { Ctx } from './ctx.ts';
import type { Remedy } from './model/denial.ts';
import { failureText, type Repair } from './model/failure.ts';

/** Says why something was denied, with the one action that helps. */
export async function offerRemedy(
  ctx: Ctx,
  text: string,
  remedy: Remedy,
  wait: () => Promise<void>,
): Promise<void> {
  const { say } = ctx.reader;
  const acts: Readonly<Record<Remedy, readonly [label: string, act: () => unknown]>> = {
    wait: [say('Wait in Queue'), wait],
    holders: [say('Show Holders'), () => commands.executeCommand('leasehold.features.focus')],
    features: [say('Show Features'), () => commands.executeCommand('leasehold.features.focus')],
    'set-user': [say('Set Person…'), () => openSetting('leasehold.lease.user')],
    'why-pending': [say('Show Why'), () => commands.executeCommand('leasehold.rollout.why')],
    status: [say('Show Status'), () => commands.executeCommand('leasehold.status.show')],
    refresh: [say('Refresh'), () => ctx.session.refresh()],
  };
  const [label, act] = acts[remedy];
  const chosen = await window.showWarningMessage(text, label);
  ctx.refuse(null);
  if (chosen === label) await act();
}

/** Says what failed, with the one action that helps. */
export async function offerRepair(ctx: Ctx, code: string, detail: string): Promise<void> {
  const { repair, text } = failureText(code, detail, ctx.reader);
  const { say } = ctx.reader;
  const acts: Readonly<Record<Repair, readonly [label: string, act: () => unknown]>> = {
    start: [say('Start Host Agent'), () => commands.executeCommand('leasehold.agent.start')],
    join: [say('Join with Invitation…'), () => commands.executeCommand('leasehold.join')],
    settings: [say('Open Settings'), () => openSetting('leasehold.agent.dataDir')],
    log: [say('Show Log'), () => ctx.log.show()],
  };
  const [label, act] = acts[repair];
  if ((await window.showErrorMessage(text, label)) === label) await act();
}

function openSetting(id: string): Thenable<unknown> {
  return commands.executeCommand('workbench.action.openSettings', id);
}
