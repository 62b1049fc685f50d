import fc from 'fast-check';
import type { Clock, Crypto } from '../../core/ports.ts';
import type { HostTime, loadHostTime } from '../../core/runtime/host-time.ts';
import { MAX_DRIFT, type TimeView } from '../../core/state/clock.ts';
import type { Roster } from '../../core/state/roster.ts';
import { type PublicKey, seconds } from '../../core/units.ts';
import { type TimeToken, verifyGossip } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import {
  encodeCertificate,
  encodeDelegation,
  encodeGossip,
  encodeSignedTime,
} from '../../core/wire/roughtime-response.ts';
import { relayKey } from '../support/tokens.ts';
import { type Clocks, type Reference, reference } from './clock-reference.ts';

/** The seconds that an honest relay may be wrong by. */
const RADIUS = 3;
const START = 1_790_000_000;
const HOUR = 3600;

const share = fc.double({ min: 0, max: 1, noNaN: true });
const span = fc.oneof(
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
);
const lie = fc.oneof(fc.constant(0), fc.integer({ min: -1e8, max: 1e8 }));
const plain = { noNullPrototype: true } as const;
const kind = <K extends string>(name: K) => fc.constant(name);

const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind('pass'), span }, plain) },
  { weight: 1, arbitrary: fc.record({ kind: kind('suspend'), span }, plain) },
  {
    weight: 5,
    arbitrary: fc.record(
      {
        kind: kind('ask'),
        relay: fc.nat(4),
        out: fc.double({ min: 0, max: 12, noNaN: true }),
        back: fc.oneof(fc.double({ min: 0, max: 7, noNaN: true }), fc.constant(5000)),
        error: share,
        lie,
      },
      plain,
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: kind('hear'), relay: fc.nat(4), age: span, lie }, plain),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('note') }, plain) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restart'), idle: span, clean: fc.boolean() }, plain) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('reboot'), off: span, idle: span, clean: fc.boolean() }, plain),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('snapshot') }, plain) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restore'), reboots: fc.boolean() }, plain) },
);

/** Something that befalls a host. Relays 0 … f − 1 of 2f + 1 lie. */
export type ClockEvent = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** A history of a host: how fast its clock runs, how many relays lie, whether boots have ids, and what happens. */
export const history = fc.record(
  { events: fc.array(event, { maxLength: 30 }), speed: share, liars: fc.nat(2), named: fc.boolean() },
  plain,
);

/** The history of a host. */
export type ClockHistory = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** The code under test: the real one, or one with a fault put in. */
export interface ClockCode {
  readonly load: typeof loadHostTime;
  /** Whether the running time goes on in suspend, as `Clock.running` promises. */
  readonly countsSuspend: boolean;
}

/** A token that was taken in, and whether it came from elsewhere than a question. */
interface Told {
  readonly relay: number;
  readonly token: TimeToken;
  readonly passive: boolean;
}

/** A host with its disk, in a world whose true time the test knows. */
export interface Machine extends Clocks {
  readonly told: Told | null;
  /** What it says of now, whatever its wall clock says. */
  view(wall: number): TimeView;
  /** The same where the class allows the wall clock. */
  rtc(wall: number): TimeView;
  /** Lets one thing happen up to the moment before its token is taken in. */
  begin(what: ClockEvent): Promise<void>;
  /** Takes in what came, and keeps it as the runtime does. */
  end(): void;
  readonly reference: Reference;
}

// Signatures are checked elsewhere; here histories count, and thousands of them.
const BELIEVING: Crypto = { verify: async () => true };
const EMPTY = new Uint8Array(64);
const keys = Array.from({ length: 5 }, (_, i) => relayKey(i + 1));

