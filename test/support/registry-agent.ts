import assert from 'node:assert/strict';
import type { Methods } from '../../core/agent/protocol.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { rebaseRegistry } from '../../core/state/registry-rebase.ts';
import { type FakeAgent, fakeAgent } from './fake-agent.ts';

/** The key of whatever has one here. */
export const KEY = 'ab'.repeat(32);

/** A small registry: one feature, two people, one host. */
export function registry(): Registry {
  const parsed = parseRegistry({
    realm: { name: 'Fern Lab' },
    classes: { office: { term: 86_400, ahead: 2, maxOffline: 1_209_600, clock: 'none' } },
    software: { sim: { name: 'Simulator' } },
    features: { 'sim.pro': { name: 'Solver', software: 'sim', seats: 8 } },
    blocks: {},
    groups: { team: { name: 'Team', members: ['ana'] } },
    people: { ana: { name: 'Ana' }, ben: { name: 'Ben' } },
    hosts: { ws01: { name: 'One', class: 'office', roles: ['issuer', 'voter', 'editor'], logs: { 7: KEY } } },
    periods: { p1: { feature: 'sim.pro', from: '2030-01-01', until: '2030-12-31' } },
    reservations: {},
    rules: {},
    vendors: {},
    grants: {},
    policy: { issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle' },
    relays: {},
    recovery: { keys: [KEY], threshold: 1 },
  });
  assert.ok(parsed.ok);
  return parsed.value;
}

/** A draft as the agent reports it. */
export type Draft = Methods['draft']['result'];

/** A draft that says what version 4 says. */
export const CLEAN: Draft = { base: 4, changes: [], summary: [], problems: [], newcomers: [], contested: [] };

/** An agent whose draft has this registry, and whose versions have no feature. */
export function editing(draft: Partial<Draft> = {}) {
  return fakeAgent({
    registry: ({ version }) => ({
      registry: version === 'draft' ? registry() : { ...registry(), features: {} },
      base: 4,
    }),
    draft: () => ({ ...CLEAN, ...draft }),
    versions: () => [
      {
        version: 4,
        generation: 0,
        id: 'cd'.repeat(32),
        parent: null,
        author: 'ws01',
        message: 'More seats',
        content: null,
        ackers: ['ws01'],
      },
      {
        version: 1,
        generation: 0,
        id: 'ef'.repeat(32),
        parent: null,
        author: 'ws01',
        message: '',
        content: null,
        ackers: [],
      },
    ],
  });
}

/** What an agent's commands have made of a registry; undefined where none was to draft. */
export function draftedBy({ commands }: FakeAgent, base: Registry): Registry | undefined {
  const edits = commands.flatMap((command) => (command.do === 'set-registry' ? [command] : []));
  if (edits.length === 0) return undefined;
  const made = edits.reduce<unknown>((now, { registry, was }) => rebaseRegistry(was, registry, now), base);
  const parsed = parseRegistry(made);
  assert.ok(parsed.ok);
  return parsed.value;
}

/** The registry that an agent was told to draft. */
export function drafted(agent: ReturnType<typeof editing>): Registry | undefined {
  return draftedBy(agent, registry());
}
