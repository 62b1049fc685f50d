import { deepStrictEqual } from 'node:assert/strict';
import type { StoreWrite } from '../../core/ports.ts';
import { hasRole } from './administration.ts';
import { restore } from './happenings.ts';
import type { SimHost } from './host.ts';
import {
  applyAlone,
  certifyTwice,
  forget,
  keepSent,
  lendOn,
  openTwice,
  overdrawTwice,
  refuse,
  silence,
  takeTwice,
  useMore,
  voteUnwritten,
} from './meddling.ts';
import { quiet } from './quiet.ts';
import { simCrypto } from './realm.ts';
import { type SimOptions, simulate } from './run.ts';
import { INVARIANTS, type Invariant } from './trace.ts';
import type { World } from './world.ts';

const WORK = { publish: 3 };
const BRIEF = quiet(WORK, { length: 1200 });
/** So slow that acks are on their way for a while. */
const SLOW = { slowest: 2, lost: 0, doubled: 0 };
const BUSY = quiet({ give: 4, publish: 0.5 }, { demand: 4, length: 1800 });

const isRecord = ({ key }: StoreWrite) => key.startsWith('record/');
const isLease = ({ key }: StoreWrite) => key.startsWith('lease/');

/** What is broken, how a run is told so, and the invariants of which any says rightly what is wrong. */
const CASES: readonly (readonly [name: string, options: SimOptions, notices: readonly Invariant[]])[] = [
  [
    'a disk that loses records which it called durable',
    {
      profile: quiet(WORK),
      sabotage: { loses: (host, writes) => host.log === 2 && writes.some(isRecord) },
    },
    ['durable-before-seen'],
  ],
  [
    'a disk that loses leases which it called durable',
    {
      profile: quiet({ ...WORK, crash: 4 }, { demand: 5, pace: 30 }),
      sabotage: { loses: (_host, writes) => writes.every(isLease) },
    },
    ['lease-kept'],
  ],
  [
    'an old disk without its counter, and a relay that hides what it has of the log',
    { profile: quiet(WORK, { pace: 40 }), prepare: (world) => restoreBlindly(world) },
    ['one-history', 'one-ack', 'one-chain'],
  ],
  [
    'two machines with one key, of which one reaches nobody',
    { profile: quiet(WORK), prepare: (world) => cloneIssuer(world) },
    ['one-history', 'one-ack', 'durable-before-seen'],
  ],
  [
    'signatures that nobody checks, and a relay that forges',
    {
      profile: quiet({ ...WORK, hostile: 1 }, { pace: 30 }),
      sabotage: { crypto: { verify: async () => true } },
    },
    ['nothing-forged'],
  ],
  [
    'signed time that is an hour late everywhere',
    { profile: quiet(WORK), sabotage: { timeError: -3600 } },
    ['lease-in-time'],
  ],
  ['votes that are on no disk', { profile: BRIEF, prepare: voteUnwritten }, ['reopens-alike']],
  ['a disk that is full', { profile: BRIEF, sabotage: { loses: refuse } }, ['no-fault']],
  ['a host that leaves a command unanswered', { profile: BRIEF, prepare: silence }, ['answered']],
  [
    'tools that use more than was lent to them',
    { profile: BRIEF, prepare: useMore },
    ['seats-of-feature', 'seats-of-lot'],
  ],
  [
    'hosts that overdraw by more than the vendor allows',
    {
      profile: quiet({ ...WORK, give: 2 }, { overdraws: true, demand: 4, wanted: ['draw'] }),
      prepare: overdrawTwice,
    },
    ['seats-of-feature'],
  ],
  [
    'hosts that take seats again which they have taken',
    { profile: BUSY, prepare: takeTwice },
    ['seats-once'],
  ],
  [
    'hosts that go on to use seats which they have sent away',
    { profile: BUSY, prepare: keepSent },
    ['seats-of-lot', 'seats-of-feature'],
  ],
  [
    'a host that lends on while it switches to another version',
    { profile: BRIEF, prepare: lendOn },
    ['no-lease-at-apply'],
  ],
  [
    'a host that applies what nobody has certified',
    { profile: quiet(WORK, { length: 1200, pace: 5, weather: SLOW }), prepare: applyAlone },
    ['certified-before-applied'],
  ],
  ['two versions of one number', { profile: BRIEF, prepare: certifyTwice }, ['one-chain']],
  [
    'a quorum that opens a term for two versions',
    { profile: BRIEF, prepare: openTwice },
    ['one-term-one-version'],
  ],
  ['ledgers that have lost what was seen', { profile: BRIEF, prepare: forget }, ['nothing-lost']],
  [
    'a relay that keeps a host apart for good',
    { profile: quiet(WORK), prepare: (world) => keepApart(world, 3) },
    ['converged', 'decides'],
  ],
];

function restoreBlindly(world: World): void {
  const host = world.hosts[1] as SimHost;
  world.timeline.after(600, () => world.backups.set(host, host.backup()));
  world.timeline.after(1500, () => {
    const past = new Map(world.relay.heads());
    past.set(host.log, 1);
    const withheld = new Map([[host.name, new Set([host.log])]]);
    world.network.conduct = { withheld, asOf: past, replays: 0, inventions: 0 };
    restore(world, host, true);
    host.counter = 0;
    host.needsWitness = false;
  });
}

// Where both hear each other they stop by themselves: the simulation of copied directories looks at that.
function cloneIssuer(world: World): void {
  world.timeline.after(600, () => {
    const host = world.hosts.find((each) => hasRole(each, 'issuer')) as SimHost;
    const { counter, image } = host.backup();
    const clone = world.addHost(host.device, image);
    clone.counter = counter;
    const connect = world.network.connect;
    world.network.connect = (other) => other !== clone && connect(other);
    clone.start(Number.POSITIVE_INFINITY);
  });
}

function keepApart(world: World, at: number): void {
  const host = world.hosts[at] as SimHost;
  host.use = () => undefined;
}

describe('The simulation notices', () => {
  it('the breach of every invariant that it names', () => {
    const noticed = new Set(CASES.flatMap(([, , notices]) => notices));
    deepStrictEqual(
      Object.keys(INVARIANTS).filter((name) => !noticed.has(name as Invariant)),
      [],
    );
  });

  for (const [name, options, notices] of CASES) {
    it(name, async () => {
      const { violation } = await simulate(1, options);
      deepStrictEqual(
        { noticed: notices.includes(violation?.invariant as Invariant), as: violation?.invariant },
        { noticed: true, as: violation?.invariant },
        violation?.message ?? 'nothing was noticed',
      );
    });
  }

  it('nothing where nothing is broken', async () => {
    const { violation } = await simulate(1, { profile: quiet(WORK), sabotage: { crypto: simCrypto } });
    deepStrictEqual(violation, null);
  });
});
