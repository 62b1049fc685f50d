import assert from 'node:assert/strict';
import { join } from 'node:path';
import { checkout, connect, Fault, isFault, release, type Wish } from 'leasehold';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { listen } from '../../core/adapters/rpc-socket.ts';
import { writeAgentFile } from '../../core/agent/agent-file.ts';
import type { AnswerReport, LeaseReport } from '../../core/agent/protocol.ts';
import { type AgentServer, type Answers, agentServer } from '../../core/agent/server.ts';
import type { Command } from '../../core/engine/input.ts';
import type { Lease } from '../../core/engine/lease.ts';
import { type Hash, type PrincipalId, seconds } from '../../core/units.ts';
import { withTempDir } from '../support/temp-dir.ts';

/** An agent that answers commands as a test says, on a real socket. */
interface Desk {
  readonly dataDir: string;
  readonly server: AgentServer;
  readonly commands: Command[];
  /** Breaks every connection. */
  cut(): void;
}

type AnswerTo = (command: Command, desk: Desk) => AnswerReport | Promise<AnswerReport>;

const WISH: Wish = { feature: 'sim.pro', user: 'ana', tool: 'plotter' };
const NEVER = new Promise<never>(() => undefined);

function withDesk(
  answerTo: AnswerTo,
  work: (desk: Desk) => Promise<void>,
  leases: () => readonly LeaseReport[] = () => [],
): Promise<void> {
  return withTempDir(async (dataDir) => {
    const connections = new Set<MessageConnection>();
    const commands: Command[] = [];
    const answers = {
      leases,
      command: ({ command }: { readonly command: Command }) => {
        commands.push(command);
        return answerTo(command, desk);
      },
    } as unknown as Answers;
    const secret = 'ab'.repeat(32);
    const server = agentServer({
      ...{ secret, version: '0.1.0', host: 'ws-01', realm: 'cd'.repeat(32), ready: Promise.resolve(answers) },
      ...{ relayTime: () => null, gone: () => undefined, changed: () => undefined, failed: () => undefined },
    });
    const desk: Desk = {
      ...{ dataDir, server, commands },
      cut: () => {
        for (const connection of connections) connection.end();
        connections.clear();
      },
    };
    const socket = join(dataDir, 's');
    const prepare = (connection: MessageConnection) => {
      connections.add(connection);
      server.prepare(connection);
    };
    const listening = await listen(socket, prepare, { removeStale: false });
    await writeAgentFile(dataDir, { pid: process.pid, version: '0.1.0', socket, secret });
    try {
      await work(desk);
    } finally {
      await listening.close();
    }
  });
}

function leaseOf(command: Command & { readonly do: 'checkout' }, end = 2_000_000_000): Lease {
  const { id, request, secret } = command;
  return {
    ...{ id, secret, feature: request.feature, user: request.user as PrincipalId, process: request.process },
    ...{
      tie: request.until === undefined ? request.tie : 'borrow',
      host: 'ws-01' as PrincipalId,
      version: 2,
    },
    ...{ versionId: 'ef'.repeat(32) as Hash, since: seconds(1_900_000_000), end: seconds(end) },
  };
}

/** Gives every lease that is asked for and knows it again. */
function generous(): AnswerTo {
  const leases = new Map<string, Lease>();
  return (command) => {
    if (command.do === 'checkout') leases.set(command.id, leaseOf(command));
    const id = command.do === 'checkout' ? command.id : command.do === 'attach' ? command.lease : '';
    const lease = leases.get(id);
    if (lease !== undefined) return { ok: true, kind: 'lease', lease, token: `token of ${id}` };
    return command.do === 'return'
      ? { ok: true, kind: 'returned', leases: [command.lease] }
      : { ok: false, reason: 'not-found', detail: '' };
  };
}

const open = (dataDir: string) => connect({ dataDir, socket: join(dataDir, 's'), spawn: false });
const done = ({ commands }: Desk) => commands.map((command) => command.do);

