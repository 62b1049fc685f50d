import {
  type Disposable,
  EventEmitter,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
} from 'vscode';
import type { Item } from '../model/item.ts';

const COLOURS = { warning: 'list.warningForeground', error: 'list.errorForeground' } as const;

/** A view of the workbench that shows rows made elsewhere. */
export class ItemTree implements TreeDataProvider<Item>, Disposable {
  readonly view: TreeView<Item>;
  readonly #changes = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changes.event;
  #roots: readonly Item[] = [];
  #parents = new Map<Item, Item>();

  constructor(id: string, options: { readonly hasChildren: boolean }) {
    this.view = window.createTreeView(id, {
      treeDataProvider: this,
      showCollapseAll: options.hasChildren,
    });
  }

  /** Shows these rows in place of those before; a row is the same one as before by its id. */
  show(roots: readonly Item[]): void {
    this.#roots = roots;
    this.#parents = new Map();
    for (const root of roots) this.#adopt(root);
    this.#changes.fire();
  }

  /** Opens the row with this id and selects it, if there is one. */
  async reveal(id: string): Promise<boolean> {
    const found = this.#roots.find((root) => root.id === id);
    if (found === undefined) return false;
    await this.view.reveal(found, { expand: true, focus: true, select: true });
    return true;
  }

  getChildren(item?: Item): Item[] {
    return [...(item === undefined ? this.#roots : item.children)];
  }

  getParent(item: Item): Item | undefined {
    return this.#parents.get(item);
  }

  getTreeItem(item: Item): TreeItem {
    const state =
      item.children.length === 0
        ? TreeItemCollapsibleState.None
        : item.isOpen === true
          ? TreeItemCollapsibleState.Expanded
          : TreeItemCollapsibleState.Collapsed;
    const shown = new TreeItem(item.label, state);
    shown.id = item.id;
    if (item.description !== undefined) shown.description = item.description;
    const colour = item.tone === undefined ? undefined : new ThemeColor(COLOURS[item.tone]);
    shown.iconPath = new ThemeIcon(item.icon, colour);
    if (item.context !== undefined) shown.contextValue = item.context;
    shown.accessibilityInformation = { label: item.spoken };
    return shown;
  }

  resolveTreeItem(shown: TreeItem, item: Item): TreeItem {
    shown.tooltip = new MarkdownString(item.tooltip());
    return shown;
  }

  dispose(): void {
    this.view.dispose();
    this.#changes.dispose();
  }

  #adopt(item: Item): void {
    for (const child of item.children) {
      this.#parents.set(child, item);
      this.#adopt(child);
    }
  }
}
