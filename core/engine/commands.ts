import { mayVoid } from '../decide/vote.ts';
import { newestOf } from '../state/membership.ts';
import { proposalOf } from '../state/proposals.ts';
import { isLogId, type LogId } from '../units.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import { BODIES } from '../wire/bodies.ts';
import { decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { decodeShape, type Shape } from '../wire/shape.ts';
import { type Answer, answer, type Effect, type NewRecord } from './effect.ts';
import { attach, release } from './holdings.ts';
import { hearTool } from './idle-tools.ts';
import type { Command, Input } from './input.ts';
import { checkout } from './leasing.ts';
import { acksOf, type Model, newestVersion, self } from './model.ts';
import { replacing } from './newcomers.ts';
import { draftRegistry, lacksRole, publish, unsure } from './publishing.ts';
import { give, surrender } from './seat-commands.ts';
import { signCandidate } from './signing.ts';
import { ackEffect } from './voting.ts';

/** Carries out a client's command. Every command is answered exactly once. */
export function obey(model: Model, input: Input & { readonly kind: 'command' }): Effect[] {
  const effects = carryOut(model, input);
  for (const effect of effects) {
    const unreadable = effect.kind === 'append' ? whyUnreadable(effect.record) : null;
    // What others could not read would be signed for nothing, or not be a record at all.
    if (unreadable !== null) return refuse(input.call, 'malformed', unreadable);
  }
  return effects;
}

function whyUnreadable({ body, type }: NewRecord): string | null {
  const shape = BODIES[type] as Shape<NewRecord['body']>;
  const read = decodeCbor(encodeCbor(shape.encode(body)));
  const decoded = read.ok ? decodeShape(shape, read.value) : read;
  return decoded.ok ? null : (decoded.detail ?? decoded.reason);
}

function carryOut(model: Model, input: Input & { readonly kind: 'command' }): Effect[] {
  const { call, command } = input;
  switch (command.do) {
    case 'checkout':
      return checkout(model, input, command.request, command.id, command.secret);
    case 'attach':
      return attach(model, input, command.lease, command.secret);
    case 'return':
      return returnLease(model, call, command.lease);
    case 'active':
      return hearTool(model, call, command.lease);
    case 'return-all': {
      const leases = [...model.leases.values()].flatMap(({ lease: { id, tie } }) =>
        tie === 'linger' ? [] : [id],
      );
      const effects = leases.flatMap((id) => release(model, id, 'returned'));
      return [...effects, answer(call, { ok: true, kind: 'returned', leases })];
    }
    case 'cancel':
      return cancel(model, input, command.ticket);
    case 'set-registry':
      return draftRegistry(model, call, command);
    case 'publish':
      return publish(model, call, command);
    case 'sign':
      return signCandidate(model, call, command.candidate);
    case 'void':
      return voidVersion(model, call, command.version);
    case 'invite':
      return invite(model, call, command);
    case 'revoke':
      return revoke(model, call, command);
    case 'remove':
      return remove(model, call, command);
    case 'give':
      return give(model, call, command);
    case 'surrender':
      return surrender(model, call, command);
  }
}

/** Answers the command that wanted a record, now that it has a place in the log and is about to be on disk. */
export function answerAppended(model: Model, record: VerifiedRecord, call: number): Effect[] {
  return [answer(call, appendedAnswer(model, record, call))];
}

function appendedAnswer(model: Model, record: VerifiedRecord, call: number): Answer {
  const admitted = model.admitted.get(call) ?? [];
  model.admitted.delete(call);
  const { log, seq } = record;
  if (record.type === 'invite') {
    return { ok: true, kind: 'recorded', log, seq, replaces: replacing(model, record.body).replaces };
  }
  if (record.type !== 'candidate') return { ok: true, kind: 'recorded', log, seq };
  const { version } = record.body;
  // The issuers of the newest version have to sign, and those that the new one names (rule R1).
  const newest = newestOf(model.state.membership);
  const proposed = proposalOf(model.state.membership, record.hash, newest)?.roster ?? newest.roster;
  const needed = Math.max(newest.roster.policy.issuers, proposed.policy.issuers);
  return { ok: true, kind: 'published', version, candidate: record.hash, signatures: 1, needed, admitted };
}

function returnLease(model: Model, call: number, id: string): Effect[] {
  const tie = model.leases.get(id)?.lease.tie ?? 'linger';
  // One that lingers has been given back already.
  if (tie === 'linger') return refuse(call, 'not-found', `no lease ${id}`);
  return [...release(model, id, 'returned'), answer(call, { ok: true, kind: 'returned', leases: [id] })];
}

function cancel(model: Model, { call, client }: Input & { kind: 'command' }, ticket: number): Effect[] {
  const at = model.queue.findIndex((waiting) => waiting.ticket === ticket && waiting.client === client);
  if (at < 0) return refuse(call, 'not-found', `no checkout waits with ticket ${ticket}`);
  model.queue.splice(at, 1);
  return [answer(call, { ok: true, kind: 'done' })];
}

function voidVersion(model: Model, call: number, version: number): Effect[] {
  const newest = newestVersion(model);
  if (newest === null || self(model) === null) return refuse(call, 'not-a-member', NOT_A_MEMBER);
  // It is a vote like any other: a restored host must not cast it before it knows that it is one (rule R7).
  const doubt = unsure(model, false);
  if (doubt !== null) return [answer(call, { ok: false, ...doubt })];
  const decision = mayVoid(model.slots, version, newest, (at) => acksOf(model, at));
  if (!decision.allow) return refuse(call, decision.reason, decision.detail ?? `version ${version}`);
  return [ackEffect(model, version, null), answer(call, { ok: true, kind: 'done' })];
}

const NOT_A_MEMBER = 'no certified version contains this host yet';

function invite(model: Model, call: number, command: Command & { do: 'invite' }): Effect[] {
  const lacking = lacksRole(model, 'issuer');
  if (lacking !== null) return [answer(call, { ok: false, ...lacking })];
  const { class: hostClass, id, key, kind, log, name, roles, until } = command;
  const { evidence } = model.state.membership;
  const taken = model.state.ledger.logs.has(log) || evidence.invitations.has(log);
  if (!isLogId(log) || taken) return refuse(call, 'log-id-taken', `log id ${log}`);
  const classes = newestOf(model.state.membership).roster.policy.classes;
  if (kind === 'host' && (hostClass === null || !classes.has(hostClass))) {
    return refuse(call, 'not-found', `no class ${hostClass}; there are: ${[...classes.keys()].join(', ')}`);
  }
  const body = { log, key, kind, id, name, class: hostClass, roles, until: Math.floor(until) };
  const { outlasting } = replacing(model, body);
  if (outlasting !== null) {
    const detail = `an invitation for ${id} by another issuer is good for longer, until ${outlasting.body.until}, and would count`;
    return refuse(call, 'conflict', detail);
  }
  return append({ type: 'invite', body }, call);
}

function revoke(model: Model, call: number, command: Command & { do: 'revoke' }): Effect[] {
  const lacking = lacksRole(model, 'issuer');
  if (lacking !== null) return [answer(call, { ok: false, ...lacking })];
  const member = newestOf(model.state.membership).roster.members.get(command.principal);
  if (member === undefined) return refuse(call, 'not-found', `no member ${command.principal}`);
  const ends = member.logs.map(({ log }): [LogId, number] => [
    log,
    model.state.ledger.logs.get(log)?.length ?? 0,
  ]);
  return append({ type: 'revoke', body: { logs: new Map(ends), reason: command.reason } }, call);
}

function remove(model: Model, call: number, command: Command & { do: 'remove' }): Effect[] {
  const lacking = lacksRole(model, 'issuer');
  if (lacking !== null) return [answer(call, { ok: false, ...lacking })];
  const { host, lease, reason } = command;
  return append({ type: 'removal', body: { host, lease, reason } }, call);
}

function append(record: NewRecord, call: number): Effect[] {
  return [{ kind: 'append', record, call }];
}

function refuse(call: number, reason: (Answer & { ok: false })['reason'], detail: string): Effect[] {
  return [answer(call, { ok: false, reason, detail })];
}
