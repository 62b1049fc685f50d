import { ProgressLocation, window } from 'vscode';
import { processState } from '../../core/adapters/process-probe.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { leaseName, takeLease, type Waiting } from '../../core/agent/lease-taking.ts';
import { loginName, userName } from '../../core/agent/user-name.ts';
import type { Ctx } from './ctx.ts';
import { denialText } from './model/denial.ts';
import { nameOf } from './model/leases.ts';
import { offerRemedy } from './remedies.ts';
import { settings } from './settings.ts';

/** What the agent is told has the seat. */
const TOOL = 'vscode';

/** Thrown through the waiting when a person has had enough of it. */
class GaveUp extends Error {}

/** Takes a seat of a feature for this window, and says so where the answer is no. Throws Fault AGENT_UNAVAILABLE. */
export async function checkOut(
  ctx: Ctx,
  feature: string,
  wait = settings().waitMode === 'queue',
): Promise<void> {
  const { snapshot } = ctx.session;
  const name = snapshot.kind === 'connected' ? nameOf(snapshot.said, feature) : feature;
  const denied = wait ? await waitForSeat(ctx, feature, name) : await take(ctx, feature, NOT_WAITING);
  // Who asked and was denied waits no longer, and no agent pushes that.
  ctx.session.refresh();
  if (denied === null) return;
  const { remedy, text } = denialText(denied.reason, denied.detail, name, ctx.reader);
  ctx.refuse(text);
  ctx.log.warn(`${feature}: ${denied.reason}: ${denied.detail}`);
  const offered = remedy === 'wait' && (wait || settings().waitMode === 'fail') ? 'holders' : remedy;
  await offerRemedy(ctx, text, offered, () => checkOut(ctx, feature, true));
}

interface Denied {
  readonly reason: string;
  readonly detail: string;
}

const NOT_WAITING = { begun: () => undefined, until: () => () => undefined };

/** Waits in the queue with a notification by which it can be ended; null for a seat, or for having had enough. */
async function waitForSeat(ctx: Ctx, feature: string, name: string): Promise<Denied | null> {
  const { say } = ctx.reader;
  const title = say('Waiting for a seat of {0}', name);
  return window.withProgress(
    { location: ProgressLocation.Notification, cancellable: true, title },
    async (progress, cancelled) => {
      try {
        return await take(ctx, feature, {
          begun: (position) => progress.report({ message: say('number {0} in the queue', position) }),
          until: (giveUp) => {
            const listening = cancelled.onCancellationRequested(() => giveUp(new GaveUp()));
            return () => listening.dispose();
          },
        });
      } catch (error) {
        if (error instanceof GaveUp) return null;
        throw error;
      }
    },
  );
}

async function take(ctx: Ctx, feature: string, waiting: Waiting): Promise<Denied | null> {
  const agent = await ctx.session.agent();
  const name = leaseName(systemRandom);
  const request = {
    ...{ feature, user: userName(process.env, loginName(), settings().user || undefined) },
    // The process that outlives a reload: the lease would be freed at once with the one that runs extensions.
    process: { tool: TOOL, pid: process.ppid, startTime: processState(process.ppid).start },
    ...{ tie: 'connection' as const, wait: waiting !== NOT_WAITING },
  };
  await ctx.kept.note(name);
  try {
    const taken = await takeLease(agent, request, name, waiting);
    if (taken.ok) {
      ctx.kept.keep(agent, name);
      ctx.refuse(null);
      return null;
    }
    await ctx.kept.forget(name.id);
    return { reason: taken.reason, detail: taken.detail ?? '' };
  } catch (error) {
    // Should it have been granted all the same, nobody takes it up and the agent frees it.
    await ctx.kept.forget(name.id);
    throw error;
  }
}
