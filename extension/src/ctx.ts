import { join } from 'node:path';
import {
  commands,
  type Disposable,
  type ExtensionContext,
  env,
  type LogOutputChannel,
  l10n,
  window,
  workspace,
} from 'vscode';
import { AgentSession } from './agent-session.ts';
import { KeptLeases } from './kept-leases.ts';
import { configurationItems } from './model/configuration.ts';
import { featureItems } from './model/features.ts';
import { leaseItems } from './model/leases.ts';
import type { Reader } from './model/reader.ts';
import { requestCount, requestItems } from './model/requests.ts';
import type { Snapshot } from './model/snapshot.ts';
import { statusModel } from './model/status.ts';
import { settings } from './settings.ts';
import { ItemTree } from './views/item-tree.ts';
import { StatusBar } from './views/status-bar.ts';

/** Milliseconds of starting that nobody is told of. */
const SOON = 400;

/** Everything of a window that has a lifetime. */
export class Ctx implements Disposable {
  readonly reader: Reader = { say: (text, ...values) => l10n.t(text, ...values), locale: env.language };
  readonly log: LogOutputChannel;
  readonly session: AgentSession;
  readonly kept: KeptLeases;
  readonly trees: Readonly<Record<'leases' | 'features' | 'requests' | 'configuration', ItemTree>>;
  readonly #extension: ExtensionContext;
  readonly #statusBar: StatusBar;
  readonly #disposables: Disposable[] = [];
  #refused: string | null = null;
  #isLate = false;

  constructor(extension: ExtensionContext) {
    this.#extension = extension;
    this.log = window.createOutputChannel('Leasehold', { log: true });
    this.#statusBar = new StatusBar('Leasehold', 'leasehold.status.show');
    this.trees = {
      leases: new ItemTree('leasehold.leases', { hasChildren: false }),
      features: new ItemTree('leasehold.features', { hasChildren: true }),
      requests: new ItemTree('leasehold.requests', { hasChildren: false }),
      configuration: new ItemTree('leasehold.configuration', { hasChildren: true }),
    };
    const { configuration } = this.trees;
    this.session = new AgentSession({
      connect: () => this.#connect(),
      wantsConfiguration: () => configuration.view.visible,
      log: (text) => this.log.info(text),
    });
    // On the machine of the agent: what the window itself remembers is kept on that of its user.
    const storage = extension.storageUri ?? extension.globalStorageUri;
    this.kept = new KeptLeases(this.session, join(storage.fsPath, 'leases'));
    const late = setTimeout(() => {
      this.#isLate = true;
      this.show();
    }, SOON);
    this.#disposables.push(
      ...[this.log, this.#statusBar, ...Object.values(this.trees), this.kept],
      { dispose: () => clearTimeout(late) },
      { dispose: this.session.onChange((snapshot) => this.#changed(snapshot)) },
      {
        dispose: this.session.onEvent(
          (event) => event.event === 'notify' && this.#notify(event.code, event.text),
        ),
      },
      configuration.view.onDidChangeVisibility(({ visible }) => visible && this.session.refresh()),
      window.onDidChangeWindowState(({ focused }) => focused && this.session.refresh()),
      workspace.onDidChangeConfiguration((change) => change.affectsConfiguration('leasehold') && this.show()),
    );
  }

  /** Where the agent and the command line lie that ship with this extension. */
  program(name: 'leasehold' | 'leasehold-agent'): string {
    return join(this.#extension.extensionPath, 'dist', `${name}.cjs`);
  }

  /** Says in the status bar that a checkout was refused, until somebody looks; null for having looked. */
  refuse(text: string | null): void {
    this.#refused = text;
    this.show();
  }

  /** Shows what is known now, everywhere. */
  show(): void {
    const { snapshot } = this.session;
    const { statusBar, warnDays } = settings();
    this.trees.leases.show(leaseItems(snapshot, this.reader));
    this.trees.features.show(featureItems(snapshot, this.reader, warnDays));
    this.trees.requests.show(requestItems(snapshot, this.reader));
    this.trees.configuration.show(configurationItems(snapshot, this.reader));
    const count = requestCount(snapshot);
    const tooltip = this.reader.say('{0} waiting for you', count);
    this.trees.requests.view.badge = count === 0 ? undefined : { value: count, tooltip };
    if (snapshot.kind === 'starting' && !this.#isLate) return;
    this.#statusBar.show(statusModel(snapshot, this.reader, { warnDays, refused: this.#refused }), statusBar);
  }

  dispose(): void {
    void this.session.close();
    for (const one of this.#disposables.reverse()) one.dispose();
  }

  async #connect() {
    // Loaded when it is needed, so that activating an extension does not wait for it.
    const { connectWindow, dataDirOf } = await import('./connect.ts');
    const agent = await connectWindow(dataDirOf(settings().dataDir), this.program('leasehold-agent'));
    this.log.info(`agent ${agent.hello.version}, pid ${agent.hello.pid}`);
    const resumed = await this.kept.resume(agent);
    if (resumed > 0) this.log.info(`leases taken up again: ${resumed}`);
    return agent;
  }

  #changed(snapshot: Snapshot): void {
    void commands.executeCommand('setContext', 'leasehold.state', snapshot.kind);
    this.show();
  }

  #notify(code: string, text: string): void {
    // What waits for a signature has a badge; and one window of several is enough to say the rest.
    if (code === 'signature-wanted' || !window.state.focused) return;
    const log = this.reader.say('Show Log');
    void window.showErrorMessage(text, log).then((chosen) => chosen === log && this.log.show());
  }
}
