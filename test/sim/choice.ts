import { hasRole, isAble } from './administration.ts';
import type { SimHost } from './host.ts';
import type { World } from './world.ts';

/** Some running host that fits, or null. */
export function someHost(world: World, fits: (host: SimHost) => boolean = () => true): SimHost | null {
  const able = world.hosts.filter((host) => host.runtime !== null && fits(host));
  return able.length === 0 ? null : world.random.pick(able);
}

/** Some running host whose principal has a role. Whoever administers a host without a counter waits until its log has been compared, as its agent does. */
export function someAdmin(world: World, role: 'issuer' | 'editor'): SimHost | null {
  return someHost(world, (host) => {
    return hasRole(host, role) && (!host.needsWitness || host.runtime?.model.compared === true);
  });
}

/** Whether the realm can do without a host's key: more lost voters than a quorum can spare stop all decisions, and that is for recovery keys, not for this run. */
export function mayLose(world: World, host: SimHost): boolean {
  if (!hasRole(host, 'voter') && !hasRole(host, 'issuer')) return true;
  const voters = world.hosts.filter((each) => hasRole(each, 'voter'));
  const lost = voters.filter(isLost).length;
  return !hasRole(host, 'issuer') && 2 * (lost + 1) < voters.length;
}

/** Whether a host's key is of no use any more: its disk is an old one, or its log has been ended. */
export function isLost(host: SimHost): boolean {
  return host.revoked || (host.runtime === null ? host.restored : !isAble(host));
}

/** Principals whose newest host is lost. */
export function lostIds(world: World): ReadonlySet<string> {
  const newest = new Map(world.hosts.map((host) => [host.device.id, host]));
  return new Set([...newest.values()].filter(isLost).map(({ device }) => device.id));
}