/** A host that has just been set up. */
export async function machine(code: ClockCode, given: ClockHistory): Promise<Machine> {
  const { liars, named } = given;
  const relays = 2 * liars + 1;
  const rate = 1 / (1 + MAX_DRIFT) + given.speed * (1 / (1 - MAX_DRIFT) - 1 / (1 + MAX_DRIFT));
  const world = { truth: START, running: 50, boots: 0, wall: 0 };
  const clock: Clock = {
    running: () => seconds(world.running),
    boot: () => (named ? `boot ${world.boots}` : null),
    wall: () => seconds(world.wall),
  };
  const believed = new Set(keys.slice(0, relays));
  const roster = rosterOf(liars, [...believed]);
  const load = (disk: Uint8Array | undefined) => code.load(disk, believed, { clock, crypto: BELIEVING });
  const known = reference(world, liars, relays);
  let host: HostTime = await load(undefined);
  let disk: Uint8Array | undefined;
  let snapshot: { readonly disk: Uint8Array | undefined; restore(): void } = { disk, restore: known.mark() };
  let coming: (Told & { readonly see: () => void }) | null = null;

  const read = (wall: number, name: string) => {
    world.wall = wall;
    return host.view(roster, name);
  };
  const note = () => {
    read(0, 'none');
    disk = host.write().value ?? undefined;
    known.note();
  };
  const pass = (time: number, counts = true) => {
    world.truth += time;
    if (counts) world.running += time * rate;
  };
  const work = (time: number) => {
    pass(time);
    known.worked(time * rate);
  };
  const start = async () => {
    host = await load(disk);
  };
  const boot = (off: number) => {
    world.running = 5;
    world.truth += off + world.running;
    world.boots++;
  };

  async function happen(what: ClockEvent): Promise<void> {
    coming = null;
    const relay = 'relay' in what ? what.relay % relays : 0;
    const lies = relay < liars;
    switch (what.kind) {
      case 'pass':
        return work(what.span);
      case 'suspend':
        return code.countsSuspend ? work(what.span) : pass(what.span, false);
      case 'ask': {
        const sentAt = clock.running();
        work(what.out);
        const token = await tokenOf(
          relay,
          world.truth + (lies ? what.lie : 2 * RADIUS * what.error - RADIUS),
        );
        work(what.back);
        const receivedAt = clock.running();
        const see = () => {
          host.see({ token, sentAt, receivedAt, boot: clock.boot() });
          known.answered(relay, token, receivedAt - sentAt);
        };
        coming = { relay, token, passive: false, see };
        return;
      }
      case 'hear': {
        const token = await tokenOf(relay, world.truth + (lies ? what.lie : -what.age));
        const see = () => {
          host.see({ token, passive: true, at: clock.running(), boot: clock.boot() });
          known.heard(relay, token);
        };
        coming = { relay, token, passive: true, see };
        return;
      }
      case 'note':
        return note();
      case 'restart':
        if (what.clean) note();
        else known.crashed();
        pass(what.idle);
        return start();
      case 'reboot':
        if (what.clean) note();
        else known.crashed();
        boot(what.off);
        pass(what.idle);
        return start();
      case 'snapshot':
        note();
        snapshot = { disk, restore: known.mark() };
        return;
      case 'restore':
        disk = snapshot.disk;
        snapshot.restore();
        if (what.reboots) boot(HOUR);
        return start();
    }
  }

  return {
    get told() {
      return coming;
    },
    get truth() {
      return world.truth;
    },
    get running() {
      return world.running;
    },
    view: (wall) => read(wall, 'none'),
    rtc: (wall) => read(wall, 'rtc'),
    begin: happen,
    end() {
      coming?.see();
      if (coming !== null) note();
    },
    reference: known,
  };
}

function rosterOf(lyingRelays: number, relays: readonly PublicKey[]): Roster {
  const classes = new Map([
    ['none', { clock: 'none' }],
    ['rtc', { clock: 'rtc' }],
  ]);
  const policy = { lyingRelays, relays: relays.map((key) => ({ url: '', key })), classes };
  return { members: new Map(), policy } as unknown as Roster;
}

async function tokenOf(relay: number, midpoint: number): Promise<TimeToken> {
  const at = BigInt(Math.round(midpoint));
  const key = keys[relay] as PublicKey;
  const srep = encodeSignedTime({
    version: PROFILES.v1.version,
    // Whole seconds are signed: an honest relay's radius covers what rounding adds.
    radius: RADIUS + 1,
    midpoint: at,
    versions: [PROFILES.v1.version],
    root: new Uint8Array(32),
    head: null,
  });
  const dele = encodeDelegation({ key: new Uint8Array(32), from: at, until: at });
  const bytes = encodeGossip({ signature: EMPTY, srep, cert: encodeCertificate(dele, EMPTY) });
  const trust = { key, profile: PROFILES.v1, maxDelegation: seconds(1) };
  const verdict = await verifyGossip(BELIEVING, bytes, trust);
  if (!verdict.ok) throw new Error(verdict.reason);
  return verdict.value;
}
