import {
  type Disposable,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  window,
} from 'vscode';
import { plain } from '../model/item.ts';
import type { StatusModel } from '../model/status.ts';
import type { Settings } from '../settings.ts';

const BACKGROUNDS = {
  warning: 'statusBarItem.warningBackground',
  error: 'statusBarItem.errorBackground',
} as const;
const PRIORITY = 5;

/** The one item of the status bar. */
export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;

  constructor(name: string, command: string) {
    this.#item = window.createStatusBarItem('leasehold.status', StatusBarAlignment.Left, PRIORITY);
    this.#item.name = name;
    this.#item.command = command;
  }

  show({ background, details, headline, isRelevant, text }: StatusModel, when: Settings['statusBar']): void {
    this.#item.text = text;
    this.#item.backgroundColor = background === null ? undefined : new ThemeColor(BACKGROUNDS[background]);
    const tooltip = new MarkdownString([plain(headline), ...details].join('\n\n'), true);
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `Leasehold: ${headline}`, role: 'button' };
    if (when === 'always' || (when === 'whenRelevant' && isRelevant)) this.#item.show();
    else this.#item.hide();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
