import type { StoreImage } from '../../core/adapters/store-memory.ts';
import type { AgentEvent, Answer } from '../../core/engine/effect.ts';
import type { Command } from '../../core/engine/input.ts';
import type { Crypto, StoreWrite } from '../../core/ports.ts';
import { type LogId, type PublicKey, seconds } from '../../core/units.ts';
import { type SeededRandom, seededRandom } from '../support/random.ts';
import { newListener } from './counting.ts';
import { type Backup, SimHost } from './host.ts';
import { newMachine } from './machine.ts';
import { type Network, newNetwork } from './network.ts';
import { newOracle, type Oracle } from './oracle.ts';
import { drawDevices, drawProfile, type Profile, type Range, START } from './profile.ts';
import { type Device, foundSimRealm, type SimRealm, simCrypto } from './realm.ts';
import { ALLOWED, firstRegistry, licenceCode } from './registries.ts';
import { newSimRelay, type SimRelay } from './relay.ts';
import { newSeatWatch, type SeatWatch } from './seats.ts';
import { type Count, newTally, type Tally } from './tally.ts';
import { type TimeRelay, timeRelay } from './time-relays.ts';
import { newTimeline, type Timeline } from './timeline.ts';
import { newTools, type Tools } from './tools.ts';
import { type Invariant, newTrace, type Trace } from './trace.ts';

/** How a test breaks the world, to see that an invariant notices. */
export interface Sabotage {
  /** Batches that a disk calls durable and are not. */
  loses?(host: SimHost, writes: readonly StoreWrite[]): boolean;
  /** Checks of signatures in place of the real ones. */
  readonly crypto?: Crypto;
  /** Seconds by which all relays are wrong. */
  readonly timeError?: number;
  /** Invariants that are broken on purpose, where the test looks itself at what is left of them. */
  readonly tolerates?: ReadonlySet<Invariant>;
}

/** All that a run consists of. */
export interface World {
  readonly profile: Profile;
  readonly random: SeededRandom;
  /** Chance for what concerns seats only: it leaves all else of a run as it was. */
  readonly seatChance: SeededRandom;
  /** Records that thieves have written. */
  readonly stolen: { readonly log: LogId; readonly seq: number; readonly record: Uint8Array }[];
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly realm: SimRealm;
  readonly hosts: SimHost[];
  readonly backups: Map<SimHost, Backup>;
  /** Devices that are invited and have not joined. */
  readonly invited: Device[];
  readonly relay: SimRelay;
  readonly network: Network;
  readonly timeRelays: readonly TimeRelay[];
  readonly oracle: Oracle;
  readonly tools: Tools;
  readonly seats: SeatWatch;
  readonly tally: Tally;
  readonly count: Count;
  /** Processes that end start again, and regular work is done, while this is true. */
  stormy: boolean;
  /** A host on a new machine; it is started by whoever asked for it. */
  addHost(device: Device, image: StoreImage): SimHost;
}

