import type { Hash } from '../../core/units.ts';
import type { Verified } from '../../core/verify/record.ts';
import { type Actor, CLASS, type Scenario } from './scenario.ts';

/** Something signed: an ack (a candidate or VOID, and the highest term opened before), an opened term, or a restored disk. */
export type Statement =
  | {
      readonly kind: 'ack';
      readonly actor: Actor;
      readonly version: number;
      readonly candidate: Hash | null;
      readonly stated: number;
    }
  | { readonly kind: 'term'; readonly actor: Actor; readonly of: Hash; readonly term: number }
  | { readonly kind: 'restore'; readonly actor: Actor };

/** All statements that a scenario can bring about, in a fixed order: acks come first. A world is a set of their numbers. */
export function statementsOf(scenario: Scenario): readonly Statement[] {
  const { actors, genesis, proposals, terms, versions } = scenario;
  const stated = Array.from({ length: terms + 1 }, (_, i) => i - 1);
  const candidates = proposals.map(({ id, version }) => ({ id: id as Hash | null, version }));
  const voids = Array.from({ length: versions - 1 }, (_, i) => ({ id: null, version: i + 2 }));
  const acks = actors.flatMap((actor) =>
    [...candidates, ...voids].flatMap(({ id, version }) =>
      stated.map((term): Statement => ({ kind: 'ack', actor, version, candidate: id, stated: term })),
    ),
  );
  const openable = [genesis.id, ...proposals.map(({ id }) => id)];
  const openings = actors.flatMap((actor) =>
    openable.flatMap((of) => stated.slice(1).map((term): Statement => ({ kind: 'term', actor, of, term }))),
  );
  const restores = actors
    .filter(({ name }) => scenario.restored.has(name))
    .map((actor): Statement => ({ kind: 'restore', actor }));
  return [...acks, ...openings, ...restores];
}

/** An ack as the record that the core reads; only `verify` makes real ones, and the model has no signatures. */
export function toRecord(ack: Statement & { kind: 'ack' }, signer: Actor): Verified<'ack'> {
  const terms = new Map(ack.stated < 0 ? [] : [[CLASS, ack.stated]]);
  const body = { version: ack.version, candidate: ack.candidate, terms };
  const { key, log } = signer;
  return { type: 'ack', proven: true, log, key, body } as unknown as Verified<'ack'>;
}
