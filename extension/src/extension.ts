import type { ExtensionContext } from 'vscode';
import { registerCommands } from './commands.ts';
import { Ctx } from './ctx.ts';

/** Shows the views and registers the commands; the agent is looked for afterwards, and nobody waits for it. */
export function activate(extension: ExtensionContext): void {
  const ctx = new Ctx(extension);
  extension.subscriptions.push(ctx, ...registerCommands(ctx));
  setTimeout(() => void ctx.session.run(), 0);
}
