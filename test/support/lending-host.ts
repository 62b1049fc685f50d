import assert from 'node:assert/strict';
import type { Command } from '../../core/engine/input.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { exchange, foundedHost, invitedHost, type RigHost, reopenedHost } from './host-rig.ts';
import { type RuntimePorts, runtimePorts } from './runtime-ports.ts';

/** Publishes whatever is drafted. */
export const PUBLISH: Command & { readonly do: 'publish' } = { do: 'publish', message: 'Next', expect: null };

/** The registry as a host has it drafted. */
export function drafted({ runtime }: RigHost): Registry {
  const parsed = parseRegistry(toRegistry(runtime.model.state.live.draft));
  assert(parsed.ok);
  return parsed.value;
}

/** The command that changes what a host has drafted. */
export function drafting(change: (registry: Registry) => void): (host: RigHost) => Command {
  return (host) => {
    const registry = structuredClone(drafted(host));
    change(registry);
    return { do: 'set-registry', registry };
  };
}

/** A founder that has applied version 2 and lends by it, and the ports that it runs on; what led there is not in their journal. */
export async function lending(): Promise<{ host: RigHost; ports: RuntimePorts }> {
  const ports = runtimePorts();
  const host = await foundedHost({}, ports);
  await host.tellTime();
  await host.submit(PUBLISH);
  await host.runtime.tick();
  ports.journal.length = 0;
  ports.published.length = 0;
  return { host, ports };
}

/** The same host in a new process, on the disk that the old one left or another. */
export async function again(
  host: RigHost,
  ports: RuntimePorts,
  image = ports.image(),
): Promise<{ host: RigHost; ports: RuntimePorts }> {
  const next = runtimePorts(image, ports.counted.next);
  return { host: await reopenedHost(host, next), ports: next };
}

/** Two hosts that vote, publish and edit, and know the same. */
export async function twoLending(): Promise<{ founder: RigHost; other: RigHost }> {
  const { host: founder } = await lending();
  const other = await invitedHost(founder, 'ws02', 202, ['voter', 'issuer', 'editor']);
  await exchange(founder, other);
  await founder.submit(PUBLISH);
  await exchange(founder, other);
  return { founder, other };
}
