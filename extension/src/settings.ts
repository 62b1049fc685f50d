import { workspace } from 'vscode';

/** What happens when no seat is free. */
type WaitMode = 'ask' | 'queue' | 'fail';

/** The settings as they stand now. */
export interface Settings {
  readonly dataDir: string;
  /** Empty for whoever is logged in. */
  readonly user: string;
  readonly waitMode: WaitMode;
  readonly warnDays: number;
  readonly statusBar: 'always' | 'whenRelevant' | 'never';
}

/** Reads the settings; the manifest has their defaults. */
export function settings(): Settings {
  const all = workspace.getConfiguration('leasehold');
  return {
    dataDir: all.get<string>('agent.dataDir', ''),
    user: all.get<string>('lease.user', ''),
    waitMode: all.get<WaitMode>('lease.waitMode', 'ask'),
    warnDays: all.get<number>('expiry.warnDays', 14),
    statusBar: all.get<Settings['statusBar']>('statusBar.show', 'whenRelevant'),
  };
}