/** Makes a world from a seed. */
export async function newWorld(
  seed: number,
  given: Partial<Profile>,
  sabotage: Sabotage,
  draw = drawProfile,
): Promise<World> {
  const random = seededRandom(seed);
  const overdraws = seededRandom(seed + 0x0d7a).int(3) === 0;
  const profile = { ...draw(random), overdraws, ...given };
  const timeline = newTimeline(START + random.int(10_000));
  const trace = newTrace(timeline.now, timeline.now());
  const devices = drawDevices(profile, random);
  const timeRelays = Array.from({ length: profile.relays }, (_, i) => {
    const lies = profile.relays > 2 && i === 2;
    return timeRelay(
      i,
      START,
      lies ? (random.next() - 0.5) * 10 ** (2 + random.int(4)) : (sabotage.timeError ?? 0),
    );
  });
  const issuers = profile.threshold;
  const used = Object.entries(profile.classes).filter(([name]) =>
    devices.some((device) => device.class === name),
  );
  const classes = Object.fromEntries(used);
  const code = profile.overdraws ? await licenceCode() : null;
  const registry = firstRegistry({ devices, relays: timeRelays, issuers, classes, code });
  const realm = await foundSimRealm(registry, devices);
  const oracle = newOracle(timeline.now, sabotage.tolerates);
  for (const records of realm.records.values()) oracle.vouch(records);
  const relay = newSimRelay(realm.records);
  const { count, tally } = newTally();
  const listener = newListener(count);
  const hosts: SimHost[] = [];
  const seats = newSeatWatch(oracle, { count, allowed: profile.overdraws ? ALLOWED : {} });
  const network = newNetwork({
    ...{ realm: realm.id, timeline, random, relay, count, hosts: () => hosts },
    otherRelay: newSimRelay(realm.records),
    seen: (host, bytes) => oracle.outside(host, bytes),
  });
  const { speaks, tempo } = profile;
  const tools = newTools({ timeline, random, trace, hold: tempo.hold, waits: tempo.waits, speaks });

  const surroundings = {
    ...{ realm: realm.id, timeline, random, trace, count },
    crypto: sabotage.crypto ?? simCrypto,
    ...(sabotage.loses === undefined ? {} : { loses: sabotage.loses }),
    started(host: SimHost) {
      const { ledger, membership } = host.runtime?.model.state ?? {};
      trace.note(
        `${host.name} runs, ${ledger?.size} records, version ${membership?.versions.at(-1)?.version}`,
      );
      tools.reconnect(host, oracle.hasEnded);
      keepTime(host);
      if (random.next() >= profile.offline) network.connect(host);
      checkKept(host);
    },
    crashed(host: SimHost) {
      trace.note(`${host.name} is down`);
      network.disconnect(host);
      tools.disconnected(host);
      if (world.stormy)
        timeline.after(between(random, tempo.restart), () => host.start(Number.POSITIVE_INFINITY));
    },
    begun: oracle.begun,
    durable(host: SimHost, writes: readonly StoreWrite[]) {
      oracle.durable(host, writes);
      // A host may crash before anybody looks at it again, and what it lends by a new version is lent all the same.
      world.seats.learn(host);
      seats.moves.durable(host.log, writes);
      listener.durable(writes);
    },
    published(host: SimHost, bytes: Uint8Array) {
      oracle.outside(host, bytes);
      network.publish(host, bytes);
    },
    signed: (_host: SimHost, signature: Uint8Array) => oracle.signed(signature),
    event(host: SimHost, to: number | 'all', event: AgentEvent) {
      listener.event(host, event);
      tools.event(host, to, event);
    },
    answered(host: SimHost, command: Command, client: number, answer: Answer) {
      trace.note(
        `${host.name} answers ${command.do}: ${answer.ok ? answer.kind : `${answer.reason} (${answer.detail})`}`,
      );
      listener.answered(command, answer);
      tools.answered(host, command, client, answer);
    },
    isGone: tools.isGone,
    fault(host: SimHost, error: unknown) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      oracle.fail('no-fault', `${host.name}: ${text}`);
    },
  };

  function checkKept(host: SimHost): void {
    const held = host.runtime?.model.leases;
    for (const tool of tools.all) {
      const { lease } = tool;
      if (tool.host !== host || tool.state !== 'holding' || lease === null) continue;
      if (lease.end > timeline.now() && held?.has(lease.id) === false) {
        oracle.fail('lease-kept', `${host.name} has forgotten ${lease.id}`);
      }
    }
  }

  // A process that has just started asks for the time first.
  function keepTime(host: SimHost): void {
    void askTime(world, host);
    host.use((runtime) => runtime.tick());
  }

  const world: World = {
    ...{ profile, random, timeline, trace, realm, hosts, relay, network, timeRelays, oracle, tools, seats },
    ...{ count, tally },
    seatChance: seededRandom(seed + 0x5ea7),
    stolen: [],
    backups: new Map(),
    invited: [],
    stormy: true,
    addHost(device, image) {
      const machine = newMachine(timeline, `boot-${device.log}-${hosts.length}`, {
        rate: 1 + (random.next() - 0.5) * 1.6e-3,
        // Where the wall clock is believed, whoever turns it back gains seats: that is said, and no bound is promised.
        skew: device.class === 'lab' ? random.next() * 60 : skewOf(random, tempo.skew),
        bootIds: random.int(4) > 0,
        age: random.int(1_000_000),
      });
      const host = new SimHost(device, machine, image, surroundings, profile.slowDisk);
      hosts.push(host);
      oracle.replaced(host);
      return host;
    },
  };
  const image = imageOf(realm.records);
  for (const device of devices) world.addHost(device, image);
  return world;
}

/** A number of a range, by chance. */
export function between(random: SeededRandom, [least, most]: Range): number {
  return least + random.next() * (most - least);
}

function skewOf(random: SeededRandom, most: number | null): number {
  return (random.next() - 0.5) * (most === null ? 10 ** random.int(6) : 2 * most);
}

/** A disk that holds these records and nothing else. */
export function imageOf(logs: ReadonlyMap<LogId, readonly Uint8Array[]>): StoreImage {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  return new Map(
    [...logs].flatMap(([log, records]) =>
      records.map((record, seq): [string, Uint8Array] => [`record/${hex(log)}/${hex(seq)}`, record]),
    ),
  );
}

/** A host asks all relays for the time; answers take their time, too long perhaps, and are used where the roster names the relay. */
export async function askTime(world: World, host: SimHost): Promise<void> {
  const { random, timeline, timeRelays } = world;
  for (const relay of timeRelays) {
    const { boot, running } = host.machine;
    const [sentAt, sentIn] = [running(), boot()];
    const there = random.next() * random.pick([0.1, 2, 12]);
    const back = random.next() * random.pick([0.1, 2, 12]);
    timeline.after(there, () => {
      void relay.sign(timeline.now()).then((token) => {
        timeline.after(back, () => {
          if (boot() !== sentIn || running() < sentAt || !believes(host, relay.key)) return;
          const receivedAt = seconds(running());
          host.use((runtime) => runtime.see({ token, sentAt, receivedAt, boot: boot() }));
        });
      });
    });
  }
}

function believes(host: SimHost, key: PublicKey): boolean {
  const newest = host.runtime?.model.state.membership.versions.at(-1);
  return newest?.roster.policy.relays.some((relay) => relay.key === key) ?? false;
}
