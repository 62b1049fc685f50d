import { type Zippable, zipSync } from 'fflate';
import type { Contents } from './contents.ts';

/** What the container says of an extension; the rest is in its own manifest. */
interface About {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
  readonly displayName: string;
  readonly description: string;
  readonly engine: string;
  readonly kind: readonly string[];
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
}

/** The same bytes for the same contents: no file says when it was made. */
const MADE = new Date(1980, 0, 1);

/** Packs an extension as a VSIX: an Open Packaging container (ECMA-376 part 2) with the extension below `extension/`. */
export function vsix(about: About, contents: Contents): Uint8Array {
  const text = new TextEncoder();
  const files: Zippable = {
    'extension.vsixmanifest': text.encode(manifest(about, contents)),
    '[Content_Types].xml': text.encode(contentTypes(Object.keys(contents))),
  };
  for (const path of Object.keys(contents).sort())
    files[`extension/${path}`] = contents[path] ?? new Uint8Array();
  return zipSync(files, { level: 9, mtime: MADE });
}

function manifest(about: About, contents: Contents): string {
  const { categories, description, displayName, engine, keywords, kind, name, publisher, version } = about;
  const languages = Object.keys(contents).flatMap((path) => {
    const [, language] = /^package\.nls\.(\w+)\.json$/.exec(path) ?? [];
    return language === undefined ? [] : [language];
  });
  const tags = [...keywords, ...languages.map((language) => `__lp_${language}`)];
  const property = (id: string, value: string) => `      <Property Id="${id}" Value="${xml(value)}"/>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(name)}" Version="${xml(version)}" Publisher="${xml(publisher)}"/>
    <DisplayName>${xml(displayName)}</DisplayName>
    <Description xml:space="preserve">${xml(description)}</Description>
    <Tags>${xml(tags.join(','))}</Tags>
    <Categories>${xml(categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
${property('Microsoft.VisualStudio.Code.Engine', engine)}
${property('Microsoft.VisualStudio.Code.ExtensionDependencies', '')}
${property('Microsoft.VisualStudio.Code.ExtensionPack', '')}
${property('Microsoft.VisualStudio.Code.ExtensionKind', kind.join(','))}
${property('Microsoft.VisualStudio.Code.LocalizedLanguages', '')}
${property('Microsoft.VisualStudio.Code.ExecutesCode', 'true')}
    </Properties>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  md: 'text/markdown',
  svg: 'image/svg+xml',
  vsixmanifest: 'text/xml',
};

function contentTypes(paths: readonly string[]): string {
  const endings = new Set(['vsixmanifest', ...paths.map((path) => /\.(\w+)$/.exec(path)?.[1] ?? '')]);
  const rows = [...endings]
    .filter((ending) => ending !== '')
    .sort()
    .map((ending) => {
      const type = CONTENT_TYPES[ending] ?? 'application/octet-stream';
      return `  <Default Extension=".${ending}" ContentType="${type}"/>`;
    });
  // A file without an ending has a row of its own.
  const bare = paths
    .filter((path) => !/\.\w+$/.test(path))
    .map((path) => `  <Override PartName="/extension/${xml(path)}" ContentType="text/plain"/>`);
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
${[...rows, ...bare].join('\n')}
</Types>
`;
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
