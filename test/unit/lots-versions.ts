import { strictEqual } from 'node:assert/strict';
import { type LotQuestion, lotsIn } from '../../core/decide/lots.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { HostClass, Member } from '../../core/state/roster.ts';
import { emptySeatBook } from '../../core/state/seat-moves.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash, LogId, PrincipalId, PublicKey } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import { smallRegistry } from '../support/registries.ts';

const OFFICE: HostClass = { term: seconds(100), ahead: 1, maxOffline: seconds(1000), clock: 'none' };
const LAB: HostClass = { ...OFFICE, term: seconds(1000) };
const KEY = 'aa'.repeat(32) as PublicKey;

interface Made {
  readonly version: number;
  /** Host → its log and its class. */
  readonly hosts: Readonly<Record<string, readonly [log: number, hostClass: string]>>;
  readonly classes: Readonly<Record<string, HostClass>>;
  readonly firstTerms: Readonly<Record<string, number>>;
  readonly seats: number;
  readonly lots: Readonly<Record<string, number>>;
}

function versionOf({ classes, firstTerms, hosts, version }: Made): Version {
  const members = Object.entries(hosts).map(([id, [log, hostClass]]): [PrincipalId, Member] => [
    id as PrincipalId,
    {
      ...{ id: id as PrincipalId, kind: 'host', name: id, class: hostClass, roles: ['voter'] },
      logs: [{ log: log as LogId, key: KEY }],
    },
  ]);
  const policy: Version['roster']['policy'] = {
    ...{ issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle' as const, deadline: null, relays: [] },
    classes: new Map(Object.entries(classes)),
    recovery: { keys: [], threshold: 1 },
  };
  return {
    ...{ version, id: `${version}`.padStart(64, '0') as Hash, parent: null, content: null, message: '' },
    ...{ roster: { members: new Map(members), policy }, frontier: new Map(), author: null, ackers: [] },
    ...{ firstTerms: new Map(Object.entries(firstTerms)), generation: 0 },
  };
}

/** The lot of `ray-view` that a host has in a term of its class after applying the last of the versions. */
function lotOf(host: string, term: number, made: readonly Made[]): number {
  const versions = made.map(versionOf);
  const [applied] = versions.slice(-1);
  if (applied === undefined) throw new RangeError('expected at least one version');
  const registryWith = (seats: number): Registry => {
    const registry = smallRegistry();
    return {
      ...registry,
      features: { 'ray-view': { name: 'Viewer', software: 'raytracer', seats } },
    };
  };
  const question: LotQuestion = {
    ...{ host: host as PrincipalId, log: 1 as LogId, seats: emptySeatBook(), versions, applied },
    // Every member votes, so that one opening each opens a term.
    evidence: {
      terms: {
        get: () => versions.flatMap(({ roster }) => [...roster.members.values()].flatMap(({ logs }) => logs)),
      },
    } as unknown as LotQuestion['evidence'],
    configuration: (version) => {
      const { lots, seats } = made[versions.indexOf(version)] as Made;
      return {
        registry: registryWith(seats),
        lots: new Map([['ray-view', new Map(Object.entries(lots)) as Map<PrincipalId, number>]]),
      };
    },
  };
  const view = lotsIn(question, term);
  return view.ok ? view.lot('ray-view') : Number.NaN;
}

const FIRST: Made = {
  ...{ version: 2, hosts: { a: [1, 'office'], b: [2, 'lab'] }, classes: { office: OFFICE, lab: LAB } },
  ...{ firstTerms: { office: 0, lab: 0 }, seats: 4, lots: { a: 2, b: 2 } },
};

describe('the lots of a new version', () => {
  it('are its own where it governs every class', () => {
    strictEqual(
      lotOf('a', 25, [FIRST, { ...FIRST, version: 3, firstTerms: { office: 20, lab: 2 }, lots: { a: 4 } }]),
      4,
    );
  });

  it('grow at once where all together stay within its seats', () => {
    const more = { ...FIRST, version: 3, firstTerms: { office: 25, lab: 3 }, seats: 6, lots: { a: 4, b: 2 } };
    strictEqual(lotOf('a', 25, [FIRST, more]), 4);
  });

  it('are the least of both where an older version still governs a class that gave seats away', () => {
    const moved = { ...FIRST, version: 3, firstTerms: { office: 25, lab: 3 }, lots: { a: 4 } };
    strictEqual(lotOf('a', 25, [FIRST, moved]), 2);
  });

  it('leave those of a dropped class alone for as long as hosts may go on by its terms', () => {
    const dropped = {
      ...{ version: 3, hosts: { a: [1, 'office'] as const }, classes: { office: OFFICE } },
      ...{ firstTerms: { office: 25, lab: 3 }, seats: 4, lots: { a: 4 } },
    };
    strictEqual(lotOf('a', 25, [FIRST, dropped]), 2);
    strictEqual(lotOf('a', 30, [FIRST, dropped]), 4);
  });

  it('leave those of a dropped class alone when it came back with terms of another length', () => {
    const dropped = {
      ...{ version: 3, hosts: { a: [1, 'office'] as const }, classes: { office: OFFICE } },
      ...{ firstTerms: { office: 25, lab: 3 }, seats: 4, lots: { a: 4 } },
    };
    const back = { ...dropped, version: 4, classes: { office: OFFICE, lab: OFFICE } };
    strictEqual(lotOf('a', 25, [FIRST, dropped, back]), 2);
  });

  it('do not come twice to a host that began anew under its old id', () => {
    const anew: Made = {
      ...FIRST,
      ...{ version: 3, hosts: { a: [9, 'office'], b: [2, 'lab'] }, firstTerms: { office: 25, lab: 3 } },
    };
    strictEqual(lotOf('a', 25, [FIRST, anew]), 0);
    strictEqual(lotOf('a', 30, [FIRST, anew]), 2);
  });
});
