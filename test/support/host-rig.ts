import assert from 'node:assert/strict';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { foundingRegistry, foundRealm, sealed } from '../../core/agent/founding.ts';
import type { ReportContext } from '../../core/agent/reports/context.ts';
import type { AgentEvent, Answer } from '../../core/engine/effect.ts';
import type { Command } from '../../core/engine/input.ts';
import type { Signer } from '../../core/ports.ts';
import type { RuntimeOptions } from '../../core/runtime/options.ts';
import { openRuntime, type Runtime } from '../../core/runtime/runtime.ts';
import type { RegistryImport } from '../../core/state/registry.ts';
import { mergeRegistry } from '../../core/state/registry-merge.ts';
import type { Hash, LogId, PrincipalId } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import type { Role } from '../../core/wire/roles.ts';
import { type TestClock, testClock } from './clock.ts';
import { nodeCrypto, testSigner } from './keys.ts';
import { relayKey, testToken } from './tokens.ts';

/** 2030-06-01T12:00:00Z, in the middle of the test realm's periods. */
export const MIDYEAR = 1_906_545_600;

/** A host that runs in memory. */
export interface RigHost {
  readonly id: PrincipalId;
  readonly log: LogId;
  readonly signer: Signer;
  readonly runtime: Runtime;
  readonly clock: TestClock;
  readonly events: AgentEvent[];
  submit(command: Command): Promise<Answer>;
  /** Lets a relay sign this moment. */
  tellTime(): Promise<void>;
}

const REALM_IMPORT: RegistryImport = {
  people: { ana: { name: 'Ana' }, bo: { name: 'Bo' } },
  software: { cad: { name: 'CAD' } },
  features: {
    draw: { name: 'Drawing', software: 'cad', seats: 3 },
    print: { name: 'Printing', software: 'cad', seats: 1 },
    plot: { name: 'Plotting', software: 'cad', seats: 1 },
  },
  periods: {
    draw: { feature: 'draw', from: '2030-01-01', until: '2030-12-31' },
    old: { feature: 'print', from: '2029-01-01', until: '2029-12-31' },
  },
};

/** What a test puts in the place of the rig's own ports. */
export type RigPorts = Partial<
  Pick<RuntimeOptions, 'store' | 'probe' | 'counter' | 'event' | 'publish' | 'fault'>
>;

/** A realm whose founder is the host `ws01`: issuer, voter, editor. */
export async function foundedHost(
  changes: RegistryImport = {},
  ports: RigPorts & Partial<Pick<RuntimeOptions, 'crypto'>> = {},
): Promise<RigHost> {
  const signer = testSigner('ws01');
  const log = 101 as LogId;
  const founding = {
    ...{ name: 'Optics lab', log, person: null, roles: [] },
    host: { id: 'ws01' as PrincipalId, name: 'Workstation 1', class: 'office' },
    relays: [{ url: 'ws://relay.lab.example', key: relayKey(1), token: null }],
    recovery: { keys: [testSigner('recovery').key], threshold: 1 },
  };
  const registry = mergeRegistry(foundingRegistry(founding, signer.key), { ...REALM_IMPORT, ...changes });
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
  const { realm, records } = await foundRealm(founding, registry, signer, random);
  return rigHost({ id: founding.host.id, realm, log, signer, opening: records }, ports);
}

/** The same host after a restart of its agent, on what these ports hold. */
export function reopenedHost({ id, log, runtime, signer }: RigHost, ports: RigPorts): Promise<RigHost> {
  const { realm } = runtime.model.state.ledger;
  return rigHost({ id, realm, log, signer, opening: [] }, ports);
}

/** A host that the founder invites; its join reaches the founder with `exchange`. */
export async function invitedHost(
  founder: RigHost,
  name: string,
  log: number,
  roles: readonly Role[] = ['voter'],
  seed = name,
  hostClass = 'office',
): Promise<RigHost> {
  const [once, signer] = [testSigner(`${seed}/once`), testSigner(seed)];
  const { realm } = founder.runtime.model.state.ledger;
  const [id, place] = [name as PrincipalId, log as LogId];
  const invited = await founder.submit({
    ...{ do: 'invite', log: place, key: once.key, kind: 'host', id, name: `Workstation ${name}` },
    ...{ class: hostClass, roles, until: seconds(MIDYEAR + 86_400) },
  });
  assert.equal(invited.ok, true);
  const body = { key: signer.key, proof: await once.sign(joinBytes(realm, place, signer.key)) };
  const first = await sealed(signer, { realm, log: place, seq: 0, prev: NO_HASH }, 'join', body);
  return rigHost({ id, realm, log: place, signer, opening: [first] });
}

/** Lets every host have what the others have, until nothing is new. */
export async function exchange(...hosts: readonly RigHost[]): Promise<void> {
  for (let moved = true; moved; ) {
    moved = false;
    for (const to of hosts) {
      for (const from of hosts) {
        const before = to.runtime.model.state.ledger.size;
        for (const update of from.runtime.lackedBy(to.runtime.stateVector())) await to.runtime.update(update);
        moved ||= to.runtime.model.state.ledger.size > before;
      }
    }
  }
}

/** A checkout by a tool of a user. */
export function checkoutOf(feature: string, user: string, id: string): Command {
  const process = { tool: 'drafter', pid: 4802, startTime: null };
  const request = { feature, user, process, tie: 'connection', wait: false } as const;
  return { do: 'checkout', request, id, secret: 's'.repeat(32) };
}

/** What reports are given of the agent around the model. */
export function reportContext(seen: ReadonlyMap<number, number> = new Map()): ReportContext {
  return {
    ...{ pid: 4711, version: '0.1.0', mode: 'on-demand', clients: 3, principal: 'ws01' },
    relays: [
      {
        ...{ url: 'ws://relay.lab.example', state: 'synced', detail: null },
        ...{ since: MIDYEAR - 600, time: 'signed', timeDetail: null },
      },
    ],
    join: null,
    schedule: null,
    remarks: [],
    wall: seconds(MIDYEAR),
    lastSeen: (log) => {
      const at = seen.get(log);
      return at === undefined ? null : seconds(at);
    },
    firstSeen: () => seconds(MIDYEAR - 60),
    peers: () => new Map(),
    signedBy: () => seconds(MIDYEAR),
  };
}

interface RigSelf {
  readonly id: PrincipalId;
  readonly realm: Hash;
  readonly log: LogId;
  readonly signer: Signer;
  readonly opening: readonly Uint8Array[];
}

async function rigHost(options: RigSelf, ports: RigPorts = {}): Promise<RigHost> {
  const { id, log, opening, realm, signer } = options;
  const clock = testClock(MIDYEAR);
  const events: AgentEvent[] = [];
  let counted = 0;
  const runtime = await openRuntime({
    ...{ store: memoryStore(), crypto: nodeCrypto, signer, clock, realm, log, opening },
    probe: async () => false,
    counter: {
      read: async () => counted,
      write: async (next) => {
        counted = next;
      },
    },
    event: (_, event) => void events.push(event),
    publish: () => undefined,
    fault: (error) => {
      throw error;
    },
    ...ports,
  });
  await runtime.compared();
  return {
    ...{ id, log, signer, runtime, clock, events },
    submit: (command) => runtime.submit(1, command),
    async tellTime() {
      const running = clock.running();
      const token = testToken(relayKey(1), clock.wall());
      await runtime.see({ token, sentAt: running, receivedAt: running, boot: clock.boot() });
    },
  };
}
