import { isRestricted, self } from '../../core/engine/model.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import { newestOf } from '../../core/state/membership.ts';
import { proposalsOn } from '../../core/state/proposals.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import type { SeededRandom } from '../support/random.ts';
import type { SimHost } from './host.ts';
import type { Tempo } from './profile.ts';
import { onceOfLog } from './realm.ts';
import { edited, FEATURES } from './registries.ts';
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

/** Whether a host can sign: it runs, it has not forgotten what it signed, and nothing has ended its log. */
export function isAble(host: SimHost): boolean {
  const model = host.runtime?.model;
  return model !== undefined && !model.stale && !isRestricted(model);
}

/** Whether a host's own log belongs to a member of the newest version that it knows. */
export function isMember(host: SimHost): boolean {
  const model = host.runtime?.model;
  return model !== undefined && self(model) !== null;
}

/** Changes the draft in some way; those who are lost get no roles. */
export function edit(host: SimHost, random: SeededRandom, lost: ReadonlySet<string>, tempo: Tempo): void {
  const registry = registryOf(host);
  if (registry !== null) setRegistry(host, registry, edited(registry, random, lost, tempo));
}

/** Two editors change what they have just read: one takes a host away, the other keeps a seat for it. */
export function clash(one: SimHost, two: SimHost, random: SeededRandom): void {
  const [first, second] = [registryOf(one), registryOf(two)];
  const plain = Object.entries(first?.hosts ?? {}).filter(([, { roles = [] }]) => roles.length === 0);
  if (first === null || second === null || plain.length === 0) return;
  const [host] = random.pick(plain);
  const feature = random.pick(FEATURES);
  const { [host]: _, ...hosts } = first.hosts;
  setRegistry(one, first, { ...first, hosts, reservations: {} });
  setRegistry(two, second, { ...second, reservations: { kept: { feature, host, seats: 1 } } });
}

/** Publishes what the draft says. */
export function publish(host: SimHost): void {
  host.submit(ADMIN, { do: 'publish', message: '', expect: null });
}

/** Signs the candidates of others that wait for it, those that make this host an issuer too, and revocations. */
export function coSign(host: SimHost): void {
  const model = host.runtime?.model;
  if (model === undefined || model.state.membership.versions.length === 0) return;
  const { id } = host.device;
  for (const { id: candidate, roster, signers } of proposalsOn(
    model.state.membership,
    newestOf(model.state.membership),
  )) {
    const issues = hasRole(host, 'issuer') || roster.members.get(id)?.roles.includes('issuer') === true;
    if (issues && !signers.has(id)) host.submit(ADMIN, { do: 'sign', candidate });
  }
  if (!hasRole(host, 'issuer')) return;
  const { revocations, signatures } = model.state.membership.evidence;
  for (const [candidate, { log }] of revocations) {
    const signed = [log, ...(signatures.get(candidate) ?? []).map((signature) => signature.log)];
    if (!signed.includes(host.log)) host.submit(ADMIN, { do: 'sign', candidate });
  }
}

/** Ends the log of a principal whose key is not to be trusted any more. */
export function revoke(host: SimHost, principal: PrincipalId): void {
  host.submit(ADMIN, { do: 'revoke', principal, reason: 'stolen' });
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
