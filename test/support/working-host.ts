import type { Command } from '../../core/engine/input.ts';
import type { Registry } from '../../core/state/registry.ts';
import { foundedHost, MIDYEAR, type RigHost } from './host-rig.ts';
import { drafting, PUBLISH } from './lending-host.ts';
import { ask, play, tick } from './script.ts';

/** A day in seconds: the length of a term of the class of the founder. */
export const DAY = 86_400;

/** The start of the term in which MIDYEAR lies, for the class of the founder. */
export const TERM = Math.floor(MIDYEAR / DAY) * DAY;

/** A checkout by Ana, whose secret is told by the id of the lease. */
export function checkout(
  id: string,
  more: { wait?: boolean; tie?: 'connection' | 'process'; feature?: string } = {},
): Command {
  const request = {
    ...{
      feature: more.feature ?? 'draw',
      user: 'ana',
      tie: more.tie ?? 'connection',
      wait: more.wait ?? false,
    },
    process: { tool: 'drafter', pid: 4802, startTime: null },
  } as const;
  return { do: 'checkout', request, id, secret: `secret of ${id}` };
}

/** The founder at noon with version 2 applied and its terms open. */
export async function working(change: (registry: Registry) => void = () => undefined): Promise<RigHost> {
  const host = await foundedHost();
  await host.tellTime();
  await play(host, ask(drafting(change)(host)));
  await play(host, ask(PUBLISH));
  await play(host, tick(host.runtime.model, MIDYEAR));
  return host;
}

/** A change of the draft: so many seats of `draw`. */
export const moreSeats = (seats: number) => (registry: Registry) => {
  registry.features.draw = { name: 'Drawing', software: 'cad', seats };
};
