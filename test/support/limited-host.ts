import type { Command } from '../../core/engine/input.ts';
import type { CheckoutRequest } from '../../core/engine/lease.ts';
import type { Registry, RegistryImport } from '../../core/state/registry.ts';
import { foundedHost, MIDYEAR, type RigHost } from './host-rig.ts';
import { PUBLISH } from './lending-host.ts';
import { runtimePorts } from './runtime-ports.ts';
import { ask, play, tick } from './script.ts';

/** The rules of a registry. */
export type Rules = Registry['rules'];

type Feature = Partial<Registry['features'][string]>;

/** A realm whose feature `draw` these rules are about. */
export function policies(rules: Rules, draw: Feature = {}): RegistryImport {
  return {
    rules,
    groups: { team: { name: 'Team', members: ['ana'] } },
    features: { draw: { name: 'Drawing', software: 'cad', seats: 3, ...draw } },
    periods: { draw: { feature: 'draw', from: '2030-01-01', until: '2030-12-31' } },
  };
}

/** A host that lends by these rules, and the ports that it runs on. */
export async function lender(rules: Rules, draw: Feature = {}) {
  const ports = runtimePorts();
  const host = await foundedHost(policies(rules, draw), ports);
  await host.tellTime();
  await host.submit(PUBLISH);
  await host.runtime.tick();
  await play(host, tick(host.runtime.model, MIDYEAR));
  return { host, ports };
}

/** A checkout of `draw` by a user, whose secret is told by the id of the lease. */
export function checkout(id: string, user: string, more: Partial<CheckoutRequest> = {}): Command {
  const process = { tool: 'drafter', pid: null, startTime: null };
  const request = { feature: 'draw', user, tie: 'connection', wait: false, process, ...more } as const;
  return { do: 'checkout', request, id, secret: `secret of ${id}` };
}

/** The command that returns a lease. */
export const giveBack = (lease: string): Command => ({ do: 'return', lease, reason: null });

/** What each checkout is answered, in order: `a ana` is one for the lease `a` by `ana`. */
export async function answers(host: RigHost, wishes: readonly string[], more: Partial<CheckoutRequest> = {}) {
  const said: string[] = [];
  for (const wish of wishes) {
    const [id = '', user = ''] = wish.split(' ');
    const effects = await play(host, ask(checkout(id, user, more)));
    said.push(...effects.filter((effect) => effect.startsWith('answer')));
  }
  return said;
}

/** A seat was given. */
export const YES = 'answer lease';

/** A rule allows no more. */
export const LIMITED = 'answer no: limit-reached';

/** No seat is left. */
export const NONE = 'answer no: no-seat';
