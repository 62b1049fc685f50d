import type { LeaseOver } from '../engine/effect.ts';
import type { AgentLine } from './agent-line.ts';
import type { AgentClient } from './client.ts';
import { deferred } from './deferred.ts';
import { keepLease } from './lease-keeping.ts';
import { type Grant, giveBack } from './lease-taking.ts';
import { sayingActive } from './saying-active.ts';

/** How a lease ends: given back by whoever had it, over by time or with its place lost, taken away by an administrator, or taken back since its tool was not in use. */
export type LeaseEnd = LeaseOver;

/** The way into a lease, for this library alone. */
export const HOLD: unique symbol = Symbol('hold');

/** A seat that this process holds, whatever becomes of the agent or the connection in between. */
export interface HeldLease {
  /** What people see of it in `leasehold lease list`. */
  readonly id: string;
  readonly feature: string;
  readonly user: string;
  /** When it ends at the latest, in seconds of signed time since 1970; later after each renewal. */
  readonly end: number;
  /** A JWT signed by this host (RFC 7519, EdDSA), that can be checked offline; a new one after each renewal. */
  readonly token: string | null;
  /** Resolves when a new version waits for this seat: give it back soon. Also when it is over. */
  readonly drains: Promise<void>;
  /** Resolves when it is over, and how. */
  readonly ended: Promise<LeaseEnd>;
  /**
   * Says that this program is in use; made to be called with every key and click, it asks the agent only now and then.
   * Where the feature has a `timeout`, a seat is taken back from a program that has said so once and then is silent for so long.
   */
  active(): void;
  readonly [HOLD]: Hold;
}

/** What can be done with a lease. */
interface Hold {
  readonly borrowed: boolean;
  giveBack(): Promise<void>;
  /** Keeps it attached no longer, without giving it back. */
  letGo(): void;
}

/** Keeps a lease that was granted over this connection; calls when it is over. */
export function heldLease(line: AgentLine, agent: AgentClient, granted: Grant, over: () => void): HeldLease {
  const { feature, id, tie, user } = granted.lease;
  const drains = deferred<void>();
  const ended = deferred<LeaseEnd>();
  let now = granted;
  const kept = keepLease(
    {
      reconnect: line.agent,
      onceGone: line.onceGone,
      after: (span, then) => {
        const timer = setTimeout(then, 1000 * span);
        return () => clearTimeout(timer);
      },
      renewed: (grant) => {
        now = grant;
      },
      tell: (state) => {
        if (state === 'draining') drains.resolve();
        else if (state !== 'granted' && state !== 'orphaned') finish(state);
      },
    },
    agent,
    granted.lease,
  );
  const saying = sayingActive({
    after: (span, then) => {
      const timer = setTimeout(then, 1000 * span);
      // It must not keep a program running that has come to its end.
      timer.unref();
      return () => clearTimeout(timer);
    },
    tell: async () => {
      const agent = await line.agent();
      const answer = await agent.request('command', { command: { do: 'active', lease: id } });
      return answer.ok && answer.kind === 'active' ? answer.within : null;
    },
  });
  function finish(how: LeaseEnd): void {
    kept.stop();
    saying.stop();
    drains.resolve();
    ended.resolve(how);
    over();
  }
  return {
    ...{ id, feature, user },
    get end() {
      return now.lease.end;
    },
    get token() {
      return now.token;
    },
    drains: drains.promise,
    ended: ended.promise,
    active: saying.say,
    [HOLD]: {
      borrowed: tie === 'borrow',
      letGo() {
        kept.stop();
        saying.stop();
      },
      async giveBack() {
        kept.stop();
        saying.stop();
        await giveBack(await line.agent(), id, null);
        finish('returned');
      },
    },
  };
}
