import type { AnswerReport } from '../agent/protocol.ts';
import type { Foreseeable, Foresight } from '../engine/foresight.ts';
import type { Command } from '../engine/input.ts';
import type { CommandIo } from './command-io.ts';
import { Denied } from './refusal.ts';

type Positive = Extract<AnswerReport, { ok: true }>;

/** Has the agent do something, and gives the answer of the kind expected. Ends the command when it is no. */
export async function command<K extends Positive['kind']>(
  io: CommandIo,
  wanted: Command,
  ...kinds: readonly K[]
): Promise<Extract<Positive, { kind: K }>> {
  const agent = await io.agent();
  const answer = await agent.request('command', { command: wanted });
  if (!answer.ok) throw new Denied(answer.reason, answer.detail);
  if (!isOneOf(answer, kinds)) {
    throw new Error(`the agent answered ${wanted.do} with ${answer.kind}`);
  }
  return answer;
}

/** What the agent would do, for a dry run. Ends the command where the agent would refuse it. */
export async function foresee(io: CommandIo, wanted: Foreseeable): Promise<Extract<Foresight, { ok: true }>> {
  const agent = await io.agent();
  const foreseen = await agent.request('foresee', { command: wanted });
  if (!foreseen.ok) throw new Denied(foreseen.reason, foreseen.detail);
  return foreseen;
}

/** Refusals that are about who asks, and last: another draft or another day changes nothing. */
const LASTING: ReadonlySet<string> = new Set([
  'not-an-issuer',
  'not-an-editor',
  'not-a-member',
  'restricted',
  'identity-stale',
]);

/** Ends the command where this host may not do such a thing, whatever else stands in its way. */
export async function mustBeAllowed(io: CommandIo, wanted: Foreseeable): Promise<void> {
  const agent = await io.agent();
  const foreseen = await agent.request('foresee', { command: wanted });
  if (!foreseen.ok && LASTING.has(foreseen.reason)) throw new Denied(foreseen.reason, foreseen.detail);
}

function isOneOf<K extends Positive['kind']>(
  answer: Positive,
  kinds: readonly K[],
): answer is Extract<Positive, { kind: K }> {
  return kinds.some((kind) => kind === answer.kind);
}
