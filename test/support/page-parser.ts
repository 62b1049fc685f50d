/** An element of a page, or a text. */
export interface PageElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (PageElement | string)[];
}

const TAG = /<(\/?)([a-zA-Z!][\w-]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*(\/?)>/y;
const VOID = new Set(['meta', '!DOCTYPE']);
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** Reads a page strictly: what is not a whole tag, or does not close what is open, is an error, as it is nowhere else. */
export function parsePage(text: string): PageElement {
  const root: PageElement = { name: '#page', attributes: new Map(), children: [] };
  const open = [root];
  for (let at = 0; at < text.length; ) {
    const top = open.at(-1) ?? root;
    const next = top.name === 'style' ? text.indexOf('</style>', at) : text.indexOf('<', at);
    const end = next < 0 ? text.length : next;
    if (end > at)
      top.children.push(top.name === 'style' ? text.slice(at, end) : decoded(text.slice(at, end)));
    if (end === text.length) break;
    TAG.lastIndex = end;
    const tag = TAG.exec(text);
    if (tag === null) throw new Error(`expected a tag, came ${text.slice(end, end + 80)}`);
    const [whole, slash, name = '', attributes = '', closed] = tag;
    at = end + whole.length;
    if (slash === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes what is not open`);
      continue;
    }
    const element = { name, attributes: attributesIn(attributes), children: [] };
    top.children.push(element);
    if (closed !== '/' && !VOID.has(element.name)) open.push(element);
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name}> is not closed`);
  return root;
}

/** The elements of a name in an element, in order; all for `*`. */
export function elementsOf(within: PageElement, name: string): readonly PageElement[] {
  return within.children.flatMap((child) =>
    typeof child === 'string'
      ? []
      : [...(name === '*' || child.name === name ? [child] : []), ...elementsOf(child, name)],
  );
}

/** The text of an element. */
export function textOf(element: PageElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

function attributesIn(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g);
  return new Map([...found].map(([, name = '', value = '']) => [name, decoded(value)]));
}

function decoded(text: string): string {
  const bare = text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '');
  if (bare.includes('&')) throw new Error(`expected an entity, came ${text}`);
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
