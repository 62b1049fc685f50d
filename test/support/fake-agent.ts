import type { VersionReport } from '../../core/agent/config-report.ts';
import type {
  AnswerReport,
  Methods,
  PushedEvent,
  RelayReport,
  StatusReport,
} from '../../core/agent/protocol.ts';
import type { RestrictedReport } from '../../core/agent/rollout-report.ts';
import type { AgentConnection } from '../../core/cli/io.ts';
import type { Command } from '../../core/engine/input.ts';

type Answers = {
  readonly [M in keyof Methods]?: (params: Methods[M]['params']) => Methods[M]['result'];
};

/** An agent that answers from a table, keeps the commands that it was sent, and pushes what a test tells it to. */
export interface FakeAgent extends AgentConnection {
  readonly commands: Command[];
  readonly asked: (keyof Methods)[];
  readonly isClosed: boolean;
  /** Breaks the connection, as an agent does that ends. */
  cut(): void;
  push(event: PushedEvent): void;
}

/** Signed time, as every fake agent says it. */
export const RELAY_TIME = 1_900_000_000.4;

/** A relay that is well. */
export const RELAY: RelayReport = {
  ...{ url: 'wss://relay.example', state: 'synced', detail: 'ok 34 ms' },
  ...{ since: 1_899_999_000, time: 'signed', timeDetail: null },
};

/** What an agent says of a version of which nothing else matters. */
export function versionOf(version: number): VersionReport {
  return {
    ...{ version, generation: 0, id: 'ab', parent: null, author: null },
    ...{ message: '', content: null, ackers: [] },
  };
}

/** What an agent says of a host whose revocation an issuer signed an hour ago. */
export const REVOKED: RestrictedReport = {
  ...{ id: 'ws02', member: 'host', kind: 'revoked', by: 'lab-3' },
  ...{ reason: 'stolen', since: 1_899_996_400, seatsUntil: 1_900_540_800 },
};

/** The state of a host on which nothing is going on. */
export const QUIET: StatusReport = {
  realm: { id: 'ab'.repeat(32), name: 'Fern Lab' },
  host: { id: 'lab-3', name: 'Lab 3', log: 77, class: 'lab', roles: ['issuer', 'voter'] },
  agent: { pid: 4711, version: '0.1.0', clients: 3, mode: 'on-demand' },
  relay: RELAY,
  relays: [RELAY],
  time: {
    lower: 1_900_000_000,
    upper: 1_900_000_001,
    offlineAge: 12,
    maxOffline: 3_888_000,
    conflict: false,
    wall: 1_900_000_001.3,
    relays: [{ key: 'cd'.repeat(32), midpoint: 1_900_000_000 }],
  },
  join: null,
  newcomers: [],
  schedule: null,
  restricted: [],
  newest: 42,
  applied: 42,
  draining: false,
  pending: null,
  leases: [],
  waiting: 0,
  overdrawn: [],
  records: 10,
  alarms: [],
};

/** Makes one; what is not in the table is answered as on a quiet host, every command with `done`, and foreseen as answered. */
export function fakeAgent(
  answers: Answers = {},
  answerTo: (command: Command) => AnswerReport | Promise<AnswerReport> = () => ({ ok: true, kind: 'done' }),
): FakeAgent {
  const listeners = new Set<(event: PushedEvent) => void>();
  const commands: Command[] = [];
  const asked: (keyof Methods)[] = [];
  let isClosed = false;
  let cut: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    cut = resolve;
  });
  const usual: Answers = {
    status: () => QUIET,
    time: () => QUIET.time,
    leases: () => QUIET.leases,
    rollout: () => null,
    versions: () => [],
    overview: () => ({ features: [], hosts: [], next: null }),
    unsigned: () => [],
    features: () => [],
    usage: () => ({ entries: [], next: null }),
    capacity: () => ({ features: {}, members: [] }),
    registry: () => ({ registry: { hosts: {}, people: {}, policy: { issuers: 1, liars: 0 } }, base: 42 }),
    stop: () => ({ stopping: true, reason: null }),
    schedule: () => ({ cron: null, message: '', next: null, last: null }),
  };
  return {
    commands,
    asked,
    closed,
    cut: () => cut(),
    get isClosed() {
      return isClosed;
    },
    push: (event) => {
      for (const listener of [...listeners]) listener(event);
    },
    relayTime: () => RELAY_TIME,
    request: async (method, params) => {
      asked.push(method);
      if (method === 'command') {
        const { command } = params as Methods['command']['params'];
        commands.push(command);
        return (await answerTo(command)) as Methods[typeof method]['result'];
      }
      if (method === 'foresee' && answers.foresee === undefined) {
        const answer = await answerTo((params as Methods['foresee']['params']).command);
        const foreseen: Methods['foresee']['result'] = answer.ok ? { ok: true, kind: 'recorded' } : answer;
        return foreseen as Methods[typeof method]['result'];
      }
      const answer = answers[method] ?? usual[method];
      if (answer === undefined) throw new Error(`the fake agent has no answer to ${method}`);
      return answer(params);
    },
    on: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      isClosed = true;
      cut();
    },
  };
}
