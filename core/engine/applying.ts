import { classOf, termAt } from '../decide/lots.ts';
import type { StoreWrite } from '../ports.ts';
import { endOfLog } from '../state/evidence.ts';
import { newestOf } from '../state/membership.ts';
import { memberOf } from '../state/quorum.ts';
import type { Version } from '../state/versions.ts';
import { type Hash, type Seconds, seconds } from '../units.ts';
import { decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { bytes, decodeShape, fields, hash, integer } from '../wire/shape.ts';
import type { Effect } from './effect.ts';
import { release } from './holdings.ts';
import { type Model, mayReport, pendingVersion, self, selfIn } from './model.ts';
import { timeNamed } from './time-named.ts';

/** The key under which the applied version stands. */
export const APPLIED_KEY = 'applied';

const appliedShape = fields({
  version: integer(),
  id: hash,
  content: bytes({ max: Number.MAX_SAFE_INTEGER }),
});

/** The one write that switches a host to a version: whole, or not at all. */
function writeApplied(version: Version, content: Uint8Array): StoreWrite {
  const value = encodeCbor(appliedShape.encode({ version: version.version, id: version.id, content }));
  return { key: APPLIED_KEY, value };
}

/** The key under which stands until when leases may delay the pending version. */
export const DRAINING_KEY = 'draining';

const drainingShape = fields({ id: hash, deadline: integer() });

function writeDraining({ id }: Version, deadline: Seconds): Effect {
  const value = encodeCbor(drainingShape.encode({ id, deadline: Math.floor(deadline) }));
  return { kind: 'write', writes: [{ key: DRAINING_KEY, value }] };
}

/** Until when leases may delay which version, from the store; null for what cannot be read. */
export function readDraining(value: Uint8Array): NonNullable<Model['draining']> | null {
  const decoded = decodeCbor(value);
  const draining = decoded.ok ? decodeShape(drainingShape, decoded.value) : decoded;
  return draining.ok
    ? { id: draining.value.id, deadline: seconds(draining.value.deadline), kept: true }
    : null;
}

/** Which version was applied, from the store; null for what cannot be read. */
export function readApplied(value: Uint8Array): { readonly id: Hash; readonly content: Uint8Array } | null {
  const decoded = decodeCbor(value);
  const applied = decoded.ok ? decodeShape(appliedShape, decoded.value) : decoded;
  return applied.ok ? applied.value : null;
}

/**
 * Applies the pending version when this host's own leases are zero (DESIGN: applying). Until then the version drains:
 * what holds it up is reported, and what may delay it is bounded by the policy's deadline and the end of the term.
 */
export function applyPending(model: Model): Effect[] {
  const pending = pendingVersion(model);
  if (pending === null) {
    model.draining = null;
    return confirmApplied(model);
  }
  const drained = drain(model, pending);
  return model.leases.size > 0
    ? [...drained, ...reportHolding(model, pending)]
    : [...drained, ...apply(model, pending)];
}

function drain(model: Model, pending: Version): Effect[] {
  const before = model.draining;
  if (before?.id === pending.id && before.deadline !== null) return [];
  const deadline = sooner(before?.deadline, deadlineOf(model, pending));
  // A restart must not give the leases that are open another span of the policy's deadline.
  const kept = model.leases.size > 0 && deadline !== null;
  model.draining = { id: pending.id, deadline, kept };
  const begins = before?.id !== pending.id && model.leases.size > 0;
  return [
    ...(kept ? [writeDraining(pending, deadline)] : []),
    ...(begins ? [rolloutEvent(pending, 'draining'), ...tellTools(model)] : []),
  ];
}

// Versions that follow one another quickly must not put the end off each time.
function sooner(a: Seconds | null | undefined, b: Seconds | null): Seconds | null {
  if (a === null || a === undefined || b === null) return a ?? b;
  return a < b ? a : b;
}

function apply(model: Model, pending: Version): Effect[] {
  const content = model.state.configurations.get(pending.id);
  if (content === undefined) return [];
  const forgotten = model.draining?.kept === true ? [{ key: DRAINING_KEY, value: null }] : [];
  const { lower } = model.time;
  model.applied = { version: pending, ...content, ...(lower === null ? {} : { at: Math.floor(lower) }) };
  model.draining = null;
  model.lots = null;
  model.heldReported = '';
  // No lease can come between: the key manager is this function until it returns.
  return [
    { kind: 'write', writes: [writeApplied(pending, content.bytes), ...forgotten] },
    ...confirmApplied(model),
    rolloutEvent(pending, 'applied'),
  ];
}

// A crash between the switch and its record leaves the record to be written at the next start.
function confirmApplied(model: Model): Effect[] {
  const { applied } = model;
  const said = model.state.reports.get(model.self.log)?.applied;
  if (applied === null || !mayReport(model)) return [];
  if (said?.body.candidate === applied.version.id || applied.version.content === null) return [];
  const { content, id, version } = applied.version;
  const at = applied.at === undefined ? {} : { at: applied.at };
  const body = { version, candidate: id, content, ...at };
  return [{ kind: 'append', record: { type: 'applied', body }, call: null }];
}

// Whoever can stop does so now, and the others know by when they must.
function tellTools({ leases }: Model): Effect[] {
  return [...leases.keys()].map((lease) => ({
    kind: 'event',
    to: 'all',
    event: { event: 'lease', lease, state: 'draining' },
  }));
}

/** The instant, in whole seconds as on disk, at which leases under the old version end: the end of the present term, or sooner by the policy's deadline. */
function deadlineOf(model: Model, pending: Version): Seconds | null {
  const { deadline } = pending.roster.policy;
  const { lower } = model.time;
  const { applied } = model;
  // Under the applied version, for the pending one may be what removes this host.
  const member = applied === null ? null : selfIn(model, applied.version.roster);
  const own = applied === null || member === null ? null : classOf(applied.version, member.id);
  if (own === null || lower === null) return null;
  const termEnd = termAt(own.hostClass, lower).until;
  return seconds(deadline === null ? termEnd : Math.min(termEnd, Math.floor(lower + deadline)));
}

/** The instant at which leases under the old version end at the latest; null when nothing drains. */
export function drainsUntil(model: Model): Seconds | null {
  return model.draining?.deadline ?? null;
}

// Others can only answer "why pending" for this host if it tells them; it does so while a rollout waits for it.
function reportHolding(model: Model, pending: Version): Effect[] {
  const leases = [...model.leases.values()].map(({ lease }) => ({
    id: lease.id,
    feature: lease.feature,
    user: lease.user,
    tool: lease.process.tool,
    pid: lease.process.pid,
    since: Math.floor(lease.since),
    end: Math.floor(lease.end),
  }));
  const text = `${pending.id} ${leases.map((lease) => `${lease.id} ${lease.end}`).join(' ')}`;
  if (text === model.heldReported || !mayReport(model)) return [];
  model.heldReported = text;
  const body = { version: pending.version, leases: leases.slice(0, MAX_REPORTED), ...timeNamed(model) };
  return [{ kind: 'append', record: { type: 'holding', body }, call: null }];
}

const MAX_REPORTED = 1024;

/** Ends leases that an administrator has removed; each removal is looked at once (DESIGN: leases). */
export function obeyRemovals(model: Model): Effect[] {
  const { evidence, forks, versions } = model.state.membership;
  if (versions.length === 0) return [];
  const { roster } = newestOf(model.state.membership);
  const effects: Effect[] = [];
  for (; model.removalsSeen < evidence.removals.length; model.removalsSeen++) {
    const removal = evidence.removals[model.removalsSeen];
    if (removal === undefined || removal.body.host !== self(model)?.id) continue;
    const author = memberOf(roster, removal.log, removal.key);
    const end = endOfLog(evidence, forks, roster, removal.log);
    if (author?.roles.includes('issuer') && (end === null || removal.seq < end)) {
      effects.push(...release(model, removal.body.lease, 'removed'));
    }
  }
  return effects;
}

function rolloutEvent(version: Version, state: string): Effect {
  return { kind: 'event', to: 'all', event: { event: 'rollout', version: version.version, state } };
}
