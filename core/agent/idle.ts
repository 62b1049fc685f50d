/** When an agent that nobody needs may go. */
export interface IdlePolicy {
  /** Milliseconds without need after which it goes; 0 for never, as a service. */
  readonly after: number;
  /** Milliseconds from its start for which it waits for its first client in any case. */
  readonly grace: number;
}

/** Looks this often, at most. */
const MAX_STEP = 1000;
const MIN_STEP = 5;

/** Calls `go` once the agent has been idle without a break for as long as the policy says. */
export function idleWatch(policy: IdlePolicy, isIdle: () => boolean, go: () => void): { stop(): void } {
  if (policy.after <= 0) return { stop: () => undefined };
  let since: number | null = null;
  const started = performance.now();
  const step = Math.min(MAX_STEP, Math.max(MIN_STEP, policy.after / 4));
  const timer = setInterval(() => {
    const now = performance.now();
    if (!isIdle() || now - started < policy.grace) since = null;
    else since ??= now;
    if (since !== null && now - since >= policy.after) {
      clearInterval(timer);
      go();
    }
  }, step);
  return { stop: () => clearInterval(timer) };
}
