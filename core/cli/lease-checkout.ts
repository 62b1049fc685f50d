import { keepLease, type LeaseState } from '../agent/lease-keeping.ts';
import type { Lease } from '../engine/lease.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { AgentConnection } from './io.ts';
import { foreseeLease, type Grant, giveBack, keepingBy, takeLease, userOf } from './lease-request.ts';
import { showMoment } from './moment.ts';
import { Refusal } from './refusal.ts';

/** What `lease checkout` is told. */
export interface CheckoutOptions {
  readonly user?: string;
  readonly tool: string;
  readonly wait?: boolean;
  readonly hold?: boolean;
  readonly pid?: number;
  readonly dryRun?: boolean;
}

/** `lease checkout`: takes a seat for the process that called, or for as long as this command runs. */
export async function checkout(
  io: CommandIo,
  options: CheckoutOptions & { readonly feature: string },
): Promise<ExitCode> {
  const { feature, hold = false, tool, wait = false } = options;
  const user = userOf(io, options.user);
  const pid = hold ? io.pid : (options.pid ?? io.parent);
  // A lease for a process that is gone would be freed as soon as it is given.
  if (options.pid !== undefined && !io.isRunning(pid)) {
    throw new Refusal('NOT_FOUND', `there is no process ${pid}`);
  }
  const wish = {
    feature,
    user,
    process: { tool, pid, startTime: io.startOf(pid) },
    tie: hold ? ('connection' as const) : ('process' as const),
    wait,
  };
  if (options.dryRun === true) {
    const prospect = await foreseeLease(io, wish);
    const until = hold ? 'until this command is interrupted' : `while process ${pid} lives`;
    io.out.show('CheckoutPlan', { ...wish, ...prospect }, () => [
      `Would ${prospect.queued ? 'wait for' : 'check out'} ${feature} for ${user} and ${tool}, ${until}`,
    ]);
    return EXIT.success;
  }
  const agent = await io.agent();
  const grant = await takeLease(io, agent, wish);
  show(io, grant);
  return hold ? holdOn(io, agent, grant.lease) : EXIT.success;
}

/** Keeps the lease until a person ends it or the agent does. */
async function holdOn(io: CommandIo, agent: AgentConnection, lease: Lease): Promise<ExitCode> {
  const stops: (() => void)[] = [];
  const why = await new Promise<'signal' | LeaseState>((resolve) => {
    stops.push(io.onSignal(() => resolve('signal')));
    const tell = (state: LeaseState) => {
      if (state === 'draining') io.out.warn('A new version waits for this seat; return it soon');
      else if (state !== 'granted' && state !== 'orphaned') resolve(state);
    };
    const kept = keepLease(keepingBy(io, tell), agent, lease);
    stops.push(kept.stop);
    io.out.note('Holding it; Ctrl-C returns it');
  });
  for (const stop of stops) stop();
  if (why !== 'signal') {
    io.out.warn(`The lease is over: ${why}`);
    return EXIT.refused;
  }
  await giveBack(await io.agent(), lease.id, 'interrupted');
  return EXIT.interrupted;
}

function show(io: CommandIo, { lease, token }: Grant): void {
  io.out.show('Lease', { ...shown(lease), token }, () => [
    `${lease.id}  ${lease.feature}  until ${showMoment(lease.end, io.calendar)}`,
  ]);
}

/** A lease without what only its holder may know. */
function shown({ secret: _, versionId: __, ...rest }: Lease) {
  return rest;
}
