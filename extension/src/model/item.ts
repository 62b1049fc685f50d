/** A row of a tree, as plain data. */
export interface Item {
  /** The same row has the same one each time that the tree is made. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** A codicon's name. */
  readonly icon: string;
  readonly tone?: 'warning' | 'error';
  /** Markdown; made only when somebody looks. */
  tooltip(): string;
  /** What a screen reader says. */
  readonly spoken: string;
  /** Decides which commands the row offers. */
  readonly context?: string;
  /** What its commands are about: the id of a lease or a feature. */
  readonly subject?: string;
  readonly children: readonly Item[];
  readonly isOpen?: boolean;
}

/** Rows of facts as a Markdown list; a value that is null is left out. Values are not Markdown. */
export function facts(
  title: string,
  rows: readonly (readonly [name: string, value: string | null])[],
): string {
  const lines = rows.flatMap(([name, value]) =>
    value === null ? [] : [`- ${plain(name)}: ${plain(value)}`],
  );
  return [`**${plain(title)}**`, '', ...lines].join('\n');
}

/** Text that Markdown shows as it is; names in the registry are whatever somebody typed. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, '\\$&').replaceAll(/\s+/g, ' ');
}
