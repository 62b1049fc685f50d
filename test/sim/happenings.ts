import { idleByFeature } from '../../core/engine/idle-seats.ts';
import { isRestricted } from '../../core/engine/model.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import { ADMIN, clash, coSign, edit, hasRole, invite, publish, removeLease } from './administration.ts';
import { lostIds, mayLose, someAdmin, someHost } from './choice.ts';
import type { SimHost } from './host.ts';
import { hasProblems, mend } from './mending.ts';
import type { Happening } from './profile.ts';
import { type Device, joinRecord } from './realm.ts';
import { FEATURES, USERS } from './registries.ts';
import { forkSome, revokeSome, spendTwice } from './treason.ts';
import { between, imageOf, type World } from './world.ts';

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
    if (host !== null) edit(host, world.random, lostIds(world), world.profile.tempo);
  },
  clash(world) {
    const [one, two] = [someAdmin(world, 'editor'), someAdmin(world, 'editor')];
    if (one !== null && two !== null) clash(one, two, world.random);
  },
  publish(world) {
    const host = someAdmin(world, 'issuer');
    if (host === null) return;
    if (hasProblems(host)) {
      publish(host);
      mend(host);
      world.count('mended');
    } else edit(host, world.random, lostIds(world), world.profile.tempo);
    publish(host);
  },
  rivals(world) {
    for (const host of world.hosts) {
      if (!hasRole(host, 'issuer')) continue;
      edit(host, world.random, lostIds(world), world.profile.tempo);
      publish(host);
    }
  },
  invite(world) {
    const host = someAdmin(world, 'issuer');
    if (host === null) return;
    const stale = world.hosts.find((each) => !each.retired && mustBeginAnew(each));
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
    if (host === null) return;
    world.count('clock-turned');
    host.machine.turnWall((world.random.next() - 0.7) * world.profile.tempo.turn);
  },
  suspend(world) {
    // Everything stands still but time: what was due is done late, all at once.
    if (world.random.int(3) > 0) return;
    world.count('suspended');
    world.timeline.skip(world.random.int(world.profile.tempo.still));
  },
  cut(world) {
    const host = someHost(world);
    if (host === null) return;
    if (!world.network.isConnected(host)) return world.network.connect(host);
    world.count('cut');
    world.network.disconnect(host);
  },
  partition(world) {
    const others = world.hosts.filter(() => world.random.int(2) === 0);
    world.count('partition');
    world.trace.note(
      `the network is parted, on the other side: ${others.map(({ name }) => name).join(', ')}`,
    );
    world.network.part(others);
    world.timeline.after(between(world.random, world.profile.tempo.parted), () => world.network.join());
  },
  give(world) {
    const { profile, random, timeline } = world;
    const idle = (host: SimHost) =>
      host.runtime === null ? [] : [...idleByFeature(host.runtime.model).keys()];
    const from = someHost(world, (host) => idle(host).length > 0);
    const to = someHost(world, (host) => host !== from && host.device.class !== null);
    if (from === null || to === null) return;
    const until = seconds(timeline.now() + 30 + random.int(random.pick(profile.tempo.gift)));
    const feature = random.pick(idle(from));
    from.submit(ADMIN, { do: 'give', to: to.device.id, feature, seats: 1 + random.int(2), until });
  },
  surrender(world) {
    const host = someHost(
      world,
      ({ log, runtime }) => runtime?.model.state.seats.creditsOf.has(log) === true,
    );
    host?.submit(ADMIN, { do: 'surrender', feature: world.random.pick(FEATURES) });
  },
  revoke: revokeSome,
  fork: (world) => void (world.random.int(2) === 0 ? forkSome(world) : spendTwice(world)),
  carry(world) {
    const [from, to] = [someHost(world), someHost(world)];
    if (from === null || to === null || from === to) return;
    const { onFoot } = world.profile.tempo;
    world.network.carry(from, to, onFoot === 0 ? 0 : world.random.next() * onFoot);
  },
  hostile(world) {
    world.trace.note('the relay turns hostile');
    world.network.turnHostile();
  },
  honest: (world) => world.network.turnHonest(),
};

/** The machine goes off and on: its programs are gone, its running clock begins again. */
function reboot(world: World, host: SimHost): void {
  world.trace.note(`${host.name} reboots`);
  world.count('reboot');
  host.crash();
  world.tools.stopped(host);
  host.machine.reboot();
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
  world.count(telling ? 'restore-blind' : 'restore');
  if (telling) {
    host.counter = 0;
    host.needsWitness = true;
  }
  world.trace.note(`${host.name} gets an old disk back, ${telling ? 'and no counter' : 'not the counter'}`);
}

// A host that has forgotten what it signed, or whose key was taken for stolen.
function mustBeginAnew({ revoked, runtime }: SimHost): boolean {
  return runtime !== null && (runtime.model.stale || (revoked && isRestricted(runtime.model)));
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
  world.count(world.hosts.some((old) => old !== host && old.device.id === device.id) ? 'rejoined' : 'joined');
  for (const old of world.hosts.filter(({ device: each }) => each.id === device.id)) {
    if (old !== host) old.retired = true;
  }
  host.start(Number.POSITIVE_INFINITY);
}

/** Some tool wants a seat. */
export function demand(world: World): void {
  const { random } = world;
  const host = someHost(world, (each) => each.device.class !== null);
  // Most of the work is done at a few hosts: their own lots are too few for it.
  const busy = world.hosts.slice(-2).find(({ runtime, device }) => runtime !== null && device.class !== null);
  const { profile, seatChance, timeline } = world;
  const at = seatChance.int(2) === 0 ? (busy ?? host) : host;
  if (at === null) return;
  const until =
    seatChance.int(8) === 0 ? timeline.now() + 60 + seatChance.int(profile.tempo.borrow) : undefined;
  world.tools.checkout(at, random.pick(profile.wanted), random.pick(USERS), until);
}

/** What administrators do without being told. */
export function routine(world: World): void {
  for (const host of world.hosts) coSign(host);
}
