import assert from 'node:assert/strict';
import { idleByFeature } from '../../core/engine/idle-seats.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import { floatingHosts, lotOf } from '../support/floating.ts';
import type { RigHost } from '../support/host-rig.ts';
import { CUT } from '../support/idle-seats.ts';

/** Lots of the two hosts, and how many of them each would send away. */
async function spared(changes: RegistryImport): Promise<readonly (readonly [unknown, number])[]> {
  const hosts = (await floatingHosts(['ws02'], changes)) as RigHost[];
  return hosts.map((host) => [lotOf(host), idleByFeature(host.runtime.model).get('draw') ?? 0]);
}

const reserved = (host: string, more: object = {}) => ({
  reservations: { r: { feature: 'draw', host, seats: 2, ...more } },
});

describe('What a host has to spare', () => {
  const cases: readonly [what: string, changes: RegistryImport, expected: unknown][] = [
    [
      'is all of its lot where nothing is kept',
      {},
      [
        [2, 2],
        [1, 1],
      ],
    ],
    [
      'is what is reserved for it, too, unless that is pinned',
      reserved('ws02'),
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      'is not what is pinned to it, whatever is pinned to others',
      reserved('ws02', { pinned: true }),
      [
        [1, 1],
        [2, 0],
      ],
    ],
    [
      'is not less for what is pinned to it of another feature',
      {
        ...CUT,
        reservations: { r: { feature: 'cut', host: 'ws02', seats: 2, pinned: true } },
      },
      [
        [2, 2],
        [1, 1],
      ],
    ],
    [
      'is not its part of what is kept for some',
      { rules: { mine: { feature: 'draw', for: { people: ['ana'] }, keep: 2 } } },
      [
        [2, 1],
        [1, 0],
      ],
    ],
  ];
  for (const [what, changes, expected] of cases) {
    it(what, async () => assert.deepEqual(await spared(changes), expected));
  }
});