describe('a seat taken through the library', () => {
  it('is asked for in the name of this process, and given back', () =>
    withDesk(generous(), async (desk) => {
      const connection = await open(desk.dataDir);
      assert.deepEqual([connection.host, connection.realm], ['ws-01', 'cd'.repeat(32)]);
      const asked = await checkout(connection, WISH);
      assert.ok(asked.ok);
      const [command] = desk.commands;
      assert.ok(command?.do === 'checkout');
      assert.equal(command.request.process.pid, process.pid);
      assert.deepEqual([asked.value.token, asked.value.end], [`token of ${command.id}`, 2_000_000_000]);
      await release(asked.value);
      assert.equal(await asked.value.ended, 'returned');
      await release(connection);
      assert.deepEqual(done(desk), ['checkout', 'return']);
      await assert.rejects(checkout(connection, WISH), (error) => isFault(error, 'AGENT_UNAVAILABLE'));
    }));

  it('is kept by a program that says that it is in use, and lost by one that has fallen silent', () => {
    const give = generous();
    return withDesk(
      (command, desk) =>
        command.do === 'active' ? { ok: true, kind: 'active', within: 600 } : give(command, desk),
      async (desk) => {
        const connection = await open(desk.dataDir);
        const asked = await checkout(connection, WISH);
        assert.ok(asked.ok);
        const { active, drains, ended, id } = asked.value;
        for (let key = 0; key < 100; key++) active();
        desk.server.push('all', { event: 'lease', lease: id, state: 'idle' });
        assert.equal(await ended, 'idle');
        await drains;
        active();
        await release(connection);
        assert.deepEqual(desk.commands.slice(1), [{ do: 'active', lease: id }]);
      },
    );
  });

  it('is a no with its reason where the agent says no', () =>
    withDesk(
      () => ({ ok: false, reason: 'no-seat', detail: '8 of 8' }),
      async ({ dataDir }) => {
        const connection = await open(dataDir);
        const asked = await checkout(connection, WISH);
        assert.deepEqual(asked, { ok: false, reason: 'no-seat', detail: '8 of 8' });
        await release(connection);
      },
    ));

  it('is not taken twice when the answer was lost', () => {
    const give = generous();
    return withDesk(
      (command, desk) => {
        const answer = give(command, desk);
        if (command.do !== 'checkout') return answer;
        desk.cut();
        return NEVER;
      },
      async (desk) => {
        const connection = await open(desk.dataDir);
        const asked = await checkout(connection, WISH);
        assert.ok(asked.ok);
        assert.deepEqual(done(desk), ['checkout', 'attach']);
        await release(connection);
      },
    );
  });

  it('is asked for again, under the same name, when the question was lost', () => {
    const give = generous();
    let lost = false;
    return withDesk(
      (command, desk) => {
        if (lost || command.do !== 'checkout') return give(command, desk);
        lost = true;
        desk.cut();
        return NEVER;
      },
      async (desk) => {
        const connection = await open(desk.dataDir);
        assert.ok((await checkout(connection, WISH)).ok);
        const [first, , again] = desk.commands;
        assert.deepEqual(done(desk), ['checkout', 'attach', 'checkout']);
        assert.deepEqual(again, first);
        await release(connection);
      },
    );
  });

  it('is not asked for without end from an agent that dies of it', () =>
    withDesk(
      (command, desk) => {
        if (command.do !== 'checkout') return { ok: false, reason: 'not-found', detail: '' };
        desk.cut();
        return NEVER;
      },
      async (desk) => {
        const connection = await open(desk.dataDir);
        await assert.rejects(checkout(connection, WISH), (error) => isFault(error, 'AGENT_UNAVAILABLE'));
        assert.equal(done(desk).filter((what) => what === 'checkout').length, 11);
        await release(connection);
      },
    ));

  it('has a later end and a new token when it is renewed', () => {
    const give = generous();
    return withDesk(
      async (command, desk) => {
        const answer = await give(command, desk);
        if (command.do !== 'attach' || !answer.ok || answer.kind !== 'lease') return answer;
        return { ...answer, lease: { ...answer.lease, end: seconds(2_000_086_400) }, token: 'renewed' };
      },
      async (desk) => {
        const connection = await open(desk.dataDir);
        const asked = await checkout(connection, WISH);
        assert.ok(asked.ok);
        const lease = asked.value;
        desk.server.push('all', { event: 'lease', lease: lease.id, state: 'granted' });
        desk.server.push('all', { event: 'lease', lease: lease.id, state: 'draining' });
        await lease.drains;
        // Answers come in the order of the questions: this one is behind that of the renewal.
        await checkout(connection, WISH);
        assert.deepEqual([lease.end, lease.token], [2_000_086_400, 'renewed']);
        await release(connection);
      },
    );
  });

  it('hears after a break that a version waits for it, though that was said while nobody listened', () => {
    let id = '';
    return withDesk(
      generous(),
      async (desk) => {
        const connection = await open(desk.dataDir);
        const asked = await checkout(connection, WISH);
        assert.ok(asked.ok);
        id = asked.value.id;
        desk.cut();
        await asked.value.drains;
        assert.deepEqual(done(desk), ['checkout', 'attach']);
        await release(connection);
      },
      () => [{ id, state: 'draining' } as LeaseReport],
    );
  });

  it('is over when it cannot be taken up again', () =>
    withDesk(
      (command) =>
        command.do === 'checkout'
          ? { ok: true, kind: 'lease', lease: leaseOf(command), token: 't' }
          : { ok: false, reason: 'not-found', detail: '' },
      async (desk) => {
        const connection = await open(desk.dataDir);
        const asked = await checkout(connection, WISH);
        assert.ok(asked.ok);
        desk.cut();
        assert.equal(await asked.value.ended, 'ended');
        await release(connection);
      },
    ));

  it('is no longer waited for when the program gives up, and given back if it came just then', () =>
    withDesk(
      (command) => {
        if (command.do === 'checkout') return { ok: true, kind: 'queued', ticket: 7, position: 3 };
        if (command.do === 'cancel') return { ok: false, reason: 'not-found', detail: 'granted' };
        return { ok: true, kind: 'returned', leases: [] };
      },
      async (desk) => {
        const connection = await open(desk.dataDir);
        const control = new AbortController();
        const places: number[] = [];
        const queued = (position: number) => {
          places.push(position);
          control.abort(new Fault('TIMED_OUT'));
        };
        const waiting = checkout(connection, { ...WISH, wait: true, queued, signal: control.signal });
        await assert.rejects(waiting, (error) => isFault(error, 'TIMED_OUT'));
        assert.deepEqual(places, [3]);
        assert.deepEqual(done(desk), ['checkout', 'cancel', 'return']);
        await release(connection);
      },
    ));

  it('is given back with its connection unless it is borrowed', () =>
    withDesk(generous(), async (desk) => {
      const connection = await open(desk.dataDir);
      const own = await checkout(connection, WISH);
      const borrowed = await checkout(connection, { ...WISH, until: 1_999_999_999 });
      assert.ok(own.ok && borrowed.ok);
      await release(connection);
      assert.deepEqual(desk.commands.slice(2), [{ do: 'return', lease: own.value.id, reason: null }]);
    }));
});
