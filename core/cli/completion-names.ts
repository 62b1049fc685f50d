import { COLLECTIONS, SECTIONS } from '../state/registry-sections.ts';
import { ROLES } from '../wire/roles.ts';
import type { AgentConnection } from './io.ts';

/** Looks names up; `typed` is what stands there so far. */
type Source = (agent: AgentConnection, typed: string) => Promise<readonly string[]>;

type Entries = Readonly<Record<string, unknown>>;

const features: Source = async (agent) => (await agent.request('features', {})).map(({ id }) => id);
const versions: Source = async (agent) =>
  (await agent.request('versions', {})).map(({ version }) => `v${version}`);
const hosts: Source = async (agent) => Object.keys(await section(agent, 'hosts'));
const people: Source = async (agent) => Object.keys(await section(agent, 'people'));

/** Names that only the agent knows, by the name of the argument that takes them. */
export const ARGUMENT_NAMES: Readonly<Record<string, Source>> = {
  feature: features,
  version: versions,
  from: versions,
  to: versions,
  host: hosts,
  principal: async (agent, typed) => [...(await hosts(agent, typed)), ...(await people(agent, typed))],
  lease: async (agent) => (await agent.request('leases', {})).map(({ id }) => id),
  candidate: async (agent) => (await agent.request('unsigned', {})).map(({ candidate }) => candidate),
  path: paths,
};

/** The same by the name of the option. */
export const OPTION_NAMES: Readonly<Record<string, Source>> = {
  feature: features,
  at: versions,
  of: versions,
  expect: versions,
  host: hosts,
  to: hosts,
  user: people,
  class: async (agent) => Object.keys(await section(agent, 'classes')),
  software: async (agent) => Object.keys(await section(agent, 'software')),
};

/** Names that need nobody to be asked, by the name of the option. */
export const FIXED_NAMES: Readonly<Record<string, readonly string[]>> = { role: ROLES };

/** Entries and sections of the draft; below an entry that is typed already, its fields. */
async function paths(agent: AgentConnection, typed: string): Promise<readonly string[]> {
  const registry = await drafted(agent);
  const entries = COLLECTIONS.flatMap((name) =>
    Object.entries(entriesOf(registry[name])).map(([id, entry]) => [`${name}/${id}`, entry] as const),
  );
  const places = [...entries, ...SECTIONS.map((name) => [name, registry[name]] as const)];
  const [path, inside] = places.find(([place]) => typed.startsWith(`${place}/`)) ?? [];
  return path === undefined
    ? places.map(([place]) => place)
    : Object.keys(entriesOf(inside)).map((field) => `${path}/${field}`);
}

async function section(agent: AgentConnection, name: (typeof COLLECTIONS)[number]): Promise<Entries> {
  return entriesOf((await drafted(agent))[name]);
}

async function drafted(agent: AgentConnection): Promise<Entries> {
  return entriesOf((await agent.request('registry', { version: 'draft' })).registry);
}

/** A draft may have lost its form. */
function entriesOf(value: unknown): Entries {
  return typeof value === 'object' && value !== null ? (value as Entries) : {};
}
