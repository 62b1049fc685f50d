import { nextUndecided } from '../decide/vote.ts';
import { keyOf } from '../ledger/ledger.ts';
import { type Configuration, rosterOf } from '../state/compile.ts';
import { DEMAND_SPAN, demandOf, withDemand } from '../state/demand.ts';
import { branchFold, type DraftFold } from '../state/draft-fold.ts';
import { admit, draftState, setRegistry, toRegistry } from '../state/drafts.ts';
import { compileFold } from '../state/judgement.ts';
import { newestOf } from '../state/membership.ts';
import { proposalsOn } from '../state/proposals.ts';
import { voterOf } from '../state/quorum.ts';
import { parseRegistry, type Registry } from '../state/registry.ts';
import { rebaseRegistry } from '../state/registry-rebase.ts';
import { reparseRegistry } from '../state/registry-reparse.ts';
import { diffRoster, rosterChangeToValue, rosterHash } from '../state/roster-codec.ts';
import { sameData } from '../state/same-data.ts';
import { usageRecords } from '../state/usage-records.ts';
import type { Version } from '../state/versions.ts';
import type { Hash, LogId } from '../units.ts';
import type { CborValue } from '../wire/cbor.ts';
import { answer, type CommandReason, type Effect, type NewRecord } from './effect.ts';
import type { Command } from './input.ts';
import { acksOf, isRestricted, type Model, self } from './model.ts';
import { votersWithoutVoice, withoutVoice } from './new-voters.ts';
import { fittingAmong, newcomersOf, withNewcomer } from './newcomers.ts';
import { reachesPastRestriction } from './voting.ts';

type Refusal = { readonly reason: CommandReason; readonly detail: string };

/** Why a host that may have been restored signs nothing before others have shown what they hold of its log (rule R7); null if it may. */
export function unsure({ compared, stale }: Model, vouched: boolean): Refusal | null {
  if (stale) return { reason: 'identity-stale', detail: 'this host must rejoin before it signs anything' };
  if (compared || vouched) return null;
  return { reason: 'not-compared', detail: "no relay has shown yet what it holds of this host's log" };
}

/** Why this principal may not act in a role, or null. */
export function lacksRole(model: Model, role: 'issuer' | 'editor'): Refusal | null {
  const member = self(model);
  // A host restored with nothing outside to say so would sign a second history (rule R7); offline, the counter has to do.
  const doubt = unsure(model, model.vouched);
  if (doubt !== null) return doubt;
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
type Publication =
  | {
      readonly ok: true;
      readonly version: number;
      readonly drafts: readonly DraftRecord[];
      readonly candidate: NewRecord & { readonly type: 'candidate' };
      /** Newcomers whom the version makes members. */
      readonly admitted: readonly string[];
    }
  | ({ readonly ok: false } & Refusal);

/** Prepares the next version: newcomers admitted, seats where they are needed, the draft compiled, skipped versions proven closed (rules R1, R4). */
function preparePublication(model: Model, message: string, expect: number | null): Publication {
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
  const { admitted, before, compiled, drafts, fold } = compileDraft(model, parent, version);
  if (!compiled.ok) return refuse('invalid-registry', compiled.detail ?? compiled.reason);
  const { configuration, content } = compiled.value;
  if (before !== undefined && sameData(before.registry, configuration.registry)) {
    return refuse('nothing-to-publish', `the draft says what version ${parent.version} says`);
  }
  const [mute] = votersWithoutVoice(model, configuration.roster, parent);
  if (mute !== undefined) return refuse('invalid-registry', withoutVoice(mute));
  const own = waitingProposal(model, version, content, message);
  if (own !== null) {
    return refuse('already-signed', `candidate ${own} says the same, is signed by this issuer, and waits`);
  }
  const change = rosterChangeToValue(diffRoster(parent.roster, configuration.roster)) as CborValue;
  const roster = rosterHash(configuration.roster);
  const frontier = frontierOf(parent, fold);
  const skips = skipsFrom(model, parent, version);
  const body = { version, parent: parent.id, frontier, change, roster, content, message, skips };
  return { ok: true, version, drafts, candidate: { type: 'candidate', body }, admitted };
}

/** The draft compiled as publishing it upon `parent` would, with the drafts that publishing adds. The model stays as it is. */
export function compileDraft(model: Model, parent: Version, version: number) {
  const { ledger } = model.state;
  const before = model.state.configurations.get(parent.id)?.configuration;
  const prepared = prepareDraft(model, parent, before);
  const known = (log: LogId) => keyOf(ledger, log);
  const compiled = compileFold(ledger, prepared.fold, parent, version, known, before);
  return { ...prepared, before, compiled };
}

// A duty that publishes every night would otherwise add a rival each night that another issuer has not signed yet.
function waitingProposal(model: Model, version: number, content: Hash, message: string): Hash | null {
  const id = self(model)?.id;
  const same = proposalsOn(model.state.membership, newestOf(model.state.membership)).find(
    (proposal) =>
      proposal.version === version &&
      proposal.content === content &&
      proposal.message === message &&
      id !== undefined &&
      proposal.signers.has(id) &&
      !reachesPastRestriction(model, proposal),
  );
  return same?.id ?? null;
}

function refuse(reason: CommandReason, detail: string): Publication {
  return { ok: false, reason, detail };
}

interface Prepared {
  readonly admitted: readonly string[];
  readonly drafts: readonly DraftRecord[];
  readonly fold: DraftFold;
}

// Whoever joined by a valid invitation becomes a member with the next version, as the invitation says; and seats go where
// they have been needed. Both are written into the draft: others compile it, who may lack the records of use.
function prepareDraft(model: Model, parent: Version, before: Configuration | undefined): Prepared {
  const { live } = model.state;
  const none = { admitted: [], drafts: [], fold: live };
  const newcomers = newcomersOf(model);
  if (newcomers.length === 0 && model.state.usage.size === 0) return none;
  if (lacksRole(model, 'editor') !== null) return none;
  const parsed = reparseRegistry(toRegistry(live.draft), before?.registry);
  if (!parsed.ok) return none;
  const fitting = fittingAmong(newcomers, parsed.value);
  const joined = fitting.reduce(withNewcomer, parsed.value);
  // What has been needed alone is no reason for a version: seats float in the meantime.
  const changes = before === undefined || !sameData(before.registry, joined);
  const registry = changes ? whereNeeded(model, parent, joined) : joined;
  const drafts = editsFor(model, live, registry);
  if (drafts.length === 0) return { ...none, admitted: fitting.map(({ id }) => id) };
  const fold = branchFold(live);
  for (const { body } of drafts) admit(fold.draft, { log: model.self.log, ...body });
  const own = model.state.ledger.logs.get(model.self.log)?.length ?? 0;
  fold.cursors.set(model.self.log, own + drafts.length);
  return { admitted: fitting.map(({ id }) => id), drafts, fold };
}

function whereNeeded({ state, time }: Model, parent: Version, registry: Registry): Registry {
  if (time.lower === null) return registry;
  const span = { since: time.lower - DEMAND_SPAN, until: time.lower };
  const roster = rosterOf(registry, parent.roster);
  return withDemand(registry, roster, demandOf(usageRecords(state, span)));
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
