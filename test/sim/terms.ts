import { seconds } from '../../core/units.ts';
import type { SimHost } from './host.ts';
import { askTime, between, type World } from './world.ts';

/** Seconds before the end of a term, and after it, at which agents look at the clock: what they do each second matters then. */
const BEFORE = [60, 800] as const;
const AFTER = [20, 300] as const;

/** Lets agents look at the clock around the ends of terms, so that coarse steps leave nothing out that an agent would have done. */
export function watchTerms(world: World): void {
  const { profile, random, timeline } = world;
  for (const [name, { term }] of Object.entries(profile.classes)) {
    const next = (): void => {
      const end = (Math.floor(timeline.now() / term) + 1) * term;
      const wait = end - timeline.now();
      timeline.after(Math.max(0, wait - between(random, BEFORE)), () => lookAll(world, name, false));
      timeline.after(wait + between(random, AFTER), () => {
        lookAll(world, name, true);
        if (world.stormy) next();
      });
    };
    next();
  }
}

// Voters of other classes open the terms of this one.
function lookAll(world: World, hostClass: string, asks: boolean): void {
  if (!world.stormy) return;
  for (const host of world.hosts) {
    const concerned = host.device.class === hostClass || host.device.roles.includes('voter');
    if (!concerned || host.runtime === null) continue;
    sayHeadsSeldom(world, host);
    if (asks && world.network.isConnected(host)) void askTime(world, host);
    host.use((runtime) => runtime.tick());
  }
}

// Of the records that agents write each hour to tell what they have, a few are enough.
function sayHeadsSeldom({ random }: World, { runtime }: SimHost): void {
  if (runtime === null || random.int(40) === 0) return;
  const { model } = runtime;
  model.headsAt = seconds(model.running + WEEK);
}

const WEEK = 604_800;
