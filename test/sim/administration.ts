import { toRegistry } from '../../core/state/drafts.ts';
import { newestOf } from '../../core/state/membership.ts';
import { proposalsOn } from '../../core/state/proposals.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import type { SeededRandom } from '../support/random.ts';
import type { SimHost } from './host.ts';
import { onceOfLog } from './realm.ts';
import { edited } from './registries.ts';
import type { Tool } from './tools.ts';

/** The client number of administrators; tools have higher ones. */
export const ADMIN = 0;

const FAR = 4_102_444_800;

/** Whether this host's principal has a role in the newest version that it knows. */
export function hasRole(host: SimHost, role: 'issuer' | 'editor' | 'voter'): boolean {
  const model = host.runtime?.model;
  if (model === undefined || model.state.membership.versions.length === 0) return false;
  const { roster } = newestOf(model.state.membership);
  return roster.members.get(host.device.id)?.roles.includes(role) ?? false;
}

/** The registry as a host has it drafted; null where what several edited is of no valid form for a moment. */
export function registryOf(host: SimHost): Registry | null {
  const draft = host.runtime?.model.state.live.draft;
  const registry = draft === undefined ? null : parseRegistry(toRegistry(draft));
  return registry?.ok === true ? registry.value : null;
}

/** Drafts the change from what was read to what is wanted, as every client does. */
export function setRegistry(host: SimHost, was: unknown, registry: Registry): void {
  host.submit(ADMIN, { do: 'set-registry', registry, was });
}

/** Changes the draft in some way. */
export function edit(host: SimHost, random: SeededRandom): void {
  const registry = registryOf(host);
  if (registry !== null) setRegistry(host, registry, edited(registry, random));
}

/** Publishes what the draft says. */
export function publish(host: SimHost): void {
  host.submit(ADMIN, { do: 'publish', message: '', expect: null });
}

/** Signs the candidates of others that wait for it. */
export function coSign(host: SimHost): void {
  const model = host.runtime?.model;
  if (model === undefined || model.state.membership.versions.length === 0 || !hasRole(host, 'issuer')) return;
  for (const proposal of proposalsOn(model.state.membership, newestOf(model.state.membership))) {
    if (!proposal.signers.has(host.device.id)) host.submit(ADMIN, { do: 'sign', candidate: proposal.id });
  }
}

/** Invites a newcomer, or a host that must begin anew. */
export function invite(host: SimHost, id: PrincipalId, log: LogId, hostClass: string): void {
  const { key } = onceOfLog(log);
  const until = seconds(FAR);
  host.submit(ADMIN, {
    ...{ do: 'invite', log, key, kind: 'host', id, name: id, class: hostClass, roles: [], until },
  });
}

/** Takes a lease away. */
export function removeLease(host: SimHost, tool: Tool): void {
  if (tool.lease === null) return;
  const { id } = tool.host.device;
  host.submit(ADMIN, { do: 'remove', host: id, lease: tool.lease.id, reason: 'wanted elsewhere' });
}
