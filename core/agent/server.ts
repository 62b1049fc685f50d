import { randomBytes } from 'node:crypto';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Answer } from '../engine/effect.ts';
import { Fault } from '../errors.ts';
import { agentProof, clientProof, isProof } from './agent-file.ts';
import { Audience } from './audience.ts';
import { METHODS, readParams } from './params.ts';
import { type HelloParams, type HelloResult, type Methods, PROTOCOL, type PushedEvent } from './protocol.ts';
import { RequestRefused, toResponseError } from './request-error.ts';

/** A request's answer: every method but `hello`, for a client that has said it. */
export type Answers = {
  readonly [M in Exclude<keyof Methods, 'hello'>]: (
    params: Methods[M]['params'],
    client: number,
  ) => Methods[M]['result'] | Promise<Methods[M]['result']>;
};

/** What the server needs of the agent behind it. */
interface ServerOptions {
  readonly secret: string;
  readonly version: string;
  readonly host: string;
  readonly realm: string;
  /** Resolves when the agent can answer; a rejection is what clients are told. */
  readonly ready: Promise<Answers>;
  /** Signed time that is certainly past; null without one. */
  relayTime(): number | null;
  /** A client's connection is gone. */
  gone(client: number): void;
  /** A client came or went. */
  changed(): void;
  /** A bug or a fault that a request met. */
  failed(method: string, error: unknown): void;
}

/** The clients of an agent. */
export interface AgentServer {
  /** Registers the handlers of a new connection. */
  readonly prepare: (connection: MessageConnection) => void;
  /** How many clients have said hello. */
  count(): number;
  push(to: number | 'all', event: PushedEvent): void;
}

/** Serves the methods of the protocol to any number of connections; each says `hello` first. */
export function agentServer(options: ServerOptions): AgentServer {
  const clients = new Map<number, MessageConnection>();
  const audience = new Audience();
  let next = 1;

  function prepare(connection: MessageConnection): void {
    const client = next;
    let isOpen = true;
    next += 1;
    const handle = <M extends keyof Methods>(method: M, work: (params: Methods[M]['params']) => unknown) => {
      connection.onRequest(method, async (params: unknown) => {
        try {
          const read = readParams(method, params);
          if (!read.ok) throw new RequestRefused('invalid-params', read.detail ?? method);
          return await work(read.value);
        } catch (error) {
          if (!(error instanceof RequestRefused)) options.failed(method, error);
          throw toResponseError(error);
        }
      });
    };
    handle('hello', async (params) => {
      const greeting = greet(params, options);
      await options.ready;
      const result = { ...greeting, relayTime: options.relayTime() };
      // Whoever waited no longer than this is gone already, and nothing would ever take him off again.
      if (!isOpen) return result;
      clients.set(client, connection);
      audience.come(client, params.leases === 'own');
      options.changed();
      return result;
    });
    for (const method of METHODS) {
      handle(method, async (params) => {
        // Without a proof nobody is told anything: on Windows any user may open the pipe.
        if (!clients.has(client)) throw new RequestRefused('hello-first', `say hello before ${method}`);
        const answers = await options.ready;
        const answer = answers[method] as (asked: unknown, client: number) => unknown;
        const result = await answer(params, client);
        if (method === 'command') audience.given(client, result as Answer);
        return result;
      });
    }
    connection.onClose(() => {
      isOpen = false;
      if (!clients.delete(client)) return;
      audience.go(client);
      options.gone(client);
      options.changed();
    });
  }

  return {
    prepare,
    count: () => clients.size,
    push(to, event) {
      for (const client of audience.of(to, event)) {
        const connection = clients.get(client);
        // A client that goes at this moment is told by its closing.
        if (connection !== undefined) notify(connection, event).catch(() => undefined);
      }
    },
  };
}

/** Rejects where sending alone throws at once, into the turn whose news this is. */
async function notify(connection: MessageConnection, event: PushedEvent): Promise<void> {
  await connection.sendNotification(event.event, event);
}

function greet(params: HelloParams, { host, realm, secret, version }: ServerOptions): HelloResult {
  if (!isProof(params.proof, clientProof(secret, params.nonce))) {
    throw new Fault('AGENT_UNAVAILABLE', { detail: 'the client does not know the secret of agent.json' });
  }
  const [lowest, highest] = params.protocol;
  const protocol = Math.min(highest, PROTOCOL[1]);
  if (protocol < Math.max(lowest, PROTOCOL[0])) {
    const detail = `the client speaks ${lowest} to ${highest}, this agent ${PROTOCOL[0]} to ${PROTOCOL[1]}`;
    throw new Fault('AGENT_PROTOCOL', { detail });
  }
  const nonce = randomBytes(32).toString('hex');
  const proof = agentProof(secret, params.nonce, nonce);
  return { protocol, version, pid: process.pid, nonce, proof, host, realm };
}
