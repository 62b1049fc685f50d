import assert from 'node:assert/strict';
import { type Transfer, transfersTo } from '../../core/engine/idle-seats.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { floatingHosts, lotOf, settle } from './floating.ts';
import { checkoutOf, MIDYEAR, type RigHost } from './host-rig.ts';

export const DAY = 86_400;
export const HOUR = 3600;
/** The end of the term of the class office in which hosts begin. */
export const MIDNIGHT = (Math.floor(MIDYEAR / DAY) + 1) * DAY;

/** Of a second feature there are as many seats as of `draw`, for as long. */
export const CUT: RegistryImport = {
  features: {
    draw: { name: 'Drawing', software: 'cad', seats: 3 },
    cut: { name: 'Cutting', software: 'cad', seats: 3 },
  },
  periods: {
    draw: { feature: 'draw', from: '2030-01-01', until: '2030-12-31' },
    cut: { feature: 'cut', from: '2030-01-01', until: '2030-12-31' },
  },
};

/** Borrows a seat of `draw` at a host until an instant. */
export async function borrow(host: RigHost, id: string, until: number): Promise<void> {
  const command = checkoutOf('draw', 'ana', id);
  assert(command.do === 'checkout');
  const request = { ...command.request, until: seconds(until) };
  assert.equal((await host.submit({ ...command, request })).ok, true);
}

/** Gives seats of `draw` to another host until an instant. */
export function give(host: RigHost, to: string, count: number, until: number) {
  const gift = { feature: 'draw', seats: count, until: seconds(until) };
  return host.submit({ do: 'give', to: to as PrincipalId, ...gift });
}

/** What a host would send to somebody who wishes for seats of `draw`. */
export function wished(
  host: RigHost,
  from: number,
  until: number,
  wanted: number,
): ReturnType<typeof transfersTo> {
  const wish = { feature: 'draw', wanted, from: seconds(from), until: seconds(until) };
  return transfersTo(host.runtime.model, 999 as RigHost['log'], wish);
}

/** Whether transfers are out of the lot of the giver, and how many seats each moves. */
export function drawn(transfers: readonly Transfer[]): readonly (readonly [boolean, number])[] {
  return transfers.map(({ seats, source }) => [source === null, seats]);
}

/** An office host to which a lab's seat came for sixty days, after it had given of its own two away until an instant. */
export async function withLab(
  until: number,
  count = 2,
  changes: RegistryImport = {},
): Promise<[RigHost, RigHost]> {
  const [office, lab] = (await floatingHosts(['ws02'], changes, 'lab')) as [RigHost, RigHost];
  assert.deepEqual([lotOf(office), lotOf(lab)], [2, 1]);
  assert.equal((await give(lab, 'ws01', 1, MIDYEAR + HOUR)).ok, true);
  assert.equal((await give(office, 'ws02', count, until)).ok, true);
  await settle(office, lab);
  assert.deepEqual([lotOf(office), lotOf(lab)], [3 - count, 0]);
  return [office, lab];
}
