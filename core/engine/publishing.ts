import { nextUndecided } from '../decide/vote.ts';
import { keyOf } from '../ledger/ledger.ts';
import { branchFold, type DraftFold } from '../state/draft-fold.ts';
import { admit, draftState, setRegistry, toRegistry } from '../state/drafts.ts';
import { compileFold } from '../state/judgement.ts';
import { invitationOf, isPastEnd, type Membership, newestOf, proposalsOn } from '../state/membership.ts';
import { ownerOf, voterOf } from '../state/quorum.ts';
import { entryOf, parseRegistry, type Registry } from '../state/registry.ts';
import { checkRegistry } from '../state/registry-check.ts';
import { rebaseRegistry } from '../state/registry-rebase.ts';
import { diffRoster, rosterChangeToValue, rosterHash } from '../state/roster-codec.ts';
import type { Version } from '../state/versions.ts';
import type { LogId } from '../units.ts';
import type { CborValue } from '../wire/cbor.ts';
import type { CommandReason, Effect, NewRecord } from './effect.ts';
import type { Command } from './input.ts';
import { answer } from './leasing.ts';
import { acksOf, isRestricted, type Model, self } from './model.ts';

type Refusal = { readonly reason: CommandReason; readonly detail: string };

/** Why this principal may not act in a role, or null. */
export function lacksRole(model: Model, role: 'issuer' | 'editor'): Refusal | null {
  const member = self(model);
  if (model.stale)
    return { reason: 'identity-stale', detail: 'this host must rejoin before it signs anything' };
  if (member === null)
    return { reason: 'not-a-member', detail: 'no certified version contains this host yet' };
  if (isRestricted(model))
    return { reason: 'restricted', detail: "this host's log has been revoked or frozen" };
  if (member.roles.includes(role)) return null;
  const reason = role === 'issuer' ? 'not-an-issuer' : 'not-an-editor';
  return { reason, detail: `${member.id} has the roles: ${member.roles.join(', ') || 'none'}` };
}

/** Writes the draft records that make the registry as drafted into the wanted one. */
export function draftRegistry(
  model: Model,
  call: number,
  { registry, was }: Command & { readonly do: 'set-registry' },
): Effect[] {
  const lacking = lacksRole(model, 'editor');
  if (lacking !== null) return [answer(call, { ok: false, ...lacking })];
  // Somebody else's edit since the client read the draft is not undone by writing back what it read.
  const wanted =
    was === undefined ? registry : rebaseRegistry(was, registry, toRegistry(model.state.live.draft));
  const parsed = parseRegistry(wanted);
  if (!parsed.ok) {
    const detail = (parsed.misfits ?? []).map(({ message, path }) => `${path}: ${message}`).join('; ');
    return [answer(call, { ok: false, reason: 'invalid-registry', detail })];
  }
  const edits = editsFor(model, model.state.live, parsed.value);
  return [
    ...edits.map((record): Effect => ({ kind: 'append', record, call: null })),
    answer(call, { ok: true, kind: 'drafted', records: edits.length }),
  ];
}

type DraftRecord = NewRecord & { readonly type: 'draft' };

function editsFor(model: Model, fold: DraftFold, wanted: Registry): readonly DraftRecord[] {
  const base = new Map(draftState(fold.draft));
  base.delete(model.self.log);
  return setRegistry(fold.draft, model.self.log, wanted).map((update) => ({
    ...{ type: 'draft', body: { base, update } },
  }));
}

/** What publishing now would sign, or why it cannot. */
export type Publication =
  | {
      readonly ok: true;
      readonly version: number;
      readonly drafts: readonly DraftRecord[];
      readonly candidate: NewRecord & { readonly type: 'candidate' };
      /** Newcomers whom the version makes members. */
      readonly admitted: readonly string[];
    }
  | ({ readonly ok: false } & Refusal);

