import type { LogId, PrincipalId } from '../../core/units.ts';
import { coSign, edit, hasRole, invite, publish, removeLease } from './administration.ts';
import type { SimHost } from './host.ts';
import type { Happening } from './profile.ts';
import { type Device, joinRecord } from './realm.ts';
import { FEATURES, USERS } from './registries.ts';
import { imageOf, type World } from './world.ts';

/** Lets one of the things happen that the profile gives a chance. */
export function happen(world: World): void {
  const { random } = world;
  const chances = Object.entries(world.profile.chances) as [Happening, number][];
  const sum = chances.reduce((total, [, chance]) => total + chance, 0);
  let at = random.next() * sum;
  const chosen = chances.find(([, chance]) => {
    at -= chance;
    return at < 0;
  });
  if (chosen !== undefined) HAPPENINGS[chosen[0]](world);
}

const HAPPENINGS: Readonly<Record<Happening, (world: World) => void>> = {
  edit(world) {
    const host = someAdmin(world, 'editor');
    if (host !== null) edit(host, world.random);
  },
  publish(world) {
    const host = someAdmin(world, 'issuer');
    if (host === null) return;
    edit(host, world.random);
    publish(host);
  },
  rivals(world) {
    for (const host of world.hosts) {
      if (!hasRole(host, 'issuer')) continue;
      edit(host, world.random);
      publish(host);
    }
  },
  invite(world) {
    const host = someAdmin(world, 'issuer');
    if (host === null) return;
    const stale = world.hosts.find(({ retired, runtime }) => !retired && runtime?.model.stale === true);
    const log = (200 + world.hosts.length + world.invited.length) as LogId;
    if (stale !== undefined && stale.device.class !== null) inviteAgain(world, host, stale, log);
    else if (world.hosts.length < 12) {
      const device: Device = { id: `n${log}` as PrincipalId, log, class: 'office', roles: [] };
      world.invited.push(device);
      invite(host, device.id, log, 'office');
    }
  },
  join(world) {
    const at = world.invited.findIndex(({ log }) => isInvitedAtRelay(world, log));
    const [device] = at < 0 ? [] : world.invited.splice(at, 1);
    if (device !== undefined) void join(world, device);
  },
  remove(world) {
    const host = someAdmin(world, 'issuer');
    const held = world.tools.all.filter((tool) => tool.state === 'holding');
    if (host !== null && held.length > 0) removeLease(host, world.random.pick(held));
  },
  crash: (world) => someHost(world)?.crash(),
  fuse(world) {
    const host = someHost(world);
    host?.lightFuse(1 + world.random.int(world.profile.fuse));
  },
  reboot(world) {
    const host = someHost(world);
    if (host !== null) reboot(world, host);
  },
  backup(world) {
    const host = someHost(world);
    if (host !== null) world.backups.set(host, host.backup());
  },
  restore(world) {
    const host = someHost(world, (each) => world.backups.has(each) && !each.restored);
    if (host !== null && mayLose(world, host)) restore(world, host, world.random.int(2) === 0);
  },
  'turn-clock'(world) {
    const host = someHost(world, (each) => each.device.class !== 'lab');
    host?.machine.turnWall((world.random.next() - 0.7) * 100_000);
  },
  suspend(world) {
    // Everything stands still but time: what was due is done late, all at once.
    if (world.random.int(3) === 0) world.timeline.skip(world.random.int(1200));
  },
  cut(world) {
    const host = someHost(world);
    if (host === null) return;
    if (world.network.isConnected(host)) world.network.disconnect(host);
    else world.network.connect(host);
  },
  carry(world) {
    const [from, to] = [someHost(world), someHost(world)];
    if (from !== null && to !== null && from !== to) world.network.carry(from, to);
  },
  hostile(world) {
    world.trace.note('the relay turns hostile');
    world.network.turnHostile();
  },
  honest: (world) => world.network.turnHonest(),
};

// Whoever administers a host without a counter waits until its log has been compared, as its agent does.
function someAdmin(world: World, role: 'issuer' | 'editor'): SimHost | null {
  return someHost(world, (host) => {
    return hasRole(host, role) && (!host.needsWitness || host.runtime?.model.compared === true);
  });
}

function someHost(world: World, fits: (host: SimHost) => boolean = () => true): SimHost | null {
  const able = world.hosts.filter((host) => host.runtime !== null && fits(host));
  return able.length === 0 ? null : world.random.pick(able);
}

/** The machine goes off and on: its programs are gone, its running clock begins again. */
export function reboot(world: World, host: SimHost): void {
  world.trace.note(`${host.name} reboots`);
  host.crash();
  world.tools.stopped(host);
  host.machine.reboot();
}

// More restored voters than a quorum can spare stop all decisions: that is for recovery keys, not for this run.
function mayLose(world: World, host: SimHost): boolean {
  if (!hasRole(host, 'voter') && !hasRole(host, 'issuer')) return true;
  const voters = world.hosts.filter((each) => hasRole(each, 'voter'));
  const lost = voters.filter((each) => each.restored).length;
  return !hasRole(host, 'issuer') && 2 * (lost + 1) < voters.length;
}

/** Puts an old disk back, with the counter of the time or with the one that stands outside of the disk. */
export function restore(world: World, host: SimHost, withoutCounter: boolean): void {
  const backup = world.backups.get(host);
  if (backup === undefined) return;
  reboot(world, host);
  host.disk.restore(backup.image);
  host.restored = true;
  world.oracle.replaced(host);
  // Without the counter only an honest relay that has all that was ever seen of the log can tell.
  const relayHas = world.relay.heads().get(host.log) ?? 0;
  const telling = withoutCounter && !world.oracle.seenBeyond(host.log, relayHas);
  if (telling) {
    host.counter = 0;
    host.needsWitness = true;
  }
  world.trace.note(`${host.name} gets an old disk back, ${telling ? 'and no counter' : 'not the counter'}`);
}

function inviteAgain(world: World, issuer: SimHost, stale: SimHost, log: LogId): void {
  const { class: hostClass, id, roles } = stale.device;
  world.invited.push({ id, log, class: hostClass, roles });
  stale.retired = true;
  invite(issuer, id, log, hostClass ?? 'office');
}

function isInvitedAtRelay(world: World, log: LogId): boolean {
  return world.hosts.some((host) => {
    const { evidence } = host.runtime?.model.state.membership ?? {};
    const inviter = evidence?.invitations.get(log)?.[0];
    return inviter !== undefined && (world.relay.heads().get(inviter.log) ?? 0) > inviter.seq;
  });
}

async function join(world: World, device: Device): Promise<void> {
  const first = await joinRecord(world.realm.id, device.log);
  world.oracle.vouch([first]);
  const host = world.addHost(device, imageOf(new Map([...world.relay.logs, [device.log, [first]]])));
  host.counter = 1;
  for (const old of world.hosts.filter(({ device: each }) => each.id === device.id)) {
    if (old !== host) old.retired = true;
  }
  host.start(Number.POSITIVE_INFINITY);
}

/** Some tool wants a seat. */
export function demand(world: World): void {
  const { random } = world;
  const host = someHost(world, (each) => each.device.class !== null);
  if (host !== null) world.tools.checkout(host, random.pick(FEATURES), random.pick(USERS));
}

/** What administrators do without being told. */
export function routine(world: World): void {
  for (const host of world.hosts) coSign(host);
}
