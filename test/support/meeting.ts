import { forkShowing } from '../../core/agent/fork-showing.ts';
import type { Runtime } from '../../core/runtime/runtime.ts';

/** Two hosts tell each other all that agents tell a relay. */
export async function meet(
  ...hosts: readonly [{ readonly runtime: Runtime }, { readonly runtime: Runtime }]
): Promise<void> {
  const sent: { readonly to: number; readonly update: Uint8Array }[] = [];
  const showings = hosts.map(({ runtime }, i) =>
    forkShowing(runtime, (update) => sent.push({ to: 1 - i, update })),
  );
  for (const [i, { runtime }] of hosts.entries()) {
    const other = hosts[1 - i]?.runtime.stateVector() ?? new Uint8Array();
    for (const update of runtime.lackedBy(other)) sent.push({ to: 1 - i, update });
    showings[i]?.begin();
  }
  for (let next = sent.shift(); next !== undefined; next = sent.shift()) {
    const refused = (await hosts[next.to]?.runtime.update(next.update)) ?? [];
    showings[next.to]?.met(refused);
  }
}
