import type { Lease } from '../../core/engine/lease.ts';
import type { Model } from '../../core/engine/model.ts';
import type { Hash, LogId, PrincipalId } from '../../core/units.ts';
import type { Verified } from '../../core/verify/record.ts';
import { empty } from '../support/lease-tables.ts';
import type { SimHost } from './host.ts';
import { signerOfLog } from './realm.ts';
import type { Tool } from './tools.ts';
import type { World } from './world.ts';

// What hosts would do if their rules were broken, done to them from outside.

function modelOf(world: World, at: number): Model {
  const model = world.hosts[at]?.runtime?.model;
  if (model === undefined) throw new RangeError(`host ${at + 1} does not run`);
  return model;
}

function every(world: World, seconds: number, work: () => void): void {
  world.timeline.after(seconds, () => {
    work();
    every(world, seconds, work);
  });
}

/** A command is taken and never answered. */
export function silence(world: World): void {
  world.timeline.after(300, () => {
    const host = world.hosts[1] as SimHost;
    if (host.runtime !== null) host.runtime.submit = () => new Promise(() => undefined);
  });
}

/** Tools go on with leases that nobody gave them. */
export function useMore(world: World): void {
  world.timeline.after(600, () => {
    const host = world.hosts[1] as SimHost;
    const lease = { id: 'none', feature: 'draw', end: Number.POSITIVE_INFINITY } as Lease;
    const tool = { host, tie: 'process', state: 'holding', connected: true, alive: true, ticket: 0, lease };
    const taken = Array.from(
      { length: 50 },
      (_, i) =>
        ({
          ...{ ...tool, client: 1_000_000 + i, lease: { ...lease, id: `none-${i}` } },
        }) as Tool,
    );
    (world.tools.all as Tool[]).push(...taken);
  });
}

/** A key manager that has lost count of its leases takes them for zero. */
export function lendOn(world: World): void {
  every(world, 5, () => {
    for (const { runtime } of world.hosts) if (runtime) empty(runtime.model.leases);
  });
}

/** A host counts acks that nobody gave. */
export function applyAlone(world: World): void {
  every(world, 5, () => {
    const { acks } = modelOf(world, 0).state.membership.evidence;
    for (const [version, given] of acks) {
      const own = given.find(({ log }) => log === 1);
      if (own === undefined) continue;
      const invented = [2, 3].map((log) => ({ ...own, log: log as LogId, key: signerOfLog(`${log}`).key }));
      acks.set(version, [own, ...(invented as Verified<'ack'>[])]);
    }
  });
}

/** A host takes something else for the version that all others have. */
export function certifyTwice(world: World): void {
  world.timeline.after(600, () => {
    const { versions } = modelOf(world, 1).state.membership;
    const newest = versions.at(-1);
    if (newest !== undefined) versions[versions.length - 1] = { ...newest, id: 'ab'.repeat(32) as Hash };
  });
}

/** The voters open a term for the version before, too. */
export function openTwice(world: World): void {
  world.timeline.after(world.profile.length - 1, () => {
    const { evidence, versions } = modelOf(world, 0).state.membership;
    const ids = versions.map(({ id }) => id);
    for (const [key, signatories] of [...evidence.terms]) {
      for (const id of ids) evidence.terms.set(key.replace(/^[0-9a-f]+/, id), signatories);
    }
  });
}

/** Something was seen of a log that no ledger holds. */
export function forget(world: World): void {
  world.timeline.after(600, () => {
    (world.oracle.seen.get(2 as LogId) as Map<number, string>).set(100_000, 'gone');
  });
}

/** Hosts have given a vote that is on no disk. */
export function voteUnwritten(world: World): void {
  every(world, 5, () => {
    for (const { runtime } of world.hosts) runtime?.model.slots.set(10_000, null);
  });
}

/** A host takes again what it has taken. */
export function takeTwice(world: World): void {
  every(world, 60, () => {
    for (const { log, runtime } of world.hosts) {
      const { creditsOf, offered } = runtime?.model.state.seats ?? {};
      const came = creditsOf?.get(log);
      if (came !== undefined) offered?.set(log, new Set(came));
    }
  });
}

/** Hosts forget what they have sent away. */
export function keepSent(world: World): void {
  every(world, 5, () => {
    for (const { runtime } of world.hosts) runtime?.model.state.seats.left.clear();
  });
}

/** Hosts allot twice the overdraft that a version has, each the same. */
export function overdrawTwice(world: World): void {
  const done = new Set<unknown>();
  every(world, 5, () => {
    for (const { runtime } of world.hosts) {
      for (const { configuration } of runtime?.model.state.configurations.values() ?? []) {
        if (done.has(configuration)) continue;
        done.add(configuration);
        const lots = configuration.lots.get('draw') as Map<PrincipalId, number> | undefined;
        const [host] = [...(lots?.keys() ?? [])].sort();
        const { overdraft = 0 } = configuration.registry.features.draw ?? {};
        if (host !== undefined) lots?.set(host, (lots.get(host) ?? 0) + overdraft);
      }
      if (runtime !== null) runtime.model.lots = null;
    }
  });
}

/** A disk that takes nothing. */
export function refuse(): never {
  throw new Error('the disk is full');
}
