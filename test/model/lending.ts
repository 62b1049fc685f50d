import type { Model } from '../../core/engine/model.ts';
import { termKey } from '../../core/state/evidence.ts';
import { emptySeatBook } from '../../core/state/seat-moves.ts';
import type { Version } from '../../core/state/versions.ts';
import { instantOf, lendable, modelOf, type SeatScenario, type Stand, seatsInForce } from './lender.ts';
import type { Rules } from './rules.ts';
import { type Actor, CLASS } from './scenario.ts';
import { type Breach, type Machine, machine, type World } from './world.ts';

/** The rules of voting, and how a host sees itself when it is asked what it may lend. */
export interface LendingRules extends Rules {
  readonly seen: (model: Model, stand: Stand) => Model;
}

const NOTHING_MOVED = emptySeatBook();

/**
 * The machine of voting, in each of whose worlds every host lends as much as the engine lets it: whatever part of what can be
 * known it knows, and whichever version it is on. At no instant may all together be more than there are.
 */
export function lendingMachine(scenario: SeatScenario, rules: LendingRules): Machine {
  const voting = machine(scenario, rules);
  const remembered = new Map<string, number>();
  return { ...voting, breach };

  function breach(world: World): Breach | null {
    const { chains } = voting.knowledge(world);
    for (let term = 0; term < scenario.terms; term++) {
      const seats = seatsInForce(scenario, chains, term);
      const lent = scenario.actors.map((actor) => Math.max(...mostOf(world, actor, term)));
      if (lent.reduce((sum, each) => sum + each, 0) > seats) return 'over-issued';
    }
    return null;
  }

  // A host that began anew and its old disk, which may still run somewhere, are two.
  function* mostOf(world: World, actor: Actor, term: number): Iterable<number> {
    const openings = voting.openings(world);
    yield 0;
    for (const chain of voting.knowledge(world).chains) {
      const open = chain.map(({ id }) => openings.terms.get(termKey(id, CLASS, term))?.length ?? 0);
      for (const applied of chain) {
        const name = `${actor.name} ${term} ${nameOf(chain)} ${open} ${applied.id}`;
        const known = remembered.get(name);
        if (known !== undefined) {
          yield known;
          continue;
        }
        const now = instantOf(term, 'early');
        const stand: Stand = {
          ...{ actor, applied, chain, now, openings, book: NOTHING_MOVED, leases: 0, stale: false },
        };
        const lent = lendable(rules.seen(modelOf(scenario, stand), stand));
        remembered.set(name, lent);
        yield lent;
      }
    }
  }
}

function nameOf(chain: readonly Version[]): string {
  return chain.map(({ firstTerms, id }) => `${id}:${firstTerms.get(CLASS)}`).join();
}
