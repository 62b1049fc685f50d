import { isRestricted, type Model, mayReport } from '../../core/engine/model.ts';
import { isTermOpen } from '../../core/state/evidence.ts';
import type { Membership } from '../../core/state/membership.ts';
import type { LogId } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import type { SimHost } from './host.ts';
import { digestOf } from './oracle.ts';
import type { World } from './world.ts';

/** Whether a host takes part: one that must begin anew only reads. */
export function isSound(host: SimHost): boolean {
  return host.runtime !== null && !host.runtime.model.stale;
}

/** Holds all hosts to having come to the same, and to having lost nothing that others have seen. */
export function compareAll(world: World): void {
  const { oracle } = world;
  for (const host of world.hosts) {
    if (host.runtime === null) oracle.fail('no-fault', `${host.name} does not run`);
  }
  const sound = world.hosts.filter(isSound);
  const [first] = sound;
  if (first === undefined) return;
  const forks = earliestForks(world.hosts);
  const wanted = view(first, forks);
  for (const host of sound) {
    for (const [part, value] of Object.entries(view(host, forks))) {
      const expected = wanted[part];
      if (value === expected || expected === undefined) continue;
      oracle.fail('converged', `${part} of ${host.name} is ${value}, of ${first.name} ${expected}`);
    }
  }
  if (first.runtime !== null) checkTerms(world, first.runtime.model);
  for (const [log, history] of oracle.seen) {
    const lost = world.hosts.some((host) => host.log === log && host.restored);
    const ledger = first.runtime?.model.state.ledger.logs.get(log) ?? [];
    for (const [seq, digest] of history) {
      const record = ledger[seq];
      if (lost || (record !== undefined && digestOf(record.bytes) === digest)) continue;
      oracle.fail('nothing-lost', `record ${seq} of log ${log} was seen and is not in the ledgers`);
    }
  }
}

// A quorum opens a term for one version only (rules T1 to T3), whatever the hosts make of it.
function checkTerms(world: World, { state }: Model): void {
  const { evidence, versions } = state.membership;
  const openedFor = new Map<string, number>();
  for (const of of versions) {
    for (const name of of.roster.policy.classes.keys()) {
      for (const term of termsIn(evidence, of.id, name)) {
        if (!isTermOpen(evidence, of, name, term)) continue;
        const place = `term ${term} of ${name}`;
        const other = openedFor.get(place);
        if (other !== undefined) {
          world.oracle.fail('one-term-one-version', `${place} is opened for ${other} and ${of.version}`);
        }
        openedFor.set(place, of.version);
      }
    }
  }
}

function termsIn(evidence: Membership['evidence'], of: string, name: string): readonly number[] {
  const start = `${of}/${name}/`;
  const keys = [...evidence.terms.keys()].filter((key) => key.startsWith(start));
  return keys.map((key) => Number(key.slice(start.length)));
}

/** Ends some processes and begins them anew: what was known before is known again. */
export async function reopenSome(world: World, pass: (seconds: number) => Promise<void>): Promise<void> {
  const some = new Set([world.random.pick(world.hosts), world.random.pick(world.hosts)]);
  const before = new Map([...some].map((host) => [host, memory(host)]));
  const after = new Map<SimHost, Memory>();
  for (const host of some) {
    host.crash('calm');
    // Read at once: the next moment may be the first of a term, which a voter opens as soon as it looks at the clock.
    host.start(Number.POSITIVE_INFINITY, () => after.set(host, memory(host)));
  }
  // Time passes for them only when something is to be done.
  world.timeline.after(0, () => undefined);
  await pass(0.001);
  for (const [host, known] of before) {
    for (const [part, value] of Object.entries(after.get(host) ?? DOWN)) {
      if (value === known[part]) continue;
      world.oracle.fail('reopens-alike', `${part} of ${host.name} was ${known[part]} and is ${value}`);
    }
  }
}

/** What a host knows, part by part. */
type Memory = Readonly<Record<string, string>>;

const DOWN: Memory = { running: 'no' };

function memory(host: SimHost): Memory {
  const model = host.runtime?.model;
  if (model === undefined) return DOWN;
  const { applied, candidates, ledger, versions } = view(host, new Map());
  const slots = [...model.slots].map(([version, candidate]) => `${version} ${candidate}`);
  const opened = [...model.opened].map(([name, term]) => `${name} ${term}`);
  return {
    ...{ running: 'yes', applied: `${applied}`, candidates: `${candidates}` },
    ...{ ledger: `${ledger}`, versions: `${versions}` },
    ...{ slots: slots.sort().join(', '), opened: opened.sort().join(', ') },
    leases: [...model.leases.keys()].sort().join(', '),
    stale: `${model.stale}`,
  };
}

function endOf(records: readonly VerifiedRecord[]): string {
  return `${records.length} ${records.at(-1)?.hash.slice(0, 8)}`;
}

function forksIn(forks: Membership['forks']): string {
  const places = [...forks].map(([log, { seq }]) => `${log} at ${seq}`);
  return places.sort().join(', ');
}

function earliestForks(hosts: readonly SimHost[]): ReadonlyMap<LogId, number> {
  const earliest = new Map<LogId, number>();
  for (const { runtime } of hosts) {
    for (const [log, { seq }] of runtime?.model.state.membership.forks ?? []) {
      earliest.set(log, Math.min(seq, earliest.get(log) ?? seq));
    }
  }
  return earliest;
}

// Of a log with two histories each host keeps the one that it met first.
function view(host: SimHost, cuts: ReadonlyMap<LogId, number>): Readonly<Record<string, string>> {
  const model = host.runtime?.model;
  if (model === undefined) return {};
  const { evidence, forks, versions } = model.state.membership;
  const speaks = mayReport(model) && !isRestricted(model);
  const logs = [...model.state.ledger.logs].sort(([a], [b]) => a - b);
  const chain = versions.map(({ firstTerms, id, version }) => {
    const terms = [...firstTerms].sort().map(([name, term]) => `${name} from ${term}`);
    return `${version} ${id.slice(0, 8)} (${terms.join(', ')})`;
  });
  return {
    // Who may not write has nobody to tell of a fork that nobody else has met.
    ...(speaks ? { forks: forksIn(forks) } : {}),
    ledger: logs.map(([log, records]) => `${log}: ${endOf(records.slice(0, cuts.get(log)))}`).join(', '),
    versions: chain.join(', '),
    candidates: [...evidence.candidates.keys()].sort().join(', '),
    applied: `${model.applied?.version.version} ${Buffer.from(model.applied?.bytes ?? [])
      .toString('base64')
      .slice(-400)}`,
  };
}
