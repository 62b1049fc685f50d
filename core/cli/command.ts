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

function isOneOf<K extends Positive['kind']>(
  answer: Positive,
  kinds: readonly K[],
): answer is Extract<Positive, { kind: K }> {
  return kinds.some((kind) => kind === answer.kind);
}
