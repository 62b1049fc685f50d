import { idleByFeature } from '../../core/engine/idle-seats.ts';
import { currentLots } from '../../core/engine/model.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import type { Seconds } from '../../core/units.ts';
import { exchange, foundedHost, invitedHost, type RigHost } from './host-rig.ts';
import { PUBLISH } from './lending-host.ts';

/** Hosts with lots of `draw`, three seats in all unless told: the first has two, the second one. */
export async function floatingHosts(
  names: readonly string[] = ['ws02'],
  changes: RegistryImport = {},
  hostClass = 'office',
): Promise<RigHost[]> {
  const founder = await foundedHost(changes);
  const all = [founder];
  for (const [i, name] of names.entries())
    all.push(await invitedHost(founder, name, 202 + i, [], name, hostClass));
  await exchange(...all);
  await founder.submit(PUBLISH);
  await exchange(...all);
  for (const host of all) await host.tellTime();
  await exchange(...all);
  for (const host of all) await host.runtime.tick();
  return all;
}

/** Tells each host what the others say that they have to spare, as presence does. */
export async function meet(...all: readonly RigHost[]): Promise<void> {
  for (const host of all) {
    const others = all.filter((other) => other !== host);
    await host.runtime.meet(
      new Map(others.map(({ log, runtime }) => [log, { free: idleByFeature(runtime.model) }])),
    );
  }
}

/** Lets what was asked be done, exchanged, and noticed. */
export async function settle(...all: readonly RigHost[]): Promise<void> {
  // Inputs are taken in turn: after a tick what was asked before it has been done.
  for (const host of all) await host.runtime.tick();
  await exchange(...all);
  for (const host of all) await host.runtime.tick();
}

/** Seats of `draw` that a host has now, or why none. */
export function lotOf({ runtime }: RigHost): number | string {
  const lots = currentLots(runtime.model);
  return lots.ok ? lots.lot('draw') : lots.reason;
}

/** The types of the records by which a host moved seats. */
export function movesOf({ log, runtime }: RigHost): readonly string[] {
  const types = (runtime.model.state.ledger.logs.get(log) ?? []).map(({ type }) => type);
  return types.filter((type) => ['transfer', 'accept', 'surrender', 'seat-request'].includes(type));
}

/** Lets time pass at some hosts. */
export async function passes(all: readonly RigHost[], time: Seconds): Promise<void> {
  for (const host of all) {
    host.clock.advance(time);
    await host.runtime.tick();
  }
}
