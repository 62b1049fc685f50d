import { awarenessBoard } from '../adapters/awareness.ts';
import { systemClock } from '../adapters/clock-system.ts';
import { counterFile } from '../adapters/counter-file.ts';
import { nodeCrypto } from '../adapters/crypto-node.ts';
import { peculiarSubtle } from '../adapters/crypto-peculiar.ts';
import { signerOf } from '../adapters/crypto-webcrypto.ts';
import { exportPkcs8 } from '../adapters/identity.ts';
import { loadIdentity } from '../adapters/identity-file.ts';
import { isRunning } from '../adapters/process-probe.ts';
import { systemRandom } from '../adapters/random.ts';
import type { AgentEvent } from '../engine/effect.ts';
import { creditedFeatures } from '../engine/idle-seats.ts';
import { pendingVersion } from '../engine/model.ts';
import type { Signer, Store } from '../ports.ts';
import { openRuntime, type Runtime } from '../runtime/runtime.ts';
import { fromHex, toHex } from '../units.ts';
import type { AgentOptions, StopReason } from './agent-options.ts';
import { agentAnswers } from './answers.ts';
import { coalesce } from './coalesce.ts';
import { dataPaths } from './data-directory.ts';
import { oneTimeSigner } from './invitation.ts';
import { leaseTokens } from './lease-tokens.ts';
import { mayStillBeTaken } from './newcomer.ts';
import { ownState, peerStates, peersOf, withoutOffers } from './peer-states.ts';
import { loadPresence } from './presence.ts';
import type { JoinReport } from './protocol.ts';
import { openingRecords, type RealmFile } from './realm-file.ts';
import { type RelayLinks, relayLinks } from './relay-links.ts';
import type { ReportContext } from './reports/context.ts';
import { joinOf } from './reports/status.ts';
import { loadScheduler, type Scheduler } from './scheduler.ts';
import type { AgentServer, Answers } from './server.ts';
import { loadTimeChain } from './time-chain.ts';
import { VERSION } from './version.ts';

/** What an agent runs behind its socket: the runtime, its links to relays, its duties. */
export interface Host {
  readonly runtime: Runtime;
  readonly answers: Answers;
  /** Whether there are leases, a queue, a rollout or a schedule to stay for. */
  isBusy(): boolean;
  /** Something that clients may want to look at has changed. */
  changed(): void;
  /** Sends what came from other hosts and is idle here back to them, where it is of use while no agent runs here. */
  sendBack(): Promise<void>;
  /** Closes everything, the store last. */
  close(): Promise<void>;
}

/** What a host needs beside the options of its agent. */
interface HostOptions extends Omit<AgentOptions, 'socket'> {
  readonly realm: RealmFile;
  readonly store: Store;
  readonly server: AgentServer;
  stop(reason: StopReason): void;
}

const TICK_EVERY = 1000;
/** Milliseconds between two pushes of `state`. */
const STATE_EVERY = 250;
const TICKS_PER_SAVE = 60;
/** Bytes of the random name by which this process is told from others under its log. */
const RUN_BYTES = 8;

