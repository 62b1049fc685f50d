import { deepEqual } from 'node:assert/strict';
import { rebaseRegistry } from '../../core/state/registry-rebase.ts';

const WAS = { features: { solver: { name: 'Solver', seats: 5 }, mesher: { name: 'Mesher', seats: 2 } } };
const { mesher, solver } = WAS.features;

const cases: readonly [why: string, wanted: unknown, present: unknown, expected: unknown][] = [
  [
    "keeps somebody else's change of another field",
    { features: { ...WAS.features, solver: { ...solver, seats: 8 } } },
    { features: { ...WAS.features, solver: { ...solver, name: 'Solver 2' } } },
    { features: { solver: { name: 'Solver 2', seats: 8 }, mesher } },
  ],
  [
    'keeps an entry that somebody else added',
    { features: { ...WAS.features, mesher: { ...mesher, seats: 3 } } },
    { features: { ...WAS.features, viewer: { name: 'Viewer', seats: 9 } } },
    { features: { solver, mesher: { ...mesher, seats: 3 }, viewer: { name: 'Viewer', seats: 9 } } },
  ],
  [
    'does not bring back what somebody else removed',
    { features: { ...WAS.features, mesher: { ...mesher, seats: 3 } } },
    { features: { mesher } },
    { features: { mesher: { ...mesher, seats: 3 } } },
  ],
  ['removes what was removed here', { features: { mesher } }, WAS, { features: { mesher } }],
  [
    'takes the later word where both changed one field',
    { features: { ...WAS.features, solver: { ...solver, seats: 8 } } },
    { features: { ...WAS.features, solver: { ...solver, seats: 6 } } },
    { features: { solver: { ...solver, seats: 8 }, mesher } },
  ],
  [
    'treats a key that names a prototype as any other',
    JSON.parse('{"features":{"__proto__":{"seats":1}}}'),
    WAS,
    JSON.parse('{"features":{"__proto__":{"seats":1}}}'),
  ],
];

describe('a change made to an earlier registry', () => {
  for (const [why, wanted, present, expected] of cases) {
    it(why, () => deepEqual(rebaseRegistry(WAS, wanted, present), expected));
  }
});