/** Prepares the next version: newcomers admitted, the draft compiled, skipped versions proven closed (rules R1, R4). */
export function preparePublication(model: Model, message: string, expect: number | null): Publication {
  const lacking = lacksRole(model, 'issuer');
  if (lacking !== null) return { ok: false, ...lacking };
  const { membership, settled } = model.state;
  const parent = newestOf(membership);
  if (expect !== null && expect !== parent.version) {
    return refuse('conflict', `expected version ${expect}, the newest is ${parent.version}`);
  }
  if (settled.length < membership.versions.length) {
    return refuse('conflict', `drafts of version ${parent.version} have not arrived yet`);
  }
  const version = nextUndecided(parent, (at) => acksOf(model, at));
  const rival = proposalsOn(membership, parent).find(
    (proposal) =>
      proposal.version === version && acksOf(model, version).some((ack) => ack.candidate === proposal.id),
  );
  if (rival !== undefined) {
    return refuse(
      'undecided-version',
      `a candidate for version ${version} by ${rival.author} has acks already`,
    );
  }
  return compilePublication(model, parent, version, message);
}

function compilePublication(model: Model, parent: Version, version: number, message: string): Publication {
  const fold = branchFold(model.state.live);
  const { admitted, drafts } = admitNewcomers(model, fold);
  const own = model.state.ledger.logs.get(model.self.log)?.length ?? 0;
  if (drafts.length > 0) fold.cursors.set(model.self.log, own + drafts.length);
  const { ledger } = model.state;
  const compiled = compileFold(ledger.realm, fold, parent, version, (log) => keyOf(ledger, log));
  if (!compiled.ok) return refuse('invalid-registry', compiled.detail ?? compiled.reason);
  const { configuration, content } = compiled.value;
  const before = model.state.configurations.get(parent.id)?.configuration;
  if (before !== undefined && sameRegistry(before.registry, configuration.registry)) {
    return refuse('nothing-to-publish', `the draft says what version ${parent.version} says`);
  }
  const change = rosterChangeToValue(diffRoster(parent.roster, configuration.roster)) as CborValue;
  const roster = rosterHash(configuration.roster);
  const frontier = frontierOf(parent, fold);
  const skips = skipsFrom(model, parent, version);
  const body = { version, parent: parent.id, frontier, change, roster, content, message, skips };
  return { ok: true, version, drafts, candidate: { type: 'candidate', body }, admitted };
}

function refuse(reason: CommandReason, detail: string): Publication {
  return { ok: false, reason, detail };
}

function sameRegistry(a: Registry, b: Registry): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1));
  return entries.map(([key, item]) => [key, sorted(item)]);
}

// Whoever joined by a valid invitation becomes a member with the next version, as the invitation says.
function admitNewcomers(
  model: Model,
  fold: DraftFold,
): { readonly admitted: readonly string[]; readonly drafts: readonly DraftRecord[] } {
  const none = { admitted: [], drafts: [] };
  if (lacksRole(model, 'editor') !== null) return none;
  const parsed = parseRegistry(toRegistry(fold.draft));
  const fitting = parsed.ok ? fittingNewcomers(model, parsed.value) : [];
  if (!parsed.ok || fitting.length === 0) return none;
  const registry = fitting.reduce(withNewcomer, parsed.value);
  const drafts = editsFor(model, fold, registry);
  for (const { body } of drafts) admit(fold.draft, { log: model.self.log, ...body });
  return { admitted: fitting.map(({ id }) => id), drafts };
}

// The attack: one invitation to a class that is gone, or in another's name, would stop every publication.
function fittingNewcomers(model: Model, registry: Registry): readonly Newcomer[] {
  const newcomers = newcomersOf(model);
  const problems = (of: Registry) =>
    parseRegistry(of).ok ? checkRegistry(of).length : Number.POSITIVE_INFINITY;
  const before = problems(registry);
  if (problems(newcomers.reduce(withNewcomer, registry)) <= before) return newcomers;
  return newcomers.filter((newcomer) => problems(withNewcomer(registry, newcomer)) <= before);
}

