import assert from 'node:assert/strict';
import type { Registry } from '../../core/state/registry.ts';
import type { Hash } from '../../core/units.ts';
import { exchange, foundedHost, invitedHost, type RigHost } from './host-rig.ts';
import { drafted } from './lending-host.ts';

const seconds = new WeakMap<RigHost, RigHost>();

/** The founder with version 2 certified and applied; with two issuers a second host has joined as one, and version 4 asks for both. */
export async function publishing(
  options: {
    readonly tellTime?: boolean;
    readonly issuers?: number;
    readonly changes?: Partial<Registry>;
  } = {},
): Promise<RigHost> {
  const founder = await foundedHost(options.changes);
  if (options.tellTime !== false) await founder.tellTime();
  await published(founder, 'one');
  if (options.issuers === undefined) return founder;
  const other = await invitedHost(founder, 'ws02', 102, ['issuer']);
  await exchange(founder, other);
  await published(founder, 'two');
  await exchange(founder, other);
  const registry = drafted(founder);
  const policy = { ...registry.policy, issuers: options.issuers };
  await founder.submit({ do: 'set-registry', registry: { ...registry, policy } });
  const candidate = await published(founder, 'two issuers');
  await exchange(founder, other);
  // The new threshold holds for the version that brings it (rule R1).
  await other.submit({ do: 'sign', candidate });
  await exchange(founder, other);
  seconds.set(founder, other);
  return founder;
}

/** Publishes what is drafted; gives the candidate. */
export async function published(host: RigHost, message: string): Promise<Hash> {
  const answer = await host.submit({ do: 'publish', message, expect: null });
  assert.ok(answer.ok && answer.kind === 'published');
  return answer.candidate as Hash;
}

/** The second issuer of a founder that was asked for two. */
export function second(founder: RigHost): RigHost {
  const other = seconds.get(founder);
  assert.ok(other !== undefined);
  return other;
}

/** A founder and a second voter, which version 3 names. */
export async function twoHosts(): Promise<{ readonly founder: RigHost; readonly newcomer: RigHost }> {
  const founder = await publishing();
  const newcomer = await invitedHost(founder, 'ws02', 102);
  await exchange(founder, newcomer);
  await published(founder, 'two');
  await exchange(founder, newcomer);
  await newcomer.tellTime();
  return { founder, newcomer };
}

/** Publishes another name for the realm. */
export async function rename(host: RigHost, name: string): Promise<void> {
  await host.submit({ do: 'set-registry', registry: { ...drafted(host), realm: { name } } });
  await published(host, name);
}
