import assert from 'node:assert/strict';
import { note } from '../../core/state/evidence.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { exchange, MIDYEAR, type RigHost } from './host-rig.ts';
import { drafting, lending, PUBLISH, twoLending } from './lending-host.ts';
import { ask, play, tick } from './script.ts';

/** The command that drafts so many seats of `draw`. */
export const seats = (count: number) =>
  drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: count }));

/** The command that drafts another policy. */
export const policy = (change: Partial<Registry['policy']>) =>
  drafting((registry) => Object.assign(registry.policy, change));

/** A host that lends at noon, and has published what it was told to change. */
export async function lender(
  change?: (host: RigHost) => ReturnType<ReturnType<typeof drafting>>,
): Promise<RigHost> {
  const { host } = await lending();
  await play(host, tick(host.runtime.model, MIDYEAR));
  if (change === undefined) return host;
  await play(host, ask(change(host)));
  await play(host, ask(PUBLISH));
  return host;
}

/** Publishes so many seats, and lists what follows. */
export async function publish(host: RigHost, count: number): Promise<string[]> {
  await play(host, ask(seats(count)(host)));
  return play(host, ask(PUBLISH));
}

/** The records of the own log of a host. */
export function own({ log, runtime }: RigHost): readonly VerifiedRecord[] {
  return runtime.model.state.ledger.logs.get(log) ?? [];
}

/** Two hosts that vote, publish and edit, know the same, and know the time. */
export async function two(): Promise<{ founder: RigHost; other: RigHost }> {
  const { founder, other } = await twoLending();
  for (const host of [founder, other]) await host.tellTime();
  await exchange(founder, other);
  return { founder, other };
}

/** Lets a host have the newest ack of another, and not what it acked. */
export function hearAck(host: RigHost, from: RigHost): void {
  const ack = own(from).findLast(({ type }) => type === 'ack');
  assert(ack?.type === 'ack');
  note(host.runtime.model.state.membership.evidence, ack);
}