/** Opens the host on its store. Throws Fault IDENTITY_LOCKED, STORE_CORRUPT and those of the store. */
export async function openHost(options: HostOptions): Promise<Host> {
  const { dataDir, note, realm, server, store } = options;
  const { key, log } = realm;
  const paths = dataPaths(dataDir);
  const clock = systemClock();
  const subtle = await peculiarSubtle();
  const identity = await loadIdentity(dataDir, key, options.passphrase);
  const signer = signerOf(subtle, identity);
  const tokens = leaseTokens(realm.realm, await exportPkcs8(subtle, identity));
  const presence = await loadPresence(paths.presence);
  const chain = await loadTimeChain(store, { crypto: nodeCrypto, random: systemRandom });
  const counters = counterFile(options.stateDir, realm.realm);
  const failed = (error: unknown) => note('failed', { error });
  const changed = coalesce(STATE_EVERY, () => {
    server.push('all', { event: 'state' });
    say();
    if (isInTouch() !== wasInTouch) void meet();
  });
  let links: RelayLinks | null = null;
  let wasInTouch = false;
  const isInTouch = () => links?.shown().some(({ state }) => state === 'synced') ?? false;
  const run = systemRandom.bytes(RUN_BYTES);
  const board = awarenessBoard({ log, run: toHex(run) }, clock, {
    send: (update) => links?.present(update),
    changed: () => void meet(),
    twin: () => void runtime.meetTwin(run),
  });
  // Presence outlasts the relay that brought it: a checkout would wait for answers that nobody can send.
  function meet(): Promise<void> {
    wasInTouch = isInTouch();
    const peers = peersOf(peerStates(board.others()));
    return runtime.meet(wasInTouch ? peers : withoutOffers(peers));
  }
  let said = '';
  function say(): void {
    const state = ownState(runtime.model);
    const text = JSON.stringify(state);
    if (text !== said) board.say(state);
    said = text;
  }

  function tell(to: number | 'all', event: AgentEvent): void {
    server.push(to, event.event === 'granted' ? { ...event, token: tokens.of(event.lease) } : event);
  }

  const opening = openRuntime({
    ...{ store, crypto: nodeCrypto, signer, clock, realm: realm.realm, log },
    opening: openingRecords(realm),
    probe: async ({ process: { pid, startTime } }) => pid !== null && !isRunning(pid, startTime),
    counter: { read: () => counters.read(log), write: (next) => counters.raise(log, next) },
    event: (to, event) => {
      tell(to, event);
      changed();
    },
    // Signing takes as long as the disk does: side by side they cost a checkout nothing more.
    coming: tokens.prepare,
    publish: (bytes) => links?.publish(bytes),
    fault: (error) => {
      failed(error);
      options.stop('failed');
    },
  });
  const runtime = await opening.catch((fault: unknown) => {
    // Its timer would keep a process alive that has nothing to serve.
    board.close();
    throw fault;
  });
  links = relayLinks({
    ...{ relays: realm.relays, realm: realm.realm, log, signer, once: await onceOf(realm) },
    ...{ runtime, clock, crypto: nodeCrypto, random: systemRandom, chain, board, changed, failed },
    heard: (logs) => {
      // Of this host's own log only what a relay has confirmed counts: see `noteJoin`.
      for (const each of logs) if (each !== log) presence.note(each, clock.wall());
    },
  });
  const scheduler = await loadScheduler({
    ...{ path: paths.schedule, timeZone: options.timeZone, wall: clock.wall },
    submit: (command) => runtime.submit(NO_CLIENT, command),
    changed,
  });
  // Without a relay there is nobody to compare with but the counter, which the runtime has read.
  if (links.shown().length === 0) await runtime.compared();
  await runtime.tick();

  function noteRestrictions(): void {
    for (const id of runtime.model.state.membership.evidence.revocations.keys()) {
      presence.firstSeen(id, clock.wall());
    }
  }

  const wasKept = () => presence.lastSeen(log) !== null;

  /** A relay that is down when this host starts again cannot say again that it has taken the join. */
  function noteJoin(): Promise<void> | null {
    if (realm.once === null || wasKept() || links?.join()?.state !== 'kept') return null;
    presence.note(log, clock.wall());
    return presence.save();
  }

  function joinNow(): JoinReport | null {
    if (realm.once === null) return null;
    return links?.join() ?? { state: wasKept() ? 'kept' : 'waiting' };
  }

  let ticks = 0;
  let ticking: Promise<void> | null = null;
  async function tick(): Promise<void> {
    ticks += 1;
    await runtime.tick();
    links?.tick();
    await scheduler.tick();
    noteRestrictions();
    await noteJoin();
    say();
    if (ticks % TICKS_PER_SAVE === 0) await presence.save();
  }
  const timer = setInterval(() => {
    ticking ??= tick()
      .catch(failed)
      .finally(() => {
        ticking = null;
      });
  }, TICK_EVERY);

  const context = (): ReportContext => ({
    ...{ pid: process.pid, version: VERSION, mode: options.mode, clients: server.count() },
    ...{ principal: realm.principal, wall: clock.wall() },
    relays: links?.shown() ?? [],
    schedule: scheduled(scheduler.report()),
    join: joinNow(),
    remarks: links?.remarks() ?? [],
    lastSeen: presence.lastSeen,
    firstSeen: (restriction) => presence.firstSeen(restriction, clock.wall()),
    peers: () => (isInTouch() ? peerStates(board.others()) : new Map()),
    signedBy: (relay) => links?.signedBy(relay) ?? null,
  });

  /** Nobody else would take the join to a relay that comes back. */
  function isJoining(): boolean {
    const join = joinOf(runtime.model, context());
    return join !== null && mayStillBeTaken(join);
  }

  return {
    runtime,
    changed,
    answers: agentAnswers({
      ...{ runtime, crypto: nodeCrypto, scheduler, tokens, chain, signer, context, changed },
      stop(force) {
        const open = runtime.model.leases.size;
        if (open > 0 && !force) return open === 1 ? 'one lease is open' : `${open} leases are open`;
        // After the answer is on its way.
        setImmediate(() => options.stop('asked'));
        return null;
      },
    }),
    async sendBack() {
      for (const feature of creditedFeatures(runtime.model)) {
        await runtime.submit(NO_CLIENT, { do: 'surrender', feature });
      }
    },
    isBusy: () => isBusy(runtime) || scheduler.isSet || isJoining(),
    async close() {
      clearInterval(timer);
      changed.stop();
      await ticking;
      await noteJoin()?.catch(failed);
      await links?.close();
      board.close();
      await presence.save().catch(failed);
      await runtime.close();
    },
  };
}

function scheduled({ cron, ...rest }: ReturnType<Scheduler['report']>): ReportContext['schedule'] {
  return cron === null ? null : { cron, ...rest };
}

/** The client that nobody is: the agent's own duties. */
const NO_CLIENT = 0;

function isBusy({ model }: Runtime): boolean {
  return model.leases.size > 0 || model.queue.length > 0 || pendingVersion(model) !== null;
}

async function onceOf({ once }: RealmFile): Promise<Signer | null> {
  return once === null ? null : oneTimeSigner({ seed: fromHex(once) });
}
