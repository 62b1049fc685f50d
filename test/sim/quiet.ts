import { seededRandom } from '../support/random.ts';
import { drawProfile, type Happening, type Profile } from './profile.ts';

/** A small realm in fair weather in which nothing happens by chance but what is named. */
export function quiet(
  chances: Partial<Record<Happening, number>>,
  given: Partial<Profile> = {},
): Partial<Profile> {
  const drawn = drawProfile(seededRandom(1));
  const none = Object.fromEntries(Object.keys(drawn.chances).map((name) => [name, 0]));
  return {
    ...{
      hosts: 4,
      voters: 3,
      issuers: 1,
      threshold: 1,
      person: false,
      relays: 1,
      length: 2400,
      pace: 15,
      demand: 20,
    },
    overdraws: false,
    ...{ speaks: 0, offline: 0, slowDisk: 0.01, weather: { slowest: 0.05, lost: 0, doubled: 0 } },
    chances: { ...none, ...chances } as Profile['chances'],
    ...given,
  };
}