interface Newcomer {
  readonly id: string;
  readonly log: LogId;
  readonly key: string;
  readonly kind: 'host' | 'person';
  readonly name: string;
  readonly class: string | null;
  readonly roles: Registry['hosts'][string]['roles'];
}

/** Logs that began by invitation and never belonged to a member: those whom the next version admits. */
export function newcomersOf(model: Model): readonly Newcomer[] {
  const { ledger, membership } = model.state;
  const newcomers: Newcomer[] = [];
  for (const log of membership.evidence.invitations.keys()) {
    const join = ledger.logs.get(log)?.[0];
    const invitation = invitationOf(membership, log);
    if (join?.type !== 'join' || !join.proven || invitation === null) continue;
    // The attack: whoever has been removed would come back with the next version, for the invitation still stands.
    if (wasMember(membership, log) || isPastEnd(membership, join)) continue;
    // An invitation that has ended admits nobody, however late that is noticed.
    if (hasEnded(model, invitation.body.until)) continue;
    const { class: hostClass, id, kind, name, roles } = invitation.body;
    newcomers.push({ id, log, key: join.key, kind, name, class: hostClass, roles: [...roles] });
  }
  return newcomers;
}

function wasMember({ versions }: Membership, log: LogId): boolean {
  return versions.some(({ roster }) => ownerOf(roster, log) !== undefined);
}

function hasEnded(model: Model, until: number): boolean {
  return model.time.lower !== null && model.time.lower > until;
}

function withNewcomer(registry: Registry, newcomer: Newcomer): Registry {
  const { id, key, kind, log, name, roles } = newcomer;
  const logs = { [String(log)]: key };
  if (kind === 'person') {
    const known = entryOf(registry.people, id);
    const person = { name, ...known, logs: { ...known?.logs, ...logs }, roles: union(known?.roles, roles) };
    return { ...registry, people: { ...registry.people, [id]: person } };
  }
  const known = registry.hosts[id];
  // A host has one log: who joins under the id of one takes its place, as after a restored disk (rule R7).
  const host = { name, class: newcomer.class ?? '', ...known, logs, roles: union(known?.roles, roles) };
  return { ...registry, hosts: { ...registry.hosts, [id]: host } };
}

function union<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): T[] {
  return [...new Set([...(a ?? []), ...(b ?? [])])].sort();
}

function frontierOf(parent: Version, fold: DraftFold): ReadonlyMap<LogId, number> {
  const frontier = new Map(parent.frontier);
  for (const [log, next] of fold.cursors) frontier.set(log, Math.max(next, frontier.get(log) ?? 0));
  return frontier;
}

function skipsFrom(model: Model, parent: Version, version: number) {
  const skips = [];
  for (let between = parent.version + 1; between < version; between++) {
    const rosters = [parent.roster, ...acksOf(model, between).flatMap(({ child }) => child ?? [])];
    const acks = model.state.membership.evidence.acks.get(between) ?? [];
    // Hosts that do not vote ack too, and thousands of them have no place in a proof.
    const deciding = acks.filter((ack) =>
      rosters.some((roster) => voterOf(roster, ack.log, ack.key) !== null),
    );
    skips.push({ version: between, acks: deciding.map((ack) => ack.bytes) });
  }
  return skips;
}

/** Publishes: the drafts that admit newcomers, then the candidate, whose record answers the command when it is on disk. */
export function publish(model: Model, call: number, command: Command & { do: 'publish' }): Effect[] {
  const publication = preparePublication(model, command.message, command.expect);
  if (!publication.ok) {
    return [answer(call, { ok: false, reason: publication.reason, detail: publication.detail })];
  }
  model.admitted.set(call, publication.admitted);
  return [
    ...publication.drafts.map((record): Effect => ({ kind: 'append', record, call: null })),
    { kind: 'append', record: publication.candidate, call },
  ];
}
